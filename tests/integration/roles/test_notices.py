"""The notices role as a process: it waits until it knows the cluster, then writes down matches, holds floods, and tells shards the
hosts of matches and no more; killed at any moment it counts nothing twice and loses nothing."""

from functools import partial
from pathlib import Path

import pytest

from contracts import seal
from contracts.lists import FLOOD
from contracts.messages import Match
from contracts.topics import MATCHES
from tests.cluster.cluster import Cluster
from tests.cluster.services import Shared
from tests.integration.crawls import plain_world, until
from tests.integration.roles.logs import opened

pytestmark = pytest.mark.timeout(300)
ROLES = {"frontier": 1, "fetcher": 1, "hasher": 0, "notices": 1}


async def test_the_frontier_learns_the_host_of_a_match(tmp_path: Path, services: Shared) -> None:
    world = plain_world(2, 3)
    host = next(iter(world.hosts.values())).netloc
    async with Cluster(tmp_path, world, services, ROLES) as cluster, opened(services) as log:
        notices = cluster.processes["notices1"]
        await notices.start()

        async def waits() -> bool:
            return [one["part"] for one in await notices.waits()] == ["controls"]

        await cluster.until(waits, "the notices role to wait for the clerk's word")
        await cluster.start("frontier1", "fetcher1")
        ended = await cluster.verb("seeds", "add", *world.seeds())
        assert ended.code == 0, ended.err
        known = tmp_path / "one.csv"
        known.write_text("algorithm,digest,category,source,series,note\nsha1," + 20 * "ab" + ",A,IWF,,\n")
        ended = await cluster.verb("lists", "import", str(known))
        assert ended.code == 0, ended.err
        listed = await cluster.query("SELECT min(entry_id) AS least FROM entry_states WHERE live", database="vault")
        entry_id = listed[0]["least"]
        assert entry_id is not None
        await cluster.until_ready("notices1")
        await until(lambda: any(entry.host == host for entry in cluster.requests()), "a request to the host")
        keys = seal.from_bytes((tmp_path / "keys" / seal.NOTICES_FILE).read_bytes())
        strange = seal.new_keys()
        await log.send(MATCHES, 0, [match(f"http://{host}/i.png", k, entry_id) for k in (strange, keys)])

        async def learnt() -> bool:
            return bool(await cluster.query("SELECT 1 FROM hosts WHERE host = $1 AND matches = 1", host))

        await cluster.until(learnt, "the frontier to learn of the match")
        (row,) = await cluster.query("SELECT * FROM entry_places", database="vault")
        assert row["entry_id"] == entry_id and row["country"] == "" and host.encode() not in row["host"] + row["site"]

        for number in range(24):
            await log.send(MATCHES, 0, [match(f"http://h.site{number}.test/i.png", keys, entry_id, number)])
            if number % 6 == 3:
                await notices.kill()
                await notices.start()
        await cluster.until(partial(held, cluster, entry_id), "the entry to be held, for it is everywhere")
        await cluster.until(partial(counted, cluster, 25), "every match to be written down")
        (times,) = await cluster.query("SELECT count(*) FROM entry_events WHERE what = 'held'", database="vault")
        assert times["count"] == 1
        told = {row["host"] for row in await cluster.query("SELECT host FROM hosts WHERE matches > 0")}
        assert host in told and not told & {f"h.site{number}.test" for number in range(20, 24)}  # held by then
        assert (await cluster.stop("notices1"))["notices1"].code == 0
        await notices.start(PISAURA_CLUSTER_KEYS=str(tmp_path / "keys" / seal.FETCHER_FILE))
        ended = await notices.ended()
        assert ended.code == 2 and "these keys open nothing; notices.keys is needed" in ended.err


async def held(cluster: Cluster, entry_id: int) -> bool:
    rows = await cluster.query("SELECT standing, held FROM entries WHERE entry_id = $1", entry_id, database="vault")
    return [(row["standing"], row["held"]) for row in rows] == [("held", FLOOD)]


async def counted(cluster: Cluster, rows: int) -> bool:
    (found,) = await cluster.query("SELECT count(*) FROM entry_places", database="vault")
    return bool(found["count"] == rows)


def match(location: str, keys: seal.Keys, entry_id: int, place: int = 255) -> Match:
    sealed = seal.Sealer(keys.public, keys.place_key).seal(location)
    return Match(bytes(32), place.to_bytes(32, "big"), sealed, entry_id, "md5", 0, 0, False, 0.0)
