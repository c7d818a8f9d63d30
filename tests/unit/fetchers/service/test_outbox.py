"""fetchers.service.outbox: what must be acked before an outcome is sent, and what must not be forgotten (design, rule 6)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence

import pytest

from contracts.errors import Unavailable
from contracts.messages import (
    DigestRecord,
    Discovery,
    Link,
    LinkGroup,
    LinkKind,
    MediaDigests,
    Message,
    OrderEnd,
    Outcome,
    OutcomeBatch,
    Purpose,
    Recheck,
    Result,
)
from contracts.ports import Consumer, Offsets, Record
from contracts.topics import DIGESTS, OUTCOMES, RECHECKS, URLS
from fetchers.service import outbox
from fetchers.service.outbox import MOST, Outbox

PATIENCE = 5.0
FOUND = Discovery(Purpose.LINK, b"", 1, 0.0, [])
DIGEST = DigestRecord(b"p", b"s", b"2" * 32, b"1" * 20, b"5" * 16, 1, 0.0, MediaDigests("image/png"))
END = OrderEnd(b"o", "h.test", "", 0.0, 1)


class Sent:
    """A log that acks when told to."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, int, Message]] = []
        self.acks: list[asyncio.Future[None]] = []
        self.away = 0

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> Awaitable[None]:
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.away:
            self.away -= 1
            ack.set_exception(Unavailable("the log is away"))
            return ack
        self.messages += [(topic, partition, message) for message in messages]
        self.acks.append(ack)
        return ack

    def ack(self) -> None:
        for ack in self.acks:
            if not ack.done():
                ack.set_result(None)

    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.messages]

    def assign(self, offsets: Offsets) -> Consumer:
        raise AssertionError("an outbox reads nothing")

    def join(self, group: str, topics: Sequence[str]) -> Consumer:
        raise AssertionError("an outbox reads nothing")

    def park(self, record: Record, why: str) -> Awaitable[None]:
        raise AssertionError("an outbox parks nothing")

    def lag(self, topic: str, partition: int) -> int:
        return 0


@pytest.fixture
async def box() -> AsyncIterator[tuple[Outbox, Sent]]:
    """An outbox that runs; at the end it is closed and everything is acked."""
    log = Sent()
    made = Outbox(log, 0.0)
    running = asyncio.create_task(made.run())
    yield made, log
    made.close()
    async with asyncio.timeout(PATIENCE):
        while not running.done():
            log.ack()
            await asyncio.sleep(0)
    await running


def outcome(number: int = 0) -> Outcome:
    return Outcome(b"o", number.to_bytes(2, "big"), Result.FETCHED, 0.0, 0.0)


