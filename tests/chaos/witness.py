"""Who saw what a cluster did besides the web: the orders in the log, and rows of Postgres that may only grow."""

from collections import defaultdict
from contextlib import aclosing
from typing import Any, Final, NamedTuple

from backends.kafka.peeking import Start, peek
from backends.postgres.connection import connect
from contracts.cluster import Kafka
from contracts.crawl import UrlState
from contracts.messages import Order
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS
from tests.cluster.cluster import Cluster
from tests.fakeweb.log import Entry

WATCH: Final = """
CREATE TABLE backwards (what text NOT NULL);
GRANT INSERT ON backwards TO PUBLIC;
CREATE FUNCTION went_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.epoch < old.epoch OR new.urls_offset < old.urls_offset OR new.outcomes_offset < old.outcomes_offset
        OR (new.owner <> old.owner AND new.owner <> '' AND new.epoch = old.epoch)
    THEN
        INSERT INTO backwards VALUES (old::text || ' became ' || new::text);
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER went_back BEFORE UPDATE ON partitions FOR EACH ROW EXECUTE FUNCTION went_back();
"""
"""Writes down every change of a partition's row that only a stale shard could make."""


async def watch(cluster: Cluster) -> None:
    """From now on changes of `partitions` are watched; `backwards` tells."""
    connection = await connect(cluster.services.dsn("crawl"))
    try:
        await connection.execute(WATCH)
    finally:
        await connection.close()


async def backwards(cluster: Cluster) -> list[str]:
    """Epochs or offsets that went back, and owners that came without an epoch of their own."""
    return [row["what"] for row in await cluster.query("SELECT what FROM backwards")]


async def orders(cluster: Cluster) -> list[Order]:
    """All orders that the log ever took, in no order."""
    settings = Kafka(bootstrap=cluster.services.bootstrap, prefix=cluster.services.prefix)
    found = []
    for topic in (ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS):
        async with aclosing(peek(settings, topic, None, Start(offset=0))) as records:
            async for record in records:
                found += [message for message in record.messages if isinstance(message, Order)]
    return found


class Ordered(NamedTuple):
    """How requests stand to orders: those that no order asked for, those outside of every order's time with the seconds that
    they were late, and URLs requested more often than ordered."""

    unordered: list[str]
    late: list[tuple[str, float]]
    too_often: dict[str, tuple[int, int]]


def by_order(requests: list[Entry], issued: list[Order], tolerance: float) -> Ordered:
    """Every request must have been written before the deadline of an order for it, and each order asks once."""
    wanted: dict[str, list[Order]] = defaultdict(list)
    for order in issued:
        for item in order.items:
            wanted[item.url].append(order)
    arrivals: dict[str, list[float]] = defaultdict(list)
    for entry in requests:
        arrivals[entry.url].append(entry.unix)
    unordered, late, too_often = [], [], {}
    for url, times in arrivals.items():
        if url not in wanted:
            unordered.append(url)
            continue
        if len(times) > len(wanted[url]):
            too_often[url] = (len(times), len(wanted[url]))
        for at in times:
            begun = [order for order in wanted[url] if order.issued_at <= at + tolerance]
            if not begun:
                unordered.append(url)
            elif (after := at - max(order.deadline for order in begun)) > tolerance:
                late.append((url, after))
    return Ordered(unordered, late, too_often)


async def miscounted(cluster: Cluster) -> dict[str, Any]:
    """Counters that differ from the rows that they count (what they say, what there is), and hosts whose rows do not tell that
    something is queued, or tell it too late. How much is queued may be off: such counts are written a second later."""
    counters = await cluster.query("SELECT name, sum(value)::bigint AS value FROM counters GROUP BY name")
    rows = await cluster.query(
        "SELECT state, count(*) AS count FROM (SELECT state FROM urls UNION ALL SELECT state FROM media_urls) known GROUP BY state"
    )
    said = {row["name"]: row["value"] for row in counters}
    there = {row["state"]: row["count"] for row in rows}
    wrong: dict[str, Any] = {
        state.name: (said.get(f"state:{state.value}", 0), there.get(state.value, 0))
        for state in UrlState
        if said.get(f"state:{state.value}", 0) != there.get(state.value, 0)
    }
    for counter, table in (("pages", "urls"), ("media", "media_urls")):
        (fetched,) = await cluster.query(f"SELECT count(*) AS count FROM {table} WHERE fetched_at > 0")
        if said.get(counter, 0) != fetched["count"]:
            wrong[counter] = (said.get(counter, 0), fetched["count"])
    hosts = await cluster.query(
        "SELECT host, queued, due_at, first FROM hosts JOIN (SELECT bucket, host_id, min(due_at) AS first FROM queue GROUP BY 1, 2) q"
        " USING (bucket, host_id) WHERE queued < 1 OR due_at > first"
    )
    return wrong | {row["host"]: (row["queued"], row["due_at"], row["first"]) for row in hosts}
