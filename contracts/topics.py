"""The log's topics in one table: what they carry, how they are keyed and how long they are kept."""

from typing import Final

from msgspec import Struct

from contracts.messages import Order, OrderKind

URLS: Final = "urls"
OUTCOMES: Final = "outcomes"
ORDERS_PAGES: Final = "orders.pages"
ORDERS_MEDIA: Final = "orders.media"
ORDERS_RECHECKS: Final = "orders.rechecks"
DIGESTS: Final = "digests"
MATCHES: Final = "matches"
RECHECKS: Final = "rechecks"
CONTROLS: Final = "controls"
HEARTBEATS: Final = "heartbeats"
DEAD: Final = ".dead"
"""What the name of a topic of dead letters ends with."""

FETCHERS: Final = "fetchers"
HASHERS: Final = "hashers"
NOTICES: Final = "notices"
"""Consumer groups."""

DAY: Final = 86400


class Topic(Struct, frozen=True):
    """A row of the table. `partitioned` topics have one partition per partition of the state, the others a single one."""

    name: str
    carries: str
    partitioned: bool
    retention: int
    """Seconds that a message is kept; 0 for a compacted topic that is read whole."""
    group: str = ""
    """The consumer group that reads it; frontier shards and readers of a whole topic are in none."""
    append_time: bool = False
    """Whether messages bear the broker's time (message.timestamp.type=LogAppendTime) instead of the sender's."""

    @property
    def compacted(self) -> bool:
        """Whether only the last message of each key is kept."""
        return self.retention == 0


TOPICS: Final = {
    topic.name: topic
    for topic in (
        Topic(URLS, "Discovery, HostMatched: to the frontier shard of the URL's bucket", True, 3 * DAY),
        Topic(OUTCOMES, "OutcomeBatch: to the frontier shard of the order", True, 3 * DAY),
        Topic(ORDERS_PAGES, "Order: resolve, robots and pages", True, DAY, FETCHERS),
        Topic(ORDERS_MEDIA, "Order: media", True, DAY, FETCHERS),
        Topic(ORDERS_RECHECKS, "Order: rechecks", True, DAY, FETCHERS),
        Topic(DIGESTS, "DigestRecord: sightings on their way to the hasher", True, 3 * DAY, HASHERS),
        Topic(MATCHES, "Match: to the notices role", False, 3 * DAY, NOTICES),
        Topic(RECHECKS, "Recheck: answers to re-checks, to the notices role", False, 3 * DAY, NOTICES),
        Topic(CONTROLS, "Control: to every role, read whole", False, 0),
        Topic(
            HEARTBEATS,
            "Heartbeat: what each process does, and by how much its clock differs",
            False,
            DAY,
            append_time=True,
        ),
    )
}

DEAD_LETTERS: Final = {
    name + DEAD: Topic(name + DEAD, f"DeadLetter: what readers of [{name}] could not handle", False, 14 * DAY)
    for name in TOPICS
    if name != HEARTBEATS
}
"""Where poison goes, a topic for each topic."""

LANES: Final = {
    OrderKind.RESOLVE: ORDERS_PAGES,
    OrderKind.ROBOTS: ORDERS_PAGES,
    OrderKind.PAGES: ORDERS_PAGES,
    OrderKind.MEDIA: ORDERS_MEDIA,
    OrderKind.RECHECKS: ORDERS_RECHECKS,
}
"""Which topic an order travels in, so that slow media never holds up pages."""


def lane_of(order: Order) -> str:
    """The topic of an order. What must be known before a re-check (addresses, robots.txt) waits behind no discovery either."""
    return ORDERS_RECHECKS if order.items and order.items[0].recheck is not None else LANES[order.kind]
