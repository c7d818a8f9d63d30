"""Every setting: its default, unit and meaning, in frozen groups, one per concern.

Values here are plain (seconds as float, bytes as int); `crawlctl.settings` reads TOML and the environment, where
durations and sizes are written `1.5s`, `24h`, `20MiB`. Nothing here reads a file or the environment.
"""

from dataclasses import dataclass, field
from typing import Final

from contracts.cluster import Cluster, Kafka, Postgres
from contracts.options import DAY, HOUR, KIB, MIB, setting
from contracts.removal import Notices, Operator, Rechecks, Retention, Review, Shield

PRODUCT_TOKEN: Final = "Pisaura"


@dataclass(frozen=True)
class Politeness:
    """How gently a host is treated."""

    delay: float = setting(1.0, "seconds", "wait between the end of one request to a host and the start of the next")
    parallel: int = setting(1, "1", "requests at a time to one host", least=1)
    slow_factor: float = setting(
        2.0, "1", "the wait is at least this many times the last request's duration", most=1000
    )
    max_delay: float = setting(60.0, "seconds", "longest wait that a slow host is given by slow_factor")
    max_crawl_delay: float = setting(
        60.0, "seconds", "longest robots.txt crawl-delay that is honoured; above it the host is refused"
    )
    backoff: float = setting(10.0, "seconds", "first wait after an error of a host; doubles with each further one")
    max_backoff: float = setting(6 * HOUR, "seconds", "longest wait after repeated errors of a host")
    jitter: float = setting(0.2, "1", "share of a back-off that chance may add", most=10)
    max_retry_after: float = setting(
        7 * DAY, "seconds", "longest Retry-After that is obeyed as it stands; above it the host waits this long"
    )
    address_sites: int = setting(
        8, "1", "sites on one server address that share a single permit; above, one permit per so many sites", least=1
    )
    media_hosts: list[str] = setting(
        [],
        "patterns",
        "hosts of pictures and videos, whose owners are fine with it, that may have several orders for media out",
    )
    media_orders: int = setting(
        4,
        "1",
        "orders for media that may be out at a time to each of media_hosts, unless it backs off",
        least=1,
        most=64,
    )
    max_address_permits: int = setting(64, "1", "most requests at a time to one server address", least=1, most=4096)


@dataclass(frozen=True)
class LimitSettings:
    """What one request, one page and one order may cost."""

    page_bytes: int = setting(10 * MIB, "bytes", "most bytes read of a page, decoded; the rest is cut", least=1)
    media_bytes: int = setting(
        64 * MIB, "bytes", "most bytes read of a picture or video; a larger one is refused", least=1
    )
    robots_bytes: int = setting(500 * KIB, "bytes", "most bytes read of a robots.txt (RFC 9309, 2.5)", least=500 * KIB)
    header_bytes: int = setting(64 * KIB, "bytes", "most bytes of response headers", least=KIB)
    expansion: int = setting(100, "1", "most bytes that content decoding may make of one byte on the wire", least=1)
    total: float = setting(30.0, "seconds", "longest time for a request of a page in all", least=0.001)
    media_total: float = setting(
        120.0, "seconds", "longest time for a request of a picture or video in all", least=0.001
    )
    first_byte: float = setting(20.0, "seconds", "longest wait for the first byte of a response", least=0.001)
    min_rate: int = setting(1 * KIB, "bytes/s", "slowest transfer that is endured after 10 seconds")
    redirects: int = setting(10, "1", "most redirects followed from one URL", most=32_000)
    robots_redirects: int = setting(5, "1", "most redirects followed for a robots.txt (RFC 9309, 2.3.1.2)", most=32_000)
    robots_sitemaps: int = setting(100, "1", "most sitemaps taken from one robots.txt")
    errands: int = setting(1_000, "1", "redirected robots.txt files of others that wait for one host at most")
    depth: int = setting(64, "1", "most links from a seed to a page", most=32_000)
    url_bytes: int = setting(2048, "bytes", "longest URL that is fetched", least=1, most=65535)
    links: int = setting(10_000, "1", "most found URLs kept of one page", least=1)
    elements: int = setting(1_000_000, "1", "most elements of one page that are looked at", least=1)
    parse: float = setting(10.0, "seconds", "longest time for parsing one page", least=0.001)
    order_urls: int = setting(20, "1", "most URLs of one order", least=1, most=1000)
    order_run: float = setting(30.0, "seconds", "time that an order is planned to take at most", least=0.001)
    order_start: float = setting(15.0, "seconds", "time within which an order must be started", least=0.001)
    tries: int = setting(4, "1", "fetches of a URL that may fail before it is given up", least=1, most=4096)


