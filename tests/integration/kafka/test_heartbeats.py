"""Heartbeats from processes to operators, over a real broker."""

import socket
import time

from backends.kafka.log import KafkaLog
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.notes import Heartbeat
from contracts.settings import Settings
from contracts.topics import HEARTBEATS
from crawlctl.heartbeats import latest
from tests.kafka import Broker


async def test_the_last_seconds_of_all_processes(kafka_broker: Broker, kafka_prefix: str) -> None:
    settings = Settings(kafka=Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1))
    heard = await latest(settings)
    assert "crawlctl topics create" in heard.note
    await create(settings.kafka, 2)
    assert await latest(settings) == type(heard)([], {})
    log = KafkaLog(settings.kafka, "me", time.time)
    await log.start()
    for number in range(3):
        for process in ("a", "b"):
            beat = Heartbeat("fetcher", process, "host", time.time(), time.time(), 0.0, {"pages": float(number)})
            await log.send(HEARTBEATS, 0, [beat])
    await log.close()
    heard = await latest(settings)
    assert heard.note == ""
    assert [beat.counts["pages"] for beat in heard.beats if beat.process == "a"] == [0.0, 1.0, 2.0]
    assert abs(heard.arrived["a"] - time.time()) < 60
    assert (await latest(settings, within=-1000.0)).beats == []


async def test_brokers_that_are_silent_cost_a_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(kafka=Kafka(bootstrap=f"127.0.0.1:{silent.getsockname()[1]}"))
        heard = await latest(settings, seconds=0.3)
    assert "have not answered within 0.3 s" in heard.note
