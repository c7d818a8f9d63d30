"""`crawlctl dead` and `crawlctl topics peek`, on messages that lie in a real broker."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from backends.kafka.log import KafkaLog
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.codec import encode_all
from contracts.messages import Discovery, HostMatched, Message, Purpose
from contracts.ports import Record
from contracts.topics import DIGESTS, ORDERS_PAGES, URLS
from tests.integration.verbs.test_topics import settings_file
from tests.kafka import Broker
from tests.unit.crawlctl.conftest import Crawlctl, Ran

HELLO = HostMatched("hello.test", 7)


class Scene:
    """A log with topics of its own, and the verbs on it."""

    def __init__(self, crawlctl: Crawlctl, settings: Kafka, file: Path) -> None:
        self.settings = settings
        self._crawlctl, self._file = crawlctl, file

    def __call__(self, *arguments: str) -> Ran:
        return self._crawlctl(*arguments, "--settings", str(self._file))

    async def log(self) -> KafkaLog:
        log = KafkaLog(self.settings, "reader-1", time.time)
        await log.start()
        return log

    def send(self, topic: str, partition: int, messages: Sequence[Message]) -> None:
        async def run() -> None:
            log = await self.log()
            await log.send(topic, partition, messages)
            await log.close()

        asyncio.run(run())

    def raw(self, topic: str, partition: int, value: bytes) -> None:
        """Bytes that nobody of ours would send, and a reader that parks them."""

        async def run() -> None:
            producer = AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap)
            await producer.start()
            sent = await producer.send_and_wait(self.settings.prefix + topic, value, partition=partition)
            await producer.stop()
            log = await self.log()
            reader = log.assign({(topic, partition): sent.offset})
            records: list[Record] = []
            deadline = time.monotonic() + 30
            while not records and time.monotonic() < deadline:
                records = await reader.poll(10, 1.0)
            assert records
            await log.close()

        asyncio.run(run())

    def park(self, topic: str, message: Message, why: str) -> None:
        async def run() -> None:
            log = await self.log()
            await log.park(Record(topic, 1, 5, message), why)
            await log.close()

        asyncio.run(run())


@pytest.fixture
def scene(crawlctl: Crawlctl, kafka_broker: Broker, kafka_prefix: str, tmp_path: Path) -> Scene:
    settings = Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)
    asyncio.run(create(settings, 2))
    return Scene(crawlctl, settings, settings_file(tmp_path, kafka_broker, kafka_prefix))


def test_peeking(scene: Scene) -> None:
    scene.send(URLS, 0, [HELLO, HELLO])
    for bucket in range(3):
        scene.send(URLS, 1, [HostMatched("b.test", bucket)])
    lines = scene("topics", "peek", URLS).out.splitlines()
    assert len(lines) == 5
    assert sum('"host": "hello.test"' in line for line in lines) == 2
    rows = scene("topics", "peek", URLS, "--json").answers
    assert {(row["partition"], row["offset"]) for row in rows} == {(0, 0), (1, 0), (1, 1), (1, 2)}
    assert all(row["bytes"] > 10 and row["time"].endswith("Z") for row in rows)
    last = scene("topics", "peek", URLS, "--partition", "1", "--last", "1", "--json").answers
    assert [row["message"]["bucket"] for row in last] == [2]
    later = scene("topics", "peek", URLS, "--partition", "1", "--offset", "1", "--json").answers
    assert [row["offset"] for row in later] == [1, 2]
    assert scene("topics", "peek", "outcomes").out == ""
    assert "0 to 1, and no 7" in scene("topics", "peek", URLS, "--partition", "7").err
    assert scene("topics", "peek", "nonsense").code == 2


def test_a_poison_message_from_listing_to_sending_it_again(scene: Scene) -> None:
    assert scene("dead", "ls").out == "no dead letters\n"
    scene.raw(URLS, 1, b"\x01\x91\xc4\x04\x01\x02\xc1\xc1")
    (row,) = scene("dead", "ls", "--json").answers
    assert (row["place"], row["by"], row["retried_at"]) == ("urls/1/0", "reader-1", None)
    assert "cannot be read" in row["why"]
    shown = scene("dead", "show", "urls/1/0", "--json").answers[0]
    assert shown["contents"][0]["messages"][0]["type"] == "Unreadable"
    assert "c1c1" in shown["contents"][0]["head"]
    assert "urls/1/0" in scene("dead", "show", "urls/1/0").out
    assert "Unreadable" in scene("topics", "peek", URLS).out

    sent = scene("dead", "retry", "urls/1/0", "--json")
    assert (sent.code, sent.answers) == (0, [{"place": "urls/1/0", "sent": True, "why": ""}])
    assert len(scene("topics", "peek", URLS, "--partition", "1", "--json").answers) == 2
    (row,) = scene("dead", "ls", "--topic", URLS, "--json").answers
    assert row["retried_at"] is not None

    again = scene("dead", "retry", "urls/1/0")
    assert again.code == 1
    assert "--again" in again.out
    assert scene("dead", "retry", "--all").code == 0  # nothing is left to do
    assert len(scene("topics", "peek", URLS, "--json").answers) == 2
    assert scene("dead", "retry", "urls/1/0", "--again").code == 0
    assert len(scene("topics", "peek", URLS, "--json").answers) == 3


def test_what_can_be_read_is_shown_and_sent_as_it_was(scene: Scene) -> None:
    page = Discovery(Purpose.SEED, b"", 0, 1.0, [])
    scene.park(URLS, page, "its reader tripped over it")
    (shown,) = scene("dead", "show", "urls/1/5", "--json").answers
    assert shown["contents"][0]["messages"][0]["type"] == "Discovery"
    assert scene("dead", "retry", "--topic", URLS).code == 0
    (row,) = scene("topics", "peek", URLS, "--json").answers
    assert (row["partition"], row["message"]["purpose"]) == (1, "seed")
    assert row["bytes"] == len(encode_all([page]))


def test_an_order_is_never_sent_again(scene: Scene) -> None:
    scene.park(ORDERS_PAGES, HELLO, "no order")
    scene.park(DIGESTS, HELLO, "no digest")
    for what in (["orders.pages/1/5"], ["--all", "--again"]):
        ran = scene("dead", "retry", *what)
        assert ran.code == 1
        assert "orders.pages/1/5: not sent: an order is never sent again" in ran.out
    assert scene("topics", "peek", ORDERS_PAGES).out == ""
    assert len(scene("topics", "peek", DIGESTS, "--json").answers) == 1


def test_questions_that_have_no_answer(scene: Scene) -> None:
    assert "there is no dead letter of urls/0/9" in scene("dead", "show", "urls/0/9").err
    assert "retry what?" in scene("dead", "retry").err
    assert "retry what?" in scene("dead", "retry", "--all", "urls/0/9").err
    assert scene("dead", "show", "what").code == 2