@dataclass(frozen=True)
class Budgets:
    """How many URLs a host or site may take of the crawl."""

    host_urls: int = setting(100_000, "1", "most URLs of one host that are ever queued", least=1)
    site_urls: int = setting(1_000_000, "1", "most URLs of one site that are ever queued", least=1)
    pattern_urls: int = setting(
        100_000, "1", "most URLs of one host that share a path pattern (digits and ids blanked)", least=1
    )
    queued: int = setting(50_000_000, "1", "most URLs waiting in the queue of the whole crawl", least=1)


@dataclass(frozen=True)
class Traps:
    """When a space of URLs counts as endless."""

    path_segments: int = setting(32, "1", "most segments of a path", least=1)
    repeated_segments: int = setting(
        3, "1", "times that a path may repeat the same segment or run of segments", least=1
    )
    parameters: int = setting(16, "1", "most query parameters of a URL", least=1)
    parameter_sets: int = setting(64, "1", "most combinations of parameter names under one path", least=1)
    parameter_values: int = setting(2_000, "1", "most query strings under one path", least=1)
    calendar_days: int = setting(
        800, "days", "farthest from today that a date in a URL may be, into the future", most=36500
    )
    near_duplicates: int = setting(
        64, "1", "near-duplicate pages in a row under one path pattern, after which it is refused", least=1
    )
    unproductive_pages: int = setting(
        128,
        "1",
        "pages in a row that led to more pages but showed no new media, under one path pattern, section or host, after which"
        " it is refused (a near-duplicate counts twice; each page with new media adds 8, up to four times the number)",
        least=1,
    )
    drop_parameters: list[str] = setting(
        [
            "utm_*",
            "fbclid",
            "gclid",
            "dclid",
            "msclkid",
            "mc_eid",
            "phpsessid",
            "jsessionid",
            "sid",
            "sessionid",
            "aspsessionid*",
        ],
        "patterns",
        "query parameters dropped from found URLs (tracking and sessions); also ;jsessionid= in paths",
    )


@dataclass(frozen=True)
class Addresses:
    """Which server addresses may be connected to, and who is asked for them."""

    allow: list[str] = setting([], "networks", "networks allowed although they are not globally reachable")
    deny: list[str] = setting([], "networks", "networks never connected to; deny wins over allow")
    nameservers: list[str] = setting([], "ip:port", "name servers to ask; the system's if empty")
    min_ttl: float = setting(60.0, "seconds", "shortest time that a resolved address is kept")
    max_ttl: float = setting(DAY, "seconds", "longest time that a resolved address is kept")
    dns_timeout: float = setting(5.0, "seconds", "longest wait for a name server's answer", least=0.001)


@dataclass(frozen=True)
class Scope:
    """What belongs to the crawl. Exclusions win; with any include list, a URL must be on it."""

    include_sites: list[str] = setting([], "sites", "only these registered domains")
    exclude_sites: list[str] = setting([], "sites", "never these registered domains")
    include_hosts: list[str] = setting([], "patterns", "only these hosts; * matches any run of characters")
    exclude_hosts: list[str] = setting([], "patterns", "never these hosts; * matches any run of characters")
    include_paths: list[str] = setting(
        [], "patterns", "only these paths (with query); robots.txt syntax: prefix, * and $"
    )
    exclude_paths: list[str] = setting(
        [], "patterns", "never these paths (with query); robots.txt syntax: prefix, * and $"
    )
    follow_nofollow: bool = setting(True, "bool", "follow links marked nofollow; robots.txt is always obeyed")


@dataclass(frozen=True)
class Recrawl:
    """When a known URL is fetched again."""

    enabled: bool = setting(True, "bool", "fetch known pages again")
    first: float = setting(
        7 * DAY, "seconds", "first interval; halved when the page changed, doubled when not", least=1
    )
    shortest: float = setting(1 * DAY, "seconds", "shortest interval", least=1)
    longest: float = setting(90 * DAY, "seconds", "longest interval", least=1)


@dataclass(frozen=True)
class Matching:
    """When a digest counts as known."""

    pdq_distance: int = setting(31, "bits", "largest Hamming distance of PDQ that is a near match (0..40)", most=40)
    pdq_quality: int = setting(50, "1", "lowest PDQ quality of a frame that is looked up", most=100)
    frames: int = setting(
        8, "1", "frames taken of an animation or video, the first and evenly spaced others", least=1, most=1024
    )
    max_pixels: int = setting(100_000_000, "pixels", "largest picture that is decoded", least=1)
    stop_frames: int = setting(10, "1", "unrelated videos that may show a frame before it counts no more", least=1)
    snapshots: str = setting(
        "", "text", "folder of the encrypted snapshot of the index; empty: in the state, in a cluster none"
    )
    shared_memory: str = setting(
        "/dev/shm", "text", "folder in memory where the hashers of a machine share an opened snapshot"
    )


