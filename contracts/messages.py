"""What the roles say to each other: orders, outcomes, discoveries, digests, matches, controls.

All are msgspec structs written as arrays (`contracts.codec` adds the version). Times are unix seconds (float),
durations seconds, sizes bytes. A new field goes to the end with a default, so that older messages stay readable.
"""

from enum import IntEnum, StrEnum

from msgspec import Struct

from contracts.errands import RecheckErrand, RobotsErrand
from contracts.notes import Control, DeadLetter, Heartbeat


class LinkKind(IntEnum):
    """What a found URL is for. Decides table, lane and limits; the fetched content may still turn out otherwise."""

    PAGE = 0
    MEDIA = 1
    STYLESHEET = 2
    SITEMAP = 3
    REDIRECT = 4  # only in `crawlctl try links`; in a Discovery a redirect has the kind of what was redirected
    ROBOTS = 5


class OrderKind(StrEnum):
    """What an order asks for. RESOLVE asks for addresses only and makes no request to the host."""

    RESOLVE = "resolve"
    ROBOTS = "robots"
    PAGES = "pages"
    MEDIA = "media"
    RECHECKS = "rechecks"


class Purpose(IntEnum):
    """Why URLs travel in [urls]."""

    LINK = 0
    SEED = 1
    REDIRECT = 2
    ROBOTS = 3
    ROBOTS_ANSWER = 4
    RECHECK = 5


NOFOLLOW = 1
"""Flag of a `Link`: rel=nofollow on the element, or nofollow by meta robots or X-Robots-Tag on the page."""


class Link(Struct, frozen=True, array_like=True, gc=False):
    """One found URL of a `LinkGroup`. `path` is path and query of the canonical URL, `url_id` its BLAKE2b-128."""

    path: str
    url_id: bytes
    kind: LinkKind = LinkKind.PAGE
    flags: int = 0


class LinkGroup(Struct, frozen=True, array_like=True):
    """Links to one scheme and host, so that host, site and bucket are worked out once."""

    https: bool
    host: str
    bucket: int
    links: list[Link]


class Discovery(Struct, frozen=True, array_like=True):
    """URLs found on one page (or given as seeds), all for one partition.

    `parent` is the page's 26-byte reference (`contracts.urls.ref`: bucket, host_id, url_id) or empty for seeds; `found_on` those
    of the pages that embed a media item whose redirect this is. `hops` counts the redirects to here, `chain` has their url_ids.
    """

    purpose: Purpose
    parent: bytes
    depth: int
    found_at: float
    groups: list[LinkGroup]
    hops: int = 0
    chain: list[bytes] = []
    found_on: list[bytes] = []
    robots: RobotsErrand | None = None
    recheck: RecheckErrand | None = None


class HostMatched(Struct, frozen=True, array_like=True):
    """A match was confirmed by digest at this host; all that the frontier ever learns of it."""

    host: str
    bucket: int


class Limits(Struct, frozen=True, array_like=True):
    """What a single request may cost. Bytes are counted after content decoding as well as on the wire."""

    body_bytes: int
    header_bytes: int
    total_seconds: float
    first_byte_seconds: float
    min_bytes_per_second: int
    expansion: int = 100


class OrderItem(Struct, frozen=True, array_like=True):
    """One URL of an order. `etag`, `last_modified` and `content_key` are those of its last fetch, for a conditional GET."""

    url: str
    url_id: bytes
    kind: LinkKind
    depth: int = 0
    etag: str = ""
    last_modified: str = ""
    referer: str = ""
    hops: int = 0
    chain: list[bytes] = []
    found_on: list[bytes] = []
    recheck: RecheckErrand | None = None


class Order(Struct, frozen=True, array_like=True):
    """A lease of up to N URLs of one host to one fetcher, with all limits it needs (design, rules 1, 5 and 7).

    No request starts after `deadline`, the order is dropped if it was not started by `start_by`. `address` is the
    permitted IP address (empty for RESOLVE). `delay` counts from the end of one request to the start of the next;
    after a request that took t seconds it is at least min(slow_factor * t, max_delay).
    """

    order_id: bytes
    partition: int
    epoch: int
    kind: OrderKind
    host: str
    address: str
    issued_at: float
    start_by: float
    deadline: float
    delay: float
    parallel: int
    user_agent: str
    limits: Limits
    items: list[OrderItem]
    not_before: float = 0.0
    route: str = "direct"
    errand: RobotsErrand | None = None
    slow_factor: float = 0.0
    max_delay: float = 60.0


