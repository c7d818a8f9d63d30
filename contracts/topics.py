"""The log's topics in one table: what they carry, how they are keyed and how long they are kept."""

from typing import Final

from msgspec import Struct

from contracts.messages import OrderKind

URLS: Final = "urls"
OUTCOMES: Final = "outcomes"
ORDERS_PAGES: Final = "orders.pages"
ORDERS_MEDIA: Final = "orders.media"
ORDERS_RECHECKS: Final = "orders.rechecks"
DIGESTS: Final = "digests"
MATCHES: Final = "matches"
CONTROLS: Final = "controls"

DAY: Final = 86400


class Topic(Struct, frozen=True):
    """A row of the table. `partitioned` topics have one partition per partition of the state, the others a single one."""

    name: str
    carries: str
    partitioned: bool
    retention: int
    """Seconds that a message is kept; 0 for a compacted topic that is read whole."""


TOPICS: Final = {
    topic.name: topic
    for topic in (
        Topic(URLS, "Discovery, HostMatched: to the frontier shard of the URL's bucket", True, 3 * DAY),
        Topic(OUTCOMES, "OutcomeBatch: to the frontier shard of the order", True, 3 * DAY),
        Topic(ORDERS_PAGES, "Order: resolve, robots and pages", True, DAY),
        Topic(ORDERS_MEDIA, "Order: media", True, DAY),
        Topic(ORDERS_RECHECKS, "Order: rechecks", True, DAY),
        Topic(DIGESTS, "DigestRecord: sightings on their way to the hasher", True, 3 * DAY),
        Topic(MATCHES, "Match: to the notices role", False, 3 * DAY),
        Topic(CONTROLS, "Control: to every role, read whole", False, 0),
    )
}

LANES: Final = {
    OrderKind.RESOLVE: ORDERS_PAGES,
    OrderKind.ROBOTS: ORDERS_PAGES,
    OrderKind.PAGES: ORDERS_PAGES,
    OrderKind.MEDIA: ORDERS_MEDIA,
    OrderKind.RECHECKS: ORDERS_RECHECKS,
}
"""Which topic an order travels in, so that slow media never holds up pages."""
