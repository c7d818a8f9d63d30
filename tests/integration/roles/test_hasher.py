"""Hashers as processes: sightings are stored and matched once, poison is set aside beside them, lists are looked at again."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from backends.kafka.consumer import KafkaConsumer
from contracts.messages import DigestRecord, Match, MediaDigests, Message
from contracts.notes import DeadLetter
from contracts.ports import Unreadable
from contracts.topics import DEAD, DIGESTS, MATCHES
from tests.cluster.cluster import Cluster
from tests.cluster.services import Shared
from tests.integration.crawls import PATIENCE, plain_world
from tests.integration.roles.logs import opened

pytestmark = pytest.mark.timeout(300)
HASHERS_ALONE = {"frontier": 0, "fetcher": 0, "hasher": 2, "notices": 0}


def sighting(number: int) -> DigestRecord:
    """Of a medium that is large enough to count."""
    digest, media = number.to_bytes(32, "big"), MediaDigests("image/png", 640, 480, why="unsupported")
    return DigestRecord(digest, b"sealed", digest, digest[:20], digest[:16], 4096, 1e9, media)


async def test_sightings_are_stored_and_matched_and_poison_is_set_aside(tmp_path: Path, services: Shared) -> None:
    good = [sighting(number) for number in range(1, 31)]
    poison = [
        msgspec.structs.replace(sighting(90), size=2**63),
        msgspec.structs.replace(sighting(91), seen_at=float("inf")),
    ]
    known = tmp_path / "ours.csv"
    known.write_text(f"algorithm,digest\nsha256,{good[3].sha256.hex()}\n")
    async with Cluster(tmp_path, plain_world(1, 1), services, HASHERS_ALONE) as cluster, opened(services) as log:
        await cluster.start()
        await log.send(DIGESTS, 0, [*good[:10], *poison, *good[10:20]])
        await log.send(DIGESTS, 1, good[20:])
        stored = "SELECT count(*)::int AS n FROM sightings"

        async def counted(sql: str, number: int) -> bool:
            (row,) = await cluster.query(sql, database="vault")
            return bool(row["n"] == number)

        def of(sql: str, number: int) -> Callable[[], Awaitable[bool]]:
            return lambda: counted(sql, number)

        await cluster.until(of(stored, len(good)), "all good sightings to be stored")
        letters = await read(log.whole(DIGESTS + DEAD), len(poison))
        assert sorted(letter.why.partition(" in ")[0] for letter in letters if isinstance(letter, DeadLetter)) == [
            "DataError",
            "OverflowError",
        ]
        ended = await cluster.verb("lists", "import", str(known))
        assert ended.code == 0, ended.err
        (match,) = await read(log.whole(MATCHES), 1)
        assert isinstance(match, Match) and match.sha256 == good[3].sha256
        await log.send(DIGESTS, 2, [good[3]])
        assert len(await read(log.whole(MATCHES), 2)) == 2
        ended_all = await cluster.stop()
        assert {name: end.code for name, end in ended_all.items()} == {"hasher1": 0, "hasher2": 0}
        assert await counted(stored, len(good))


async def read(consumer: KafkaConsumer, number: int) -> list[Message | Unreadable]:
    """So many messages of a topic."""
    messages: list[Message | Unreadable] = []
    deadline = time.monotonic() + PATIENCE
    try:
        while len(messages) < number:
            assert time.monotonic() < deadline, f"only {len(messages)} of {number} messages came"
            messages += [record.message for record in await consumer.poll(100, 1.0)]
    finally:
        await consumer.close()
    return messages
