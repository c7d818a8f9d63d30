"""The brokers of tests, and what the log may count on: what is acked survives kills of a node, alone or one of three."""

import asyncio
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from tests import certificates, kafka
from tools.kafka.configuration import PASSWORD, USER

PATIENCE = 60.0


@asynccontextmanager
async def producing(bootstrap: str, **settings: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", **settings)
    try:
        await producer.start()
        yield producer
    finally:
        await asyncio.wait_for(producer.stop(), PATIENCE)


async def everything(bootstrap: str, topic: str, **settings: Any) -> list[bytes]:
    """All values of a topic's one partition, in order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", **settings)
    partition, values = TopicPartition(topic, 0), list[bytes]()
    try:
        await consumer.start()
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        async with asyncio.timeout(PATIENCE):
            while await consumer.position(partition) < end:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    values += [record.value for record in records]
    finally:
        await asyncio.wait_for(consumer.stop(), PATIENCE)
    return values


def numbered(count: int, first: int = 0) -> list[bytes]:
    return [b"%d" % number for number in range(first, first + count)]


async def test_the_shared_broker_takes_and_gives(kafka_broker: kafka.Broker, kafka_prefix: str) -> None:
    topic = f"{kafka_prefix}urls"
    await kafka.make_topics(kafka_broker.bootstrap, topic)
    async with producing(kafka_broker.bootstrap, compression_type="zstd") as producer:
        await asyncio.gather(*[producer.send_and_wait(topic, value) for value in numbered(100)])
    assert sorted(await everything(kafka_broker.bootstrap, topic)) == sorted(numbered(100))


async def test_a_killed_broker_comes_back_with_its_data(tmp_path: Path) -> None:
    brokers = kafka.prepare(tmp_path)
    broker = brokers.nodes[0]
    try:
        brokers.start()
        await brokers.ready()
        await kafka.make_topics(broker.bootstrap, "kept")
        async with producing(broker.bootstrap) as producer:
            for value in numbered(20):
                await producer.send_and_wait("kept", value)
            broker.kill()
            assert not broker.running
            waiting = asyncio.ensure_future(producer.send_and_wait("kept", b"20"))
            broker.start()
            await asyncio.wait_for(waiting, PATIENCE)
        await broker.ready()
        assert await everything(broker.bootstrap, "kept") == numbered(21)
    finally:
        brokers.kill()


async def test_a_paused_broker_goes_on(tmp_path: Path) -> None:
    brokers = kafka.prepare(tmp_path)
    broker = brokers.nodes[0]
    try:
        brokers.start()
        await brokers.ready()
        await kafka.make_topics(broker.bootstrap, "paused")
        async with producing(broker.bootstrap) as producer:
            await producer.send_and_wait("paused", b"0")
            broker.pause()
            waiting = asyncio.ensure_future(producer.send_and_wait("paused", b"1"))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 0.3)
            broker.resume()
            await asyncio.wait_for(waiting, PATIENCE)
        broker.stop()
        assert not broker.running
        broker.start()
        await broker.ready()
        assert await everything(broker.bootstrap, "paused") == numbered(2)
    finally:
        brokers.kill()


async def test_what_three_brokers_acked_survives_the_kill_of_one(tmp_path: Path) -> None:
    brokers = kafka.prepare(tmp_path, nodes=3)
    try:
        brokers.start()
        await brokers.ready()
        await kafka.make_topics(brokers.bootstrap, "kept", replication=3, min_insync_replicas="2")
        acked = 1
        async with producing(brokers.bootstrap) as producer, asyncio.timeout(PATIENCE):
            await producer.send_and_wait("kept", b"0")
            killed = brokers.nodes[producer.client.cluster.leader_for_partition(TopicPartition("kept", 0)) - 1]
            while acked < 200:
                if acked == 100:
                    killed.kill()
                await producer.send_and_wait("kept", b"%d" % acked)
                acked += 1
        left = next(broker for broker in brokers.nodes if broker is not killed)
        assert await everything(left.bootstrap, "kept") == numbered(200)
        killed.start()
        await brokers.ready()
        assert await everything(killed.bootstrap, "kept") == numbered(200)
    finally:
        brokers.kill()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[kafka.Broker, certificates.Files]]:
    folder = tmp_path_factory.mktemp("secure")
    files = certificates.make(folder)
    with kafka.running(folder, files=files) as brokers:
        yield brokers.nodes[0], files


def verified(files: certificates.Files, own: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(files.authority))
    if own:
        context.load_cert_chain(files.client, files.client_key)
    return context


@pytest.mark.parametrize("way", ["TLS", "MUTUAL", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_listeners_with_tls(secure: tuple[kafka.Broker, certificates.Files], way: str) -> None:
    broker, files = secure
    doors = broker.node.secure
    assert doors
    port = {"TLS": doors.tls, "MUTUAL": doors.mutual}.get(way, doors.sasl)
    settings: dict[str, Any] = {"security_protocol": "SSL", "ssl_context": verified(files, own=way == "MUTUAL")}
    if port == doors.sasl:
        settings |= {"security_protocol": "SASL_SSL", "sasl_mechanism": way}
        settings |= {"sasl_plain_username": USER, "sasl_plain_password": PASSWORD}
    topic = f"by-{way}"
    await kafka.make_topics(broker.bootstrap, topic)
    bootstrap = f"{broker.node.host}:{port}"
    async with producing(bootstrap, **settings) as producer:
        await producer.send_and_wait(topic, b"0")
    assert await everything(bootstrap, topic, **settings) == numbered(1)


@pytest.mark.parametrize("way", ["no certificate", "no password", "stranger"])
async def test_who_may_not_enter(secure: tuple[kafka.Broker, certificates.Files], way: str, tmp_path: Path) -> None:
    broker, files = secure
    doors = broker.node.secure
    assert doors
    settings: dict[str, Any] = {"security_protocol": "SSL", "ssl_context": verified(files)}
    port = doors.mutual
    if way == "no password":
        port = doors.sasl
        settings |= {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"}
        settings |= {"sasl_plain_username": USER, "sasl_plain_password": "wrong"}
    elif way == "stranger":
        port = doors.tls
        settings["ssl_context"] = verified(certificates.make(tmp_path))
    with pytest.raises(KafkaConnectionError):
        async with producing(f"{broker.node.host}:{port}", **settings):
            pass


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_by_hand_the_broker_ends_with_its_program(end: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.kafka", "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        try:
            host, _, port = json.loads(program.stdout.readline())["bootstrap"].partition(":")
            assert listens(host, int(port))
            program.send_signal(end)
            assert program.wait(PATIENCE) == (0 if end == signal.SIGTERM else -end)
        finally:
            program.kill()
    async with asyncio.timeout(PATIENCE):
        while listens(host, int(port)):
            await asyncio.sleep(0.01)


def listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
