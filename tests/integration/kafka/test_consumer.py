"""Reading at a real broker: partitions that move, poison, and who may commit."""

import asyncio
import logging

import pytest

from backends.kafka.producer import Entry
from contracts.cluster import Kafka
from contracts.errors import Unavailable
from contracts.notes import Control, DeadLetter
from contracts.ports import Unreadable, offsets_after
from contracts.topics import CONTROLS, DEAD, FETCHERS, ORDERS_PAGES, URLS
from tests.integration.kafka.logs import PARTITIONS, numbers, opened, read, said, soon
from tests.kafka import Broker


@pytest.fixture
def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def test_what_was_handed_out_before_a_move_cannot_be_committed_after_it(settings: Kafka) -> None:
    """Even of a partition that stays: it is handed out again, and an order must not begin twice (design, rule 3)."""
    async with opened(settings, "a") as log, opened(settings, "b", made=True) as other:
        first = log.join(FETCHERS, [ORDERS_PAGES])
        for partition in range(PARTITIONS):
            await log.send(ORDERS_PAGES, partition, [said(partition)])
        old = await read(first, PARTITIONS)
        second = other.join(FETCHERS, [ORDERS_PAGES])
        moved = await read(second, PARTITIONS // 2)
        assert not await first.commit(offsets_after(old))
        stayed = await read(first, PARTITIONS // 2)
        assert sorted(numbers(moved + stayed)) == list(range(PARTITIONS))
        assert not await first.commit(offsets_after(moved))
        assert await first.commit(offsets_after(stayed))
        assert await second.commit(offsets_after(moved))
        assert not await first.commit({(ORDERS_PAGES, stayed[0].partition): stayed[0].offset + 2}), "never handed out"
        assert (await first.poll(10, 0.0), await second.poll(10, 0.0)) == ([], [])


async def test_a_member_that_leaves_gives_its_partitions_to_others(settings: Kafka) -> None:
    async with opened(settings, "a") as log, opened(settings, "b", made=True) as other:
        first, second = log.join(FETCHERS, [ORDERS_PAGES]), other.join(FETCHERS, [ORDERS_PAGES])
        done: list[int] = []
        for number in range(20):
            await log.send(ORDERS_PAGES, number % PARTITIONS, [said(number)])
        async with asyncio.timeout(30):
            while len(done) < 10:
                for consumer in (first, second):
                    records = await consumer.poll(1, 0.1)
                    if records and await consumer.commit(offsets_after(records)):
                        done += numbers(records)
        await first.close()
        async with asyncio.timeout(30):
            while len(done) < 20:
                records = await second.poll(10, 0.5)
                if records and await second.commit(offsets_after(records)):
                    done += numbers(records)
        assert sorted(done) == list(range(20)), "each was committed by one of them, once"


async def test_a_member_that_does_not_poll_for_long_stays_one(settings: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner is full: its orders wait, they do not go round."""
    async with opened(settings) as log:
        member = log.join(FETCHERS, [ORDERS_PAGES])
        await log.send(ORDERS_PAGES, 0, [said(1)])
        records = await read(member, 1)
        coordinator = member._source.client._coordinator
        generation, beat = coordinator.generation, coordinator._do_heartbeat
        beats: list[bool] = []

        async def beating() -> bool:
            beats.append(await beat())
            return beats[-1]

        monkeypatch.setattr(coordinator, "_do_heartbeat", beating)
        member._source.client._subscription._last_fetch_ended -= 3600
        async with asyncio.timeout(30):
            while len(beats) < 3:
                await asyncio.sleep(0.1)
        assert all(beats)
        assert coordinator.generation == generation
        assert await member.commit(offsets_after(records))


async def test_poison_is_parked_before_it_is_handed_out_and_blocks_nothing(
    settings: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with opened(settings) as log:
        bad = log._producer.put(f"{settings.prefix}{URLS}", 1, b"\x01poison")
        newer = log._producer.put(
            f"{settings.prefix}{URLS}", 1, b"\x01\x92\xc4\x03\x07\x02\x90\xc4\x05\x01\x02\x92\xa1h"
        )
        await soon(asyncio.gather(bad.future, newer.future, log.send(URLS, 1, [said(3)])))
        consumer = log.assign({(URLS, 1): 0})
        records = await read(consumer, 4)
        assert [type(record.message) for record in records[:3]] == [Unreadable] * 3
        assert numbers(records) == [3]
        letters = await read(log.assign({(URLS + DEAD, 0): 0}), 2)
        found = [record.message for record in letters if isinstance(record.message, DeadLetter)]
        assert [(letter.topic, letter.partition, letter.offset) for letter in found] == [(URLS, 1, 0), (URLS, 1, 1)]
        assert found[0].payload == b"\x01poison"
        assert "message format 7 is newer than 1" in found[1].why


async def test_poison_waits_for_its_dead_letter(settings: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(settings) as log:
        await log.send(URLS, 0, [said(1)])
        await soon(log._producer.put(f"{settings.prefix}{URLS}", 0, b"\x01poison").future)
        await log.send(URLS, 0, [said(2)])
        away = True
        put = log._producer.put

        def failing(topic: str, partition: int, value: bytes, key: bytes | None = None) -> Entry:
            entry = put(topic, partition, value, key)
            if away:
                entry.future = asyncio.get_running_loop().create_future()
                entry.fail(Unavailable("away"))
            return entry

        monkeypatch.setattr(log._producer, "put", failing)
        consumer = log.assign({(URLS, 0): 0})
        assert numbers(await read(consumer, 1)) == [1]
        assert await consumer.poll(10, 0.1) == []
        assert await consumer.poll(10, 0.1) == []
        away = False
        assert [record.offset for record in await read(consumer, 2)] == [1, 2]


async def test_controls_are_read_whole_and_only_the_last_of_each_is_kept(settings: Kafka) -> None:
    async with opened(settings) as log:
        words = [Control("pause", "a.test"), Control("block", "b.test"), Control("resume", "a.test")]
        await log.send(CONTROLS, 0, words)
        assert [record.message for record in await read(log.whole(CONTROLS), 3)] == words
        places = await read(log.assign({(CONTROLS, 0): 0}), 3)
        assert len({record.offset for record in places}) == 3, (
            "one record each, or the brokers could not keep the last of each"
        )


async def test_a_reader_without_progress_is_noticed(settings: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.kafka.consumer.LOOK", 0.1)
    async with opened(settings) as log:
        consumer = log.assign({(URLS, 0): 0})
        await log.send(URLS, 0, [said(1)])
        await read(consumer, 1)
        for _ in range(10):
            assert await consumer.poll(10, 0.2) == []
        assert consumer.stalled() < 1.0, "nothing to read is no standstill"
        client = consumer._source.client
        client._fetcher._fetch_task.cancel()
        await log.send(URLS, 0, [said(2)])
        assert numbers(await read(consumer, 1)) == [2], "its fetching ended: it was started anew"
        assert consumer._source.client is not client
        place = next(iter(consumer._source.position))
        consumer._source.client.pause(place)  # stands for a driver that is stuck
        monkeypatch.setattr("backends.kafka.source.FRESH", 0.3)
        async with asyncio.timeout(30):
            while log.stalled() < 1.0:
                assert await consumer.poll(10, 0.2) == []
        await consumer.close()
        assert log.stalled() == 0.0