async def until(log: Sent, topic: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while topic not in log.topics():
            await asyncio.sleep(0)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_outcome_waits_for_the_acks_of_its_links_and_digests(box: tuple[Outbox, Sent]) -> None:
    """Rule 6: it is sent only after its links to other partitions and its digests are acked."""
    made, log = box
    made.outcome(0, outcome(), [(3, FOUND)], DIGEST, None)
    await until(log, DIGESTS)
    await settle()
    assert sorted(log.topics()) == [DIGESTS, URLS]
    log.acks[0].set_result(None)
    await settle()
    assert OUTCOMES not in log.topics()
    log.ack()
    await until(log, OUTCOMES)


async def test_the_frontier_hears_of_a_recheck_after_its_asker(box: tuple[Outbox, Sent]) -> None:
    """At least once: what the frontier counts as done was answered."""
    made, log = box
    made.outcome(3, outcome(), [], DIGEST, None, Recheck(b"t", 0.0, 0.0))
    await until(log, RECHECKS)
    await settle()
    assert sorted((topic, partition) for topic, partition, _ in log.messages) == [(DIGESTS, 3), (RECHECKS, 0)]
    log.ack()
    await until(log, OUTCOMES)


async def test_a_page_may_be_learnt_only_when_its_outcome_is_acked(box: tuple[Outbox, Sent]) -> None:
    made, log = box
    learnt: list[str] = []
    made.outcome(0, outcome(), [], None, lambda: learnt.append("page"))
    await until(log, OUTCOMES)
    await settle()
    assert learnt == []
    log.ack()
    await settle()
    assert learnt == ["page"]


async def test_an_end_comes_after_all_outcomes_of_its_order(box: tuple[Outbox, Sent]) -> None:
    made, log = box
    for number in range(2 * MOST + 1):
        made.outcome(0, outcome(number), [], None, None)
    made.end(0, END)
    await until(log, OUTCOMES)
    batches = [message for _, _, message in log.messages if isinstance(message, OutcomeBatch)]
    assert [len(batch.outcomes) for batch in batches] == [MOST, MOST, 1]
    assert [len(batch.ends) for batch in batches] == [0, 0, 1]


async def test_each_partition_has_its_own_message(box: tuple[Outbox, Sent]) -> None:
    made, log = box
    made.outcome(1, outcome(1), [], None, None)
    made.outcome(2, outcome(2), [], None, None)
    made.end(3, END)
    await until(log, OUTCOMES)
    assert sorted(partition for _, partition, _ in log.messages) == [1, 2, 3]


async def test_what_the_log_does_not_take_is_sent_again(
    box: tuple[Outbox, Sent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RETRY", 0.001)
    made, log = box
    log.away = 3
    made.outcome(0, outcome(), [(3, FOUND)], None, None)
    await until(log, URLS)
    log.ack()
    await until(log, OUTCOMES)
    assert log.topics() == [URLS, OUTCOMES]


async def test_what_waits_is_counted_until_it_is_sent(box: tuple[Outbox, Sent]) -> None:
    made, log = box
    made.outcome(0, outcome(1), [], None, None)
    made.outcome(0, outcome(2), [], None, None)
    assert made.waiting == 2
    await until(log, OUTCOMES)
    assert made.waiting == 0


async def test_who_waits_for_room_is_told_when_there_is_some() -> None:
    log = Sent()
    told: list[int] = []
    made = Outbox(log, 0.0, lambda: told.append(made.waiting))
    made.outcome(0, outcome(), [(3, FOUND)], None, None)
    running = asyncio.create_task(made.run())
    await until(log, URLS)
    await settle()
    assert (made.waiting, told) == (1, [])
    log.ack()
    await until(log, OUTCOMES)
    assert told == [0]
    made.close()
    log.ack()
    await asyncio.wait_for(running, PATIENCE)


async def test_closing_sends_what_is_there() -> None:
    log = Sent()
    made = Outbox(log, 3600.0)
    made.outcome(0, outcome(), [], None, None)
    made.close()
    running = asyncio.create_task(made.run())
    await until(log, OUTCOMES)
    log.ack()
    await asyncio.wait_for(running, PATIENCE)


async def test_what_is_not_acked_is_weighed(box: tuple[Outbox, Sent]) -> None:
    """Links weigh most: whoever takes orders can tell when memory is full, however few the outcomes are."""
    made, log = box
    links = [Link(f"/{n}", bytes(16), LinkKind.PAGE) for n in range(1_000)]
    found = Discovery(Purpose.LINK, b"", 1, 0.0, [LinkGroup(True, "h.test", 1, links)])
    made.outcome(0, outcome(), [(1, found)], None, None)
    light = made.held
    made.outcome(0, outcome(), [], None, None)
    assert made.held - light < light / 100 and light > 100_000
    async with asyncio.timeout(PATIENCE):
        while made.held:
            log.ack()
            await asyncio.sleep(0)


async def test_what_the_log_did_not_take_goes_before_what_came_later() -> None:
    """An order's end must never arrive before its outcomes: it would be taken for done without them."""
    log = Sent()
    made = Outbox(log, 0.0)
    running = asyncio.create_task(made.run())
    log.away = 3
    made.outcome(0, outcome(1), [], None, None)
    async with asyncio.timeout(PATIENCE):
        while log.away == 3:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        made.outcome(0, outcome(2), [], None, None)
        made.end(0, END)
        while len(log.messages) < 2:
            await asyncio.sleep(0)
            log.ack()
        sent = [message for _, _, message in log.messages if isinstance(message, OutcomeBatch)]
        assert [[one.url_id for one in batch.outcomes] for batch in sent] == [[outcome(1).url_id], [outcome(2).url_id]]
        assert [len(batch.ends) for batch in sent] == [0, 1]
        made.close()
        while not running.done():
            log.ack()
            await asyncio.sleep(0)


async def test_a_partition_that_does_not_ack_holds_up_nobody_else(box: tuple[Outbox, Sent]) -> None:
    """Only outcomes whose own links or digests lie there wait for it; the next ones of the same partition stay behind them."""
    made, log = box
    made.outcome(0, outcome(1), [(7, FOUND)], None, None)
    made.outcome(1, outcome(2), [], None, None)
    async with asyncio.timeout(PATIENCE):
        while (OUTCOMES, 1) not in [place[:2] for place in log.messages]:
            await asyncio.sleep(0)
        made.end(0, END)
        made.end(1, END)
        while [place[:2] for place in log.messages].count((OUTCOMES, 1)) < 2:
            await asyncio.sleep(0)
        assert (OUTCOMES, 0) not in [place[:2] for place in log.messages]
        log.ack()
        while [place[:2] for place in log.messages].count((OUTCOMES, 0)) < 2:
            await asyncio.sleep(0)
        sent = [message for topic, partition, message in log.messages if (topic, partition) == (OUTCOMES, 0)]
        assert [len(batch.ends) for batch in sent if isinstance(batch, OutcomeBatch)] == [0, 1]
