"""What befalls a cluster: its processes, its broker and its database killed, paused and restarted at random, by a seed.

An incident is one of these, to one of them, for so many seconds; afterwards all is as before.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from tests.cluster.cluster import Cluster
from tests.cluster.services import Own

SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "politeness": {"backoff": "16s"},
    "limits": {"order_start": "3s", "order_run": "2s", "total": "5s", "media_total": "6s", "first_byte": "5s"},
    "cluster": {"lease": "4s", "renew": "1s"},
}
"""Lost orders come back after 15 s and silent shards lose their partitions after 4 s, by the same code as always."""
LONG: Final = 16.0
"""Seconds of a pause that outlives a lease and every order's deadline."""
BROKER: Final = "broker"
DATABASE: Final = "database"
JOIN: Final = "join"
KILL: Final = "kill"
PAUSE: Final = "pause"
RESTART: Final = "restart"


class Incident(NamedTuple):
    """`what` happens to `whom` (a process by its name, the broker, the database, or a role that a process joins) for `seconds`."""

    what: str
    whom: str
    seconds: float

    def __str__(self) -> str:
        done = {
            KILL: "kill -9, back after",
            PAUSE: "SIGSTOP for",
            RESTART: "SIGTERM, back after",
            JOIN: "one more of them for",
        }
        return f"{self.whom}: {done[self.what]} {self.seconds:.1f} s"


def incidents(chance: random.Random, names: list[str]) -> Iterator[Incident]:
    """Incidents for ever: in each turn one to everybody, in random order, and a frontier process that joins and leaves.

    A fetcher, a shard, and the broker or the database are killed in each turn; another fetcher is paused beyond the deadlines of
    its orders.
    """
    while True:
        turn = [*names, BROKER, DATABASE, "frontier"]
        chance.shuffle(turn)
        fetchers = [name for name in turn if name.startswith("fetcher")]
        shards = [name for name in turn if name.startswith("frontier") and name != "frontier"]
        killed, held = {*fetchers[:1], *shards[:1], chance.choice((BROKER, DATABASE))}, {*fetchers[1:2]}
        for whom in turn:
            if whom == "frontier":
                yield Incident(JOIN, whom, chance.uniform(3, 8))
            elif whom in held:
                yield Incident(PAUSE, whom, LONG)
            elif whom in killed:
                yield Incident(KILL, whom, chance.uniform(0.2, 4))
            else:
                what = chance.choices((KILL, PAUSE, RESTART), (4, 3, 1))[0]
                longer = what == PAUSE and whom in shards and chance.random() < 0.3
                yield Incident(what, whom, LONG if longer else chance.uniform(0.2, 4))


class Chaos:
    """Brings incidents about. `tell` is told of each before; `done` keeps them."""

    def __init__(self, cluster: Cluster, services: Own, tell: Callable[[str], None] = print) -> None:
        self.cluster = cluster
        self._services = services
        self.tell = tell
        self.done: list[Incident] = []

    async def bring(self, incident: Incident) -> None:
        """From its beginning to its end. Nobody is waited for who then has to find his feet again."""
        self.tell(str(incident))
        self.done.append(incident)
        if incident.what == JOIN:
            await self._join(incident)
        elif incident.whom == BROKER:
            await self._broker(incident)
        elif incident.whom == DATABASE:
            await self._database(incident)
        else:
            await self._process(incident)

    async def _process(self, incident: Incident) -> None:
        process = self.cluster.processes[incident.whom]
        if incident.what == PAUSE:
            process.pause()
            await asyncio.sleep(incident.seconds)
            process.resume()
            return
        await (process.kill() if incident.what == KILL else process.stop())
        await asyncio.sleep(incident.seconds)
        await process.start()

    async def _join(self, incident: Incident) -> None:
        """Seconds count from when it serves, so that partitions move to it and back."""
        process = self.cluster.add(incident.whom)
        await process.start()
        await self.cluster.until_ready(process.name)
        await asyncio.sleep(incident.seconds)
        await process.stop()

    async def _broker(self, incident: Incident) -> None:
        broker = self._services.brokers.nodes[0]
        if incident.what == PAUSE:
            broker.pause()
            await asyncio.sleep(incident.seconds)
            broker.resume()
            return
        await asyncio.to_thread(broker.kill if incident.what == KILL else broker.stop)
        await asyncio.sleep(incident.seconds)
        broker.start()
        await broker.ready()

    async def _database(self, incident: Incident) -> None:
        if incident.what == PAUSE:
            self._services.pause_database()
            await asyncio.sleep(incident.seconds)
            self._services.resume_database()
        elif incident.what == KILL:
            self._services.kill_database()
        else:
            await self._services.stop_database()
            await asyncio.sleep(incident.seconds)
            await self._services.start_database()
