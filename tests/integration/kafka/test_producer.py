"""Sending to a real broker: order, bounds, what is too long, what is refused; and by TLS with a log-in."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from backends.kafka.log import KafkaLog
from backends.kafka.producer import Producer
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.errors import Unavailable
from contracts.notes import DeadLetter
from contracts.options import MIB
from contracts.ports import Record
from contracts.topics import DEAD, URLS
from tests import certificates, kafka
from tests.integration.kafka.logs import PARTITIONS, numbers, opened, read, said, soon
from tools.kafka.configuration import PASSWORD, USER


@pytest.fixture
def settings(kafka_broker: kafka.Broker, kafka_prefix: str) -> Kafka:
    return Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)


async def test_order_is_kept_however_much_is_sent_at_once(settings: Kafka) -> None:
    async with opened(settings) as log:
        acks = [log.send(URLS, n % 2, [said(n, "h" * (n * 37 % 90_000))]) for n in range(400)]
        await soon(asyncio.gather(*acks))
        records = await read(log.assign({(URLS, 0): 0, (URLS, 1): 0}), 400)
        for partition in (0, 1):
            mine = [record for record in records if record.partition == partition]
            assert numbers(mine) == list(range(partition, 400, 2))
            assert [record.offset for record in mine] == list(range(200))
        assert log.unsent == 0


async def test_acks_tell_where_records_lie(settings: Kafka) -> None:
    async with opened(settings) as log:
        entries = [log.put(URLS, 0, said(n)) for n in range(3)]
        await soon(asyncio.gather(*(entry.future for entry in entries)))
        assert [entry.offset for entry in entries] == [0, 1, 2]


async def test_a_long_bundle_travels_in_parts(settings: Kafka) -> None:
    async with opened(settings) as log:
        await soon(log.send(URLS, 0, [said(n, "h" * 100_000) for n in range(50)]))
        records = await read(log.assign({(URLS, 0): 0}), 50)
        assert numbers(records) == list(range(50))
        assert len({record.offset for record in records}) == 5


async def test_a_message_that_is_too_long_is_parked_and_acked(settings: Kafka) -> None:
    async with opened(settings) as log:
        await soon(log.send(URLS, 0, [said(1), said(2, "h" * 9 * MIB), said(3)]))
        assert numbers(await read(log.assign({(URLS, 0): 0}), 2)) == [1, 3]
        (record,) = await read(log.assign({(URLS + DEAD, 0): 0}), 1)
        assert isinstance(record.message, DeadLetter)
        assert (record.message.topic, record.message.offset, record.message.payload) == (URLS, -1, b"")
        assert "is longer than a record may be" in record.message.why
        await soon(log.park(Record(URLS, 0, 9, said(4, "h" * 9 * MIB)), "odd"))
        assert log.parked == 2


async def test_a_message_just_within_the_limit_travels(settings: Kafka) -> None:
    async with opened(settings) as log:
        await soon(log.send(URLS, 0, [said(1, "h" * (8 * MIB - 80_000))]))
        assert numbers(await read(log.assign({(URLS, 0): 0}), 1)) == [1]


async def test_what_waits_is_bounded(settings: Kafka) -> None:
    """Above `kafka.unsent` it waits in its future; far above, the sender is told at once."""
    few = Kafka(
        bootstrap=settings.bootstrap,
        prefix=settings.prefix,
        replication=1,
        min_insync=1,
        unsent=MIB,
        compression="none",
    )
    async with opened(few) as log:
        handed = []
        producer = log._producer
        acks = [log.send(URLS, n % PARTITIONS, [said(n, "h" * 100_000)]) for n in range(30)]
        assert log.unsent < 2 * MIB
        refused = [ack for ack in acks if ack.done()]  # type: ignore[attr-defined]
        assert len(refused) == 10
        for ack in refused:
            with pytest.raises(Unavailable, match=r"wait to be sent \(kafka\.unsent\)"):
                await ack

        async def watch() -> None:
            while True:
                handed.append(producer._handed)
                await asyncio.sleep(0)

        watching = asyncio.create_task(watch())
        await soon(asyncio.gather(*(ack for ack in acks if ack not in refused)))
        watching.cancel()
        assert 0 < max(handed) < 2 * MIB
        await soon(log.send(URLS, 0, [said(99)]))


async def test_a_caller_that_gives_up_does_not_stop_the_others(settings: Kafka) -> None:
    async with opened(settings) as log:
        acks = [asyncio.ensure_future(log.send(URLS, 0, [said(n)])) for n in range(3)]
        acks[1].cancel()
        await soon(asyncio.gather(acks[0], acks[2]))
        assert numbers(await read(log.assign({(URLS, 0): 0}), 3)) == [0, 1, 2]


async def test_a_pump_that_ended_with_something_queued_is_followed_by_another(settings: Kafka) -> None:
    async with opened(settings) as log:
        first = log.send(URLS, 0, [said(0)])
        (pump,) = log._producer._pumps.values()
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
        await soon(asyncio.gather(first, log.send(URLS, 0, [said(1)])))
        assert numbers(await read(log.assign({(URLS, 0): 0}), 2)) == [0, 1]


async def test_a_partition_that_is_not_there_is_said(settings: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.kafka.producer.PATIENCE", 1.0)
    async with opened(settings) as log:
        with pytest.raises(Unavailable, match="has no partition 77; see `crawlctl topics check`"):
            await soon(log.send(URLS, 77, [said(1)]))
        with pytest.raises(Unavailable, match="nothing was acked by"):
            await soon(log.send("nowhere", 0, [said(1)]))
        await soon(log.send(URLS, 0, [said(1)]))


async def test_a_producer_that_brokers_refuse_is_replaced(settings: Kafka) -> None:
    """After a refused batch its numbers have a gap, and brokers would refuse all that follows."""
    await create(settings, PARTITIONS)
    producer = Producer(settings, "test")
    await producer.start()
    client = producer._client
    # A record that is longer than the topic takes, past the log that would have parked it.
    entry = producer.put(settings.prefix + URLS, 0, bytes(9 * MIB + 1))
    incompressible = Kafka(**{**vars(settings), "compression": "none"})
    other = Producer(incompressible, "other")
    refused = other.put(settings.prefix + URLS, 0, bytes(9 * MIB))
    with pytest.raises(Unavailable, match="MessageSizeTooLarge"):
        await soon(refused.future)
    await soon(other.put(settings.prefix + URLS, 0, b"next").future)
    await soon(entry.future)
    assert producer._client is client, "compressed it was short enough"
    await other.close()
    await producer.close()
    assert producer.put(settings.prefix + URLS, 0, b"late").future.exception() is not None


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[kafka.Broker, certificates.Files]]:
    files = certificates.make(tmp_path_factory.mktemp("certificates"))
    with kafka.running(tmp_path_factory.mktemp("secure"), files=files) as brokers:
        yield brokers.nodes[0], files


@pytest.mark.parametrize("door", ["tls", "mutual", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_by_tls_and_log_in(secure: tuple[kafka.Broker, certificates.Files], door: str) -> None:
    broker, files = secure
    assert broker.node.secure is not None
    ports = {"tls": broker.node.secure.tls, "mutual": broker.node.secure.mutual}
    given = {
        "bootstrap": f"127.0.0.1:{ports.get(door, broker.node.secure.sasl)}",
        "prefix": f"{door}.",
        "tls": True,
        "ca": str(files.authority),
    }
    if door == "mutual":
        given |= {"certificate": str(files.client), "key": str(files.client_key)}
    elif door != "tls":
        given |= {"sasl": door, "username": USER, "password": PASSWORD}
    settings = Kafka(**given, replication=1, min_insync=1)  # type: ignore[arg-type]
    async with opened(settings) as log:
        await soon(log.send(URLS, 0, [said(1)]))
        assert numbers(await read(log.assign({(URLS, 0): 0}), 1)) == [1]
    if "password" in given:
        wrong = KafkaLog(Kafka(**given | {"password": "wrong"}), "test", time.time)  # type: ignore[arg-type]
        with pytest.raises(Unavailable) as refused:
            await wrong.start()
        assert "wrong" not in str(refused.value)
        await wrong.close()