@dataclass(frozen=True)
class Lists:
    """When a known list is not believed (domain, section 1), and how its source is asked."""

    flood_sites: int = setting(
        20, "1", "sites on which an entry may be seen within `flood_time` before it is held", least=1
    )
    flood_time: float = setting(DAY, "seconds", "time in which sites of an entry are counted", least=1)
    rate_factor: float = setting(
        10.0, "1", "times by which a sync may multiply the match rate before it is held", least=1
    )
    rate_floor: int = setting(
        20, "1", "matched places below which a sync is not suspected of multiplying the match rate", least=0
    )
    delete_share: float = setting(
        0.01, "1", "share of a list that a sync may delete before its deletions are held", most=1
    )
    countries: str = setting(
        "", "text", "MaxMind DB file that tells in which country an address is; empty: countries are unknown"
    )
    timeout: float = setting(60.0, "seconds", "longest wait for an answer of a list's source", least=0.001)
    page_bytes: int = setting(64 * MIB, "bytes", "largest answer of a list's source that is read", least=MIB)
    file_bytes: int = setting(64 * 1024 * MIB, "bytes", "largest list that is downloaded from a URL", least=MIB)


@dataclass(frozen=True)
class Workers:
    """Processes and memory of this machine."""

    digest: int = setting(2, "1", "processes that decode pictures and videos", least=1, most=1024)
    parse: int = setting(1, "1", "processes that parse large pages", least=1, most=1024)
    orders: int = setting(256, "1", "orders that this fetcher works on at a time", least=1, most=65536)
    decode_seconds: float = setting(20.0, "seconds", "longest time for decoding one item", least=0.001)
    decode_memory: int = setting(1024 * MIB, "bytes", "memory of one decoding process", least=64 * MIB)
    buffers: int = setting(512 * MIB, "bytes", "memory for media being downloaded or waiting for a worker", least=MIB)
    unsent: int = setting(
        64 * MIB,
        "bytes",
        "memory, about, for outcomes and links of each lane that the log has not taken yet; above it no more orders are begun",
        least=MIB,
    )
    hosts: int = setting(200_000, "1", "hosts kept in memory", least=1)
    seen: int = setting(2_000_000, "1", "URLs remembered as seen", least=1)
    shutdown_grace: float = setting(5.0, "seconds", "time for requests in flight when stopping")
    cycle: float = setting(0.05, "seconds", "shortest time between two transactions of a frontier shard")
    flush: float = setting(0.01, "seconds", "longest time that an outcome waits for company")


@dataclass(frozen=True)
class Caps:
    """Caps of the whole crawl; a rate of 0 means none."""

    pages_per_second: float = setting(0.0, "1/s", "most URLs requested a second")
    bytes_per_second: int = setting(0, "bytes/s", "most bytes received a second")
    connections: int = setting(512, "1", "most connections open at a time", least=1, most=1000000)


@dataclass(frozen=True)
class Storage:
    """The embedded Postgres and the layout of a new state."""

    partitions: int = setting(
        1, "1", "partitions of a new state; a power of two that divides 4096, fixed at creation", least=1, most=4096
    )
    shared_buffers: int = setting(128 * MIB, "bytes", "shared buffers of the embedded Postgres", least=MIB)
    fsync: bool = setting(True, "bool", "wait for the disk; off only for tests and benchmarks")


@dataclass(frozen=True)
class Settings:
    """All groups together, and whose crawl it is."""

    user_agent: str = setting(
        "Pisaura/1.0",
        "agent",
        "User-Agent header: product token Pisaura, and a contact URL without which nothing but loopback is crawled,"
        " for example Pisaura/1.0 (+https://hotline.example/bot)",
    )
    politeness: Politeness = field(default_factory=Politeness)
    limits: LimitSettings = field(default_factory=LimitSettings)
    budgets: Budgets = field(default_factory=Budgets)
    traps: Traps = field(default_factory=Traps)
    addresses: Addresses = field(default_factory=Addresses)
    scope: Scope = field(default_factory=Scope)
    recrawl: Recrawl = field(default_factory=Recrawl)
    matching: Matching = field(default_factory=Matching)
    lists: Lists = field(default_factory=Lists)
    workers: Workers = field(default_factory=Workers)
    caps: Caps = field(default_factory=Caps)
    storage: Storage = field(default_factory=Storage)
    kafka: Kafka = field(default_factory=Kafka)
    postgres: Postgres = field(default_factory=Postgres)
    operator: Operator = field(default_factory=Operator)
    notices: Notices = field(default_factory=Notices)
    rechecks: Rechecks = field(default_factory=Rechecks)
    review: Review = field(default_factory=Review)
    retention: Retention = field(default_factory=Retention)
    shield: Shield = field(default_factory=Shield)
    cluster: Cluster = field(default_factory=Cluster)
