"""Who did how much: counted as messages go by, and a log that counts is a log."""

from backends.memory.log import MemoryLog
from contracts.messages import (
    HostMatched,
    Limits,
    Match,
    Order,
    OrderEnd,
    OrderKind,
    Outcome,
    OutcomeBatch,
    Result,
)
from contracts.topics import DIGESTS, HASHERS, ORDERS_PAGES, OUTCOMES
from crawlctl.roles.tally import Tally
from tests.unit.crawlctl.roles.logs import sighting

ID = b"u" * 16
ORDER = Order(ID, 0, 1, OrderKind.PAGES, "h.test", "", 0.0, 0.0, 0.0, 1.0, 1, "P", Limits(1, 1, 1.0, 1.0, 1), [])


def outcome(
    result: Result, *, url_id: bytes = ID, media: bool = False, size: int = 0, robots: bytes | None = None
) -> Outcome:
    return Outcome(ID, url_id, result, 0.0, 0.0, bytes_read=size, is_media=media, robots_body=robots)


BATCH = OutcomeBatch(
    [
        outcome(Result.FETCHED, size=10),
        outcome(Result.FETCHED, size=5, media=True),
        outcome(Result.FETCHED, size=2, robots=b""),
        outcome(Result.FETCHED, url_id=b""),  # a name was resolved: no request
        outcome(Result.HTTP_ERROR, size=1),
        outcome(Result.NOT_REQUESTED),
    ],
    [OrderEnd(ID, "h.test", "", 0.0, 4)],
)


async def test_what_is_sent_and_taken_is_counted() -> None:
    bus = Tally(MemoryLog())
    match = Match(bytes(32), bytes(32), b"", 1, "md5", 0, 0, False, 0.0)
    bus.send(ORDERS_PAGES, 0, [ORDER, ORDER])
    bus.send(OUTCOMES, 0, [BATCH])
    bus.send(DIGESTS, 0, [sighting(1)])
    bus.send("matches", 0, [match, HostMatched("h.test", 1)])
    assert bus.sent == {
        "orders": 2, "orders_ended": 1, "outcomes": 6, "requests": 4, "pages": 1, "media": 1, "bytes": 18, "sightings": 1,
        "matches": 1, "hosts_matched": 1,
    }  # fmt: skip
    assert (bus.moves, bus.looks, bus.lag(OUTCOMES, 0)) == (4, 0, 1)
    reader = bus.assign({(OUTCOMES, 0): 0})
    (record,) = await reader.poll(10, 0.0)
    assert await reader.poll(10, 0.0) == []
    assert (bus.taken["outcomes"], bus.moves, bus.looks) == (6, 5, 2)
    assert await reader.commit({(OUTCOMES, 0): 1})
    await reader.reassign({(OUTCOMES, 1): 0})
    await bus.park(record, "why")
    await reader.close()
    assert bus.lag(OUTCOMES, 0) == 0


async def test_members_of_a_group_are_counted_too() -> None:
    bus = Tally(MemoryLog())
    bus.send(DIGESTS, 0, [sighting(1), sighting(2)])
    member = bus.join(HASHERS, [DIGESTS])
    assert len(await member.poll(10, 0.0)) == 2
    assert bus.taken == {"sightings": 2}
    await member.close()
