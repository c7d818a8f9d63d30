"""The frontier's state: rows, and the fenced transaction that changes them (design, sections 3 and 5).

Times are unix seconds (float) here and milliseconds in the tables. Rows that travel by the thousand are tuples, in the order
their type alias names.
"""

from enum import IntEnum

from msgspec import Struct

from contracts.messages import OrderKind

FAR: float = 2**53 / 1000
"""A time that never comes: 'nothing is due'."""
EXAMINED = "examined"
"""Counters `examined:<day>:pages` and `:media`: fetched on that day (UTC, days since 1970-01-01)."""


class UrlState(IntEnum):
    """Where a known URL stands. Values are stored."""

    QUEUED = 0
    FETCHED = 1
    REDIRECT = 2
    GONE = 3  # 404, 410
    FAILED = 4  # given up after its tries, or an answer that is no use
    REFUSED = 5


class Lane(IntEnum):
    """Priorities of a host's queue, best first."""

    SEEDS = 0
    NEAR_MATCH = 1
    MATCHED_SITE = 2
    FRESH_HOST = 3
    REST = 4


class HostRow(Struct):
    """A host as stored. `next_at`: no request before; `due_at`: when its earliest queued URL is due (FAR: none)."""

    bucket: int
    host_id: int
    host: str
    site: str
    found_at: float
    next_at: float = 0.0
    due_at: float = FAR
    lane: int = Lane.REST
    queued: int = 0
    urls: int = 0
    errors: int = 0
    why: str = ""
    mean: float = 0.0
    delay: float = -1.0
    crawl_delay: float = 0.0
    paused_until: float = 0.0
    paused_why: str = ""
    addresses: list[str] = []
    addresses_until: float = 0.0
    matches: int = 0
    traps: bytes = b""
    fetched: int = 0


class OriginRow(Struct, frozen=True):
    """The robots.txt of one scheme of a host: `state` is the encoded `frontier.robots.RobotsState`, `body` the file.

    `body` is None where it was not asked for, or, in a transaction, where it stays as it is.
    """

    bucket: int
    host_id: int
    https: bool
    state: bytes
    body: bytes | None = None


class SiteRow(Struct):
    """What a site has taken of its budget, and whether media there matched."""

    bucket: int
    site: str
    urls: int = 0
    matches: int = 0


class QueueItem(Struct, frozen=True, array_like=True, gc=False):
    """A queued URL with what its order needs."""

    lane: int
    due_at: float
    url_id: bytes
    media: bool
    https: bool
    path: str
    kind: int
    depth: int
    hops: int
    tries: int
    lost: int
    fetched_at: float
    interval: float
    etag: str
    last_modified: str
    content_key: bytes
    found_on: list[bytes]
    state: int = UrlState.QUEUED


class HostQueue(Struct, frozen=True):
    """What a host has due now, best first, and when its next URL after these is due (FAR: none known)."""

    bucket: int
    host_id: int
    items: list[QueueItem]
    next_due: float


class Pick(Struct, frozen=True, gc=False):
    """A host of which up to `limit` due URLs are wanted."""

    bucket: int
    host_id: int
    limit: int


NewUrl = tuple[int, int, bytes, bool, str, int, int, int, list[bytes], float, int, float]
"""bucket, host_id, url_id, https, path, kind, depth, hops, found_on, found_at, lane, due_at."""

QueueKey = tuple[int, int, int, float, bytes]
"""bucket, host_id, lane, due_at, url_id: a row of the queue."""

QueueRow = tuple[int, int, int, float, bytes, bool]
"""A `QueueKey` and whether the URL is media."""


class UrlUpdate(Struct, frozen=True, array_like=True, gc=False):
    """What became of one URL; `media` says which table it is in."""

    bucket: int
    host_id: int
    url_id: bytes
    media: bool
    state: UrlState
    status: int
    tries: int
    fetched_at: float
    interval: float
    etag: str
    last_modified: str
    content_key: bytes
    size: int
    why: str


class Lease(Struct, frozen=True):
    """An order that is out: the outbox row. `keys` are the queue rows that it holds, with their tables."""

    order_id: bytes
    partition: int
    epoch: int
    bucket: int
    host_id: int
    host: str
    kind: OrderKind
    address: str
    issued_at: float
    deadline: float
    keys: list[QueueRow]


class PermitRequest(Struct, frozen=True):
    """An order's wish for a permit at a server address; `address` is the unit of permits (IPv6 by /64).

    `most`: how many orders policy lets be out to its host, by name; so many may be at its address.
    """

    address: str
    order_id: bytes
    until: float
    most: int = 1


class PermitRelease(Struct, frozen=True):
    """A permit handed back: no order to the address before `next_at`. `strain`: the site answered 429, 503 or timed out."""

    address: str
    order_id: bytes
    next_at: float
    site: str
    strain: bool
    rests: bool = False
    """The permit itself is out until `next_at`: of several at one address each rests a delay after its order."""


class Fence(Struct, frozen=True):
    """The locked row of one partition: epoch, and how far each topic was read before and is read now (design, rule 4)."""

    partition: int
    epoch: int
    urls_from: int
    urls_to: int
    outcomes_from: int
    outcomes_to: int


class Transaction(Struct):
    """All that one step of the machine changes, committed at once behind its fences."""

    fences: list[Fence] = []
    hosts: list[HostRow] = []
    sites: list[SiteRow] = []
    origins: list[OriginRow] = []
    urls: list[NewUrl] = []
    media: list[NewUrl] = []
    updates: list[UrlUpdate] = []
    moved: list[tuple[int, int, bytes]] = []
    dequeue: list[QueueKey] = []
    enqueue: list[QueueRow] = []
    leases: list[Lease] = []
    ended: list[bytes] = []
    releases: list[PermitRelease] = []
    lost: list[QueueRow] = []
    at: float = 0.0
    """When this was decided, by the shard's clock: what `releases` say is counted from it."""
    address_sites: list[tuple[str, str]] = []
    counters: dict[tuple[int, str], int] = {}


class Committed(Struct, frozen=True):
    """What a commit found out: how many of the URLs given were new, by host."""

    new_by_host: dict[int, int]


class Claim(Struct, frozen=True):
    """A partition that is ours now, from these offsets on."""

    partition: int
    epoch: int
    urls_offset: int
    outcomes_offset: int


class PartitionRow(Struct, frozen=True):
    """Who holds a partition, in which epoch, and until when unless the lease is renewed."""

    partition: int
    owner: str
    epoch: int
    lease_until: float


class Ownership(Struct, frozen=True):
    """All partitions, and the names of the shards that are alive."""

    partitions: list[PartitionRow]
    shards: list[str]
