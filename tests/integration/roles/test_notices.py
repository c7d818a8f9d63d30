"""The notices role as a process: it waits until it knows the cluster, then tells shards the hosts of matches and no more."""

from pathlib import Path

import pytest

from contracts import seal
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
        await cluster.until_ready("notices1")
        await until(lambda: any(entry.host == host for entry in cluster.requests()), "a request to the host")
        keys = seal.from_bytes((tmp_path / "keys" / seal.NOTICES_FILE).read_bytes())
        strange = seal.new_keys()
        await log.send(MATCHES, 0, [match(f"http://{host}/i.png", k) for k in (strange, keys)])

        async def learnt() -> bool:
            return bool(await cluster.query("SELECT 1 FROM hosts WHERE host = $1 AND matches = 1", host))

        await cluster.until(learnt, "the frontier to learn of the match")
        assert (await cluster.stop("notices1"))["notices1"].code == 0
        await notices.start(PISAURA_CLUSTER_KEYS=str(tmp_path / "keys" / seal.FETCHER_FILE))
        ended = await notices.ended()
        assert ended.code == 2 and "the notices role needs notices.keys" in ended.err


def match(location: str, keys: seal.Keys) -> Match:
    sealed = seal.Sealer(keys.public, keys.place_key).seal(location)
    return Match(bytes(32), bytes(32), sealed, 1, "md5", 0, 0, False, 0.0)
