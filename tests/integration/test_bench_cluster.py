"""`make bench-cluster` works: very small databases are filled, decided about, and asked about by operators."""

from dataclasses import replace

from tests.bench.cluster import verbs
from tests.bench.cluster.known import bases
from tests.bench.cluster.world import Shape


async def test_a_frontier_decides_over_filled_databases() -> None:
    shape = Shape(2_000, active=20, due=20, far=2)
    async with bases(fsync=False, ranges=2) as server:
        name = await server.make(shape)
        decided = await server.decide(name, shape, warm=100, urls=300)
        assert decided.urls >= 300 and decided.orders > 0 and decided.frontier > 0 and decided.postgres > 0
        assert decided.links == 20 * decided.urls
        # Were the ids that SQL made others than the stub's, each known link would be a new URL with a place in the queue.
        assert decided.rows < 20 * decided.urls
        found = await verbs.measure(server.server.dsn(name, "pisaura_frontier"), shape, rounds=1)
        assert len(found) == 5
        large = replace(shape, big=3_000, far=0)
        decided = await server.decide(await server.make(large), large, warm=100, urls=100)
        assert decided.urls >= 100 and decided.big == 1  # its delay is an hour
