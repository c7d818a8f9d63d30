"""What waits in partitions, as several processes see it."""

import asyncio
from collections.abc import Callable

import pytest

from contracts.cluster import Kafka
from contracts.ports import offsets_after
from contracts.topics import DIGESTS, FETCHERS, HASHERS, ORDERS_PAGES, URLS
from tests.integration.kafka.logs import opened, read, said
from tests.kafka import Broker


@pytest.fixture
def settings(kafka_broker: Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def becomes(value: Callable[[], int], wanted: int) -> None:
    async with asyncio.timeout(30):
        while value() != wanted:
            await asyncio.sleep(0.05)


async def test_what_others_send_and_commit_is_seen_soon(settings: Kafka) -> None:
    async with opened(settings, "frontier") as frontier, opened(settings, "fetcher", made=True) as fetcher:
        for number in range(3):
            await frontier.send(ORDERS_PAGES, 1, [said(number)])
        assert frontier.lag(ORDERS_PAGES, 1) == 3
        member = fetcher.join(FETCHERS, [ORDERS_PAGES])
        records = await read(member, 3)
        await member.commit({(ORDERS_PAGES, 1): records[0].offset + 1})
        await becomes(lambda: frontier.lag(ORDERS_PAGES, 1), 2)
        await member.commit(offsets_after(records))
        await becomes(lambda: frontier.lag(ORDERS_PAGES, 1), 0)
        await fetcher.send(DIGESTS, 2, [said(9)])
        await becomes(lambda: frontier.lag(DIGESTS, 2), 1)
        assert frontier.lag(DIGESTS, 3) == 0
        reader = fetcher.join(HASHERS, [DIGESTS])
        await reader.commit(offsets_after(await read(reader, 1)))
        await becomes(lambda: frontier.lag(DIGESTS, 2), 0)


async def test_own_sends_count_before_they_are_acked(settings: Kafka) -> None:
    async with opened(settings) as log:
        acks = [log.send(ORDERS_PAGES, 0, [said(n)]) for n in range(4)]
        assert log.lag(ORDERS_PAGES, 0) == 4
        await asyncio.gather(*acks)
        assert log.lag(ORDERS_PAGES, 0) == 4
        await becomes(lambda: log.lag(ORDERS_PAGES, 0), 4)


async def test_without_a_group_it_is_what_our_own_reader_has_not_committed(settings: Kafka) -> None:
    async with opened(settings) as log, opened(settings, "other", made=True) as other:
        await other.send(URLS, 0, [said(1)])
        consumer = log.assign({(URLS, 0): 0})
        await becomes(lambda: log.lag(URLS, 0), 1)
        await consumer.commit(offsets_after(await read(consumer, 1)))
        assert log.lag(URLS, 0) == 0
        await becomes(lambda: other.lag(URLS, 0), 1)


async def test_nobody_asks_no_more(settings: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(settings) as log:
        log.lag(ORDERS_PAGES, 0)
        await becomes(lambda: len(log._lags._ends), 1)
        monkeypatch.setattr("backends.kafka.lags.FORGET", 0.0)
        await becomes(lambda: len(log._lags._ends), 0)


async def test_an_error_that_nobody_foresaw_does_not_end_the_looks(
    settings: Kafka, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(Exception):
        """None of the driver's."""

    async with opened(settings) as log, opened(settings, "other", made=True) as other:
        with monkeypatch.context() as patched:
            patched.setattr("backends.kafka.lags.topic_name", lambda *_: (_ for _ in ()).throw(Odd("secret.test")))
            log.lag(ORDERS_PAGES, 0)
            async with asyncio.timeout(30):
                while "Odd in " not in caplog.text:
                    await asyncio.sleep(0.05)
        await other.send(ORDERS_PAGES, 0, [said(1)])
        await becomes(lambda: log.lag(ORDERS_PAGES, 0), 1)
    assert "secret.test" not in caplog.text
