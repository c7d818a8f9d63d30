"""Operators' hands on a real broker: dead letters, looked at and sent again."""

import msgspec
import pytest

from backends.kafka.operator import operating
from backends.kafka.peeking import Start, peek
from contracts.cluster import Kafka
from contracts.codec import decode_all
from contracts.errors import Unavailable, UsageError
from contracts.messages import HostMatched, Message
from contracts.notes import Control, DeadLetter
from contracts.options import MIB
from contracts.ports import Record, Unreadable
from contracts.topics import CONTROLS, DEAD, HEARTBEATS, ORDERS_PAGES, URLS
from tests.integration.kafka.logs import numbers, opened, read, said, soon
from tests.kafka import Broker


@pytest.fixture
def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def test_dead_letters_are_read_and_sent_again(settings: Kafka) -> None:
    async with opened(settings) as log, operating(settings) as operator:
        assert await operator.dead(URLS) == []
        await soon(log.park(Record(URLS, 1, 7, said(1)), "breaks the machine"))
        await soon(log.park(Record(URLS, 1, 7, said(2)), "breaks the machine"))
        await soon(log.park(Record(URLS, 2, 8, Unreadable("damaged")), "damaged"))
        first, second = await operator.dead(URLS)
        assert (first.partition, first.offset, first.why, first.process) == (1, 7, "breaks the machine", "test")
        assert [decode_all(payload) for payload in await operator.payloads(first)] == [[said(1)], [said(2)]]
        assert await operator.payloads(second) == []
        assert await operator.retry(first, "me", 99.0) == 2
        assert numbers(await read(log.assign({(URLS, 1): 0}), 2)) == [1, 2]
        assert [letter.retried_at for letter in await operator.dead(URLS)] == [99.0, 0.0]
        with pytest.raises(UsageError, match="nothing was kept of offset 8"):
            await operator.retry(second, "me", 99.0)


async def test_orders_are_never_sent_again(settings: Kafka) -> None:
    async with opened(settings) as log, operating(settings) as operator:
        await soon(log.park(Record(ORDERS_PAGES, 0, 1, said(1)), "poison"))
        (letter,) = await operator.dead(ORDERS_PAGES)
        with pytest.raises(UsageError, match="comes back by its deadline"):
            await operator.retry(letter, "me", 1.0)


async def test_letters_of_a_compacted_topic_are_sent_again_with_their_keys(settings: Kafka) -> None:
    async with opened(settings) as log, operating(settings) as operator:
        words: list[Message] = [
            Control("block", "a.test"),
            Control("block", "b.test"),
            Control("block", "a.test", why="2"),
        ]
        for offset, word in enumerate(words):
            await soon(log.park(Record(CONTROLS, 0, offset, word), "newer"))
        for letter in await operator.dead(CONTROLS):
            assert await operator.retry(letter, "me", 99.0) == 1
        assert [record.message for record in await read(log.whole(CONTROLS), 3)] == words
        seen = [record async for record in peek(settings, CONTROLS, 0, Start())]
        assert [record.messages for record in seen] == [[word] for word in words]
        damaged = DeadLetter(CONTROLS, 0, 9, "damaged", "me", 1.0, b"\xff")
        await soon(log.put(CONTROLS + DEAD, 0, damaged).future)
        with pytest.raises(UsageError, match="nobody knows its key"):
            await operator.retry((await operator.dead(CONTROLS))[-1], "me", 99.0)


async def test_listing_holds_no_payloads(settings: Kafka) -> None:
    """Nor what a stranger wrote there about another topic."""
    async with opened(settings) as log, operating(settings) as operator:
        big = HostMatched("h" * (2 * MIB), 1)
        for offset in range(3):
            await soon(log.park(Record(URLS, 0, offset, big), "breaks the machine"))
        await soon(log.put(URLS + DEAD, 0, DeadLetter("nowhere", 0, 1, "x", "me", 1.0, b"x")).future)
        letters = await operator.dead(URLS)
        assert len(letters) == 3 and len(msgspec.msgpack.encode(letters)) < 4096
        assert [sum(kept.size for kept in letter.kept) > MIB for letter in letters] == [True] * 3
        assert [decode_all(payload) for payload in await operator.payloads(letters[1])] == [[big]]


async def test_what_is_not_there(settings: Kafka) -> None:
    async with opened(settings), operating(settings) as operator:
        with pytest.raises(UsageError, match="there are no dead letters of"):
            await operator.dead(HEARTBEATS)
    with pytest.raises(Unavailable):
        async with operating(Kafka(bootstrap="127.0.0.1:9")):
            pass
