"""The frontier learns the host of a match and no more; of a place that was sealed to other keys not even that."""

import asyncio
from collections.abc import Sequence

from backends.memory.log import MemoryLog
from contracts.messages import DigestRecord, HostMatched, Match
from contracts.ports import Record, Unreadable
from contracts.seal import Keys, Sealer, new_keys
from contracts.settings import Lists
from contracts.sites import bucket_of, partition_of
from contracts.tallies import Recorded, Seen
from contracts.topics import MATCHES, URLS
from crawlctl.roles.feedback import feedback
from notices.service import NoticesService
from tests.unit.crawlctl.roles.logs import sighting

PARTITIONS = 4


class AllLive:
    """A vault in which every entry counts."""

    async def record(self, seen: Sequence[Seen], sites: int, seconds: float) -> Recorded:
        return Recorded(frozenset(one.entry_id for one in seen), {})

    async def hold(self, entry_ids: Sequence[int], reason: str, why: str, now: float) -> int:
        raise AssertionError("nothing is to be held")


def service(keys: Keys) -> NoticesService:
    return NoticesService(AllLive(), keys, Lists(), lambda: 0.0)


def match(location: str, keys: Keys) -> Match:
    sealed = Sealer(keys.public, keys.place_key).seal(location)
    return Match(bytes(32), bytes(32), sealed, 1, "md5", 0, 0, False, 0.0)


async def told(bus: MemoryLog) -> list[tuple[int, HostMatched]]:
    consumer = bus.assign({(URLS, partition): 0 for partition in range(PARTITIONS)})
    records = await consumer.poll(100, 0.0)
    await consumer.commit({(URLS, partition): 100 for partition in range(PARTITIONS)})
    return [(r.partition, r.message) for r in records if isinstance(r.message, HostMatched)]


async def test_each_shard_is_told_its_hosts() -> None:
    keys, other = new_keys(), new_keys()
    bus = MemoryLog()
    taker = feedback(bus, service(keys), PARTITIONS)
    task = asyncio.create_task(taker.run())
    hosts = [f"h{number}.test" for number in range(6)]
    matches = [match(f"http://{host}/i.png", keys) for host in hosts]
    strange = [match("http://strange.test/i.png", other), match("no url", keys)]
    acked = asyncio.ensure_future(bus.send(MATCHES, 0, [*strange, *matches]))
    async with asyncio.timeout(10):
        while len(found := await told(bus)) < len(hosts):
            await asyncio.sleep(0.001)
        await acked
    expected = {(partition_of(bucket_of(host), PARTITIONS), HostMatched(host, bucket_of(host))) for host in hosts}
    assert {(partition, message) for partition, message in found} == expected
    taker.stop()
    await task


async def test_what_is_no_match_is_parked_and_what_was_parked_is_passed_over() -> None:
    bus = MemoryLog()
    taker = feedback(bus, service(new_keys()), PARTITIONS)
    records = [Record(MATCHES, 0, 0, Unreadable("newer")), Record(MATCHES, 0, 1, sighting(1))]
    assert isinstance(records[1].message, DigestRecord)
    await taker._handle(records)
    assert [(record.offset, why) for record, why in bus.parked] == [(1, "a DigestRecord is no match")]
