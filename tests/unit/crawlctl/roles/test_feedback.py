"""The frontier learns the host of a match and no more; answers to re-checks go to the service, and what is neither is put aside."""

import asyncio
from collections.abc import Sequence

from backends.memory.log import MemoryLog
from contracts.messages import HostMatched, Match, Recheck
from contracts.ports import Record, Unreadable
from contracts.sites import bucket_of, partition_of
from contracts.topics import MATCHES, RECHECKS, URLS
from crawlctl.roles.feedback import answers, feedback
from tests.unit.crawlctl.roles.logs import sighting

PARTITIONS = 4


class Service:
    """Takes what comes; every match counts, at the host that its place names."""

    def __init__(self) -> None:
        self.answers: list[Recheck] = []

    async def handle(self, matches: Sequence[Match]) -> list[str]:
        return [match.sealed.decode() for match in matches]

    async def answered(self, answers: Sequence[Recheck]) -> None:
        self.answers += answers


def match(host: str) -> Match:
    return Match(bytes(32), bytes(32), host.encode(), 1, "md5", 0, 0, False, 0.0)


async def told(bus: MemoryLog) -> list[tuple[int, HostMatched]]:
    consumer = bus.assign({(URLS, partition): 0 for partition in range(PARTITIONS)})
    records = await consumer.poll(100, 0.0)
    await consumer.commit({(URLS, partition): 100 for partition in range(PARTITIONS)})
    return [(r.partition, r.message) for r in records if isinstance(r.message, HostMatched)]


async def test_each_shard_is_told_its_hosts() -> None:
    bus = MemoryLog()
    taker = feedback(bus, Service(), PARTITIONS)
    task = asyncio.create_task(taker.run())
    hosts = [f"h{number}.test" for number in range(6)]
    acked = asyncio.ensure_future(bus.send(MATCHES, 0, [match(host) for host in hosts]))
    async with asyncio.timeout(10):
        while len(found := await told(bus)) < len(hosts):
            await asyncio.sleep(0.001)
        await acked
    expected = {(partition_of(bucket_of(host), PARTITIONS), HostMatched(host, bucket_of(host))) for host in hosts}
    assert {(partition, message) for partition, message in found} == expected
    taker.stop()
    await task


async def test_answers_go_to_the_service() -> None:
    service, answer = Service(), Recheck(b"t" * 16, 1.0, 2.0, status=404)
    await answers(MemoryLog(), service)._handle([Record(RECHECKS, 0, 0, answer)])
    assert service.answers == [answer]


async def test_what_belongs_elsewhere_is_parked_and_what_was_parked_is_passed_over() -> None:
    bus, service = MemoryLog(), Service()
    for topic, taker, why in (
        (MATCHES, feedback(bus, service, PARTITIONS), "a DigestRecord is no match"),
        (RECHECKS, answers(bus, service), "a DigestRecord is no answer to a re-check"),
    ):
        bus.parked.clear()
        await taker._handle([Record(topic, 0, 0, Unreadable("newer")), Record(topic, 0, 1, sighting(1))])
        assert [(record.offset, said) for record, said in bus.parked] == [(1, why)]
    assert service.answers == []