class Result(StrEnum):
    """What came of one URL."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not_modified"
    REDIRECT = "redirect"
    HTTP_ERROR = "http_error"
    FAILED = "failed"  # no usable HTTP answer: `error` names it
    REFUSED = "refused"  # by the address guard or a size limit: `error` is the Reason
    NOT_REQUESTED = "not_requested"  # costs no try


class Outcome(Struct, frozen=True, array_like=True):
    """What came of one URL of an order.

    `error` is a name from `frontier.outcomes` (for example `dns_not_found`, `connect_timeout`, `reset`), a `Reason`, or
    why an item was not requested. `content_key` tells whether the content changed (16 bytes; keyed for media),
    `text_key` is a 64-bit similarity key of the page's text (0: none). `cut` names the limit that cut the body.
    `retry_at` is the absolute time that Retry-After asked for, 0.0 if none. `links` are those of the order's own partition,
    `fresh_media` tells that a page showed pictures or videos not met lately, `far_media` that some of them are in other
    partitions.
    """

    order_id: bytes
    url_id: bytes
    result: Result
    started_at: float
    ended_at: float
    status: int = 0
    error: str = ""
    detail: str = ""
    bytes_read: int = 0
    media_type: str = ""
    is_media: bool = False
    etag: str = ""
    last_modified: str = ""
    retry_at: float = 0.0
    content_key: bytes = b""
    text_key: int = 0
    cut: str = ""
    links: list[Discovery] = []
    refused_links: dict[str, int] = {}
    robots_body: bytes | None = None
    addresses: list[str] = []
    ttl: float = 0.0
    location: str = ""
    tls_fault: str = ""
    fresh_media: bool = False
    far_media: bool = False


class OrderEnd(Struct, frozen=True, array_like=True):
    """The end mark of an order: after it no request of this order happens. `ended_at` is the end of its last request."""

    order_id: bytes
    host: str
    address: str
    ended_at: float
    requests: int
    why: str = "done"


class OutcomeBatch(Struct, frozen=True, array_like=True):
    """Outcomes of one partition, flushed by time (design, rule 6)."""

    outcomes: list[Outcome]
    ends: list[OrderEnd]


class FrameDigest(Struct, frozen=True, array_like=True):
    """PDQ of one picture or video frame: eight dihedral forms of 32 bytes: as shown, turned 90, 180, 270 degrees clockwise,
    mirrored left-right, and that turned likewise; `quality` is 0..100, `at` the frame's time in seconds (0.0 for stills).
    """

    forms: list[bytes]
    quality: int
    at: float = 0.0


class MediaDigests(Struct, frozen=True, array_like=True):
    """What the sandbox made of media bytes. No frames and a `why` if it could not be decoded."""

    media_type: str
    width: int = 0
    height: int = 0
    frames: list[FrameDigest] = []
    duration: float = 0.0
    why: str = ""


class DigestRecord(Struct, frozen=True, array_like=True):
    """A sighting on its way to the hasher: digests, and a place that only the notices role can open (`contracts.seal`).

    `place` is the keyed HMAC of the url_id (32 bytes), `sealed` the sealed location, `head_sha256` of the first 64 KiB.
    """

    place: bytes
    sealed: bytes
    sha256: bytes
    sha1: bytes
    md5: bytes
    size: int
    seen_at: float
    media: MediaDigests
    head_sha256: bytes = b""
    etag: str = ""
    last_modified: str = ""


class Match(Struct, frozen=True, array_like=True):
    """A sighting that an entry explains, with its evidence. `near` ones are for people to review."""

    sha256: bytes
    place: bytes
    sealed: bytes
    entry_id: int
    algorithm: str
    distance: int
    turn: int
    near: bool
    seen_at: float


class Recheck(Struct, frozen=True, array_like=True):
    """The answer to a re-check: facts, no verdict. A fetcher's, or the frontier's where nobody may be asked (no `place` then).

    `error` is a `Fault`, a `Reason` or empty. `unchanged`: 304 to the strong ETag, or the first 64 KiB (and the length, if told)
    are as they were. `record` is of a whole body that is media and not unchanged; `moved_to` the sealed location of a redirect,
    `moved_place` its keyed HMAC. `free_at` is from when on politeness allowed the request.
    """

    ticket: bytes
    started_at: float
    ended_at: float
    place: bytes = b""
    status: int = 0
    error: str = ""
    unchanged: bool = False
    media_type: str = ""
    record: DigestRecord | None = None
    moved_to: bytes = b""
    moved_place: bytes = b""
    route: str = "direct"
    free_at: float = 0.0


Message = (
    Discovery | HostMatched | Order | OutcomeBatch | DigestRecord | Match | Recheck | Control | Heartbeat | DeadLetter
)
