"""A cluster against the synthetic web.

async with Own(folder) as services, Cluster(folder, world, services, {"frontier": 2, "fetcher": 2}) as cluster:
    await cluster.start()
    await cluster.until_idle()
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from backends.postgres.connection import connect
from contracts import seal
from tests.cluster.processes import RoleProcess, crawlctl
from tests.cluster.services import Services
from tests.fakeweb import judge
from tests.fakeweb.log import Entry
from tests.fakeweb.model import World
from tests.fakeweb.web import FakeWeb
from tests.integration.crawls import DELAY, LATE, PATIENCE, Ended, merged, toml

ROLES: Final = {"frontier": 2, "fetcher": 2, "hasher": 1, "notices": 1}
PARTITIONS: Final = 16
HORIZON: Final = 60.0
"""Seconds within which no host may be due for a cluster to be idle."""
IDLE_LOOKS: Final = 4
"""Looks in a row that must find nothing to do."""
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "politeness": {"delay": "50ms", "backoff": "90s"},
    "addresses": {"allow": ["127.0.0.0/8"], "deny": ["127.66.0.0/16"]},
    "workers": {"digest": 1, "orders": 64, "shutdown_grace": "10s"},
    "kafka": {"replication": 1, "min_insync": 1},
    "cluster": {"partitions": PARTITIONS},
    "rechecks": {"cover": 0.0},
}
"""A crawl that takes seconds: short delays, dead hosts that are not waited for, and no look at media but for a reason."""


class Cluster:
    """Role processes by name (`frontier1`, `fetcher2`, ...), a web for them, and what came of it."""

    def __init__(
        self,
        folder: Path,
        world: World,
        services: Services,
        roles: Mapping[str, int] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """`roles`: how many processes of each, laid over `ROLES`; `settings` are laid over `SETTINGS`."""
        self.folder = folder
        self.world = world
        self.services = services
        self.web = FakeWeb(world)
        self.settings = folder / "cluster.toml"
        self.known = folder / "known.csv"
        self.seeds = folder / "seeds.txt"
        self._groups = merged(SETTINGS, settings or {})
        self._counts = {**ROLES, **(roles or {})}
        self.processes: dict[str, RoleProcess] = {}

    # -- beginning and end ----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> "Cluster":
        """Web, settings, keys, databases, topics; no role runs yet."""
        await self.web.__aenter__()
        services = {"kafka": {"bootstrap": self.services.bootstrap, "prefix": self.services.prefix}}
        self._groups = merged(self._groups, {"addresses": {"nameservers": [self.web.nameserver]}}, services)
        self.settings.write_text(toml(self._groups))
        self.seeds.write_text("\n".join(self.world.seeds()) + "\n")
        self.known.write_text(self.world.known_csv())
        for role, count in self._counts.items():
            for _ in range(count):
                self.add(role)
        try:
            await self._done(await self.verb("keys", "new", str(self.folder / "keys"), role=""))
            await self._done(await self.verb("migrate", role="owner"))
            await self._done(await self.verb("topics", "create", role="owner"))
        except BaseException:
            await self.web.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for process in self.processes.values():
                if process.alive:
                    process.resume()
                    await process.kill()
        finally:
            await self.web.__aexit__(None, None, None)

    async def _done(self, ended: Ended) -> None:
        assert ended.code == 0, ended.err

    def environ(self, role: str) -> dict[str, str]:
        """What only processes of this role are told: connection strings and keys. "owner" owns the databases."""
        keys, dsn = self.folder / "keys", self.services.dsn
        crawl, vault, file = "PISAURA_POSTGRES_CRAWL", "PISAURA_POSTGRES_VAULT", "PISAURA_CLUSTER_KEYS"
        given = {
            "frontier": {crawl: dsn("crawl", "pisaura_frontier")},
            "fetcher": {file: str(keys / seal.FETCHER_FILE)},
            "hasher": {vault: dsn("vault", "pisaura_hasher")},
            "notices": {vault: dsn("vault", "pisaura_notices"), file: str(keys / seal.NOTICES_FILE)},
            "owner": {crawl: dsn("crawl"), vault: dsn("vault")},
            "operator": {
                crawl: dsn("crawl", "pisaura_frontier"),
                vault: dsn("vault", "pisaura_hasher"),
                file: str(keys / seal.NOTICES_FILE),
            },
        }
        return given.get(role, {})

    def add(self, role: str) -> RoleProcess:
        """One more process of a role, not started yet."""
        number = 1 + max((process.number for process in self.of(role)), default=0)
        process = RoleProcess(role, number, self.settings, self.environ(role))
        self.processes[process.name] = process
        return process

    async def start(self, *names: str) -> None:
        """Start these processes, all that do not run if none is named, and wait until each serves."""
        chosen = [self.processes[name] for name in names] or [p for p in self.processes.values() if not p.alive]
        await asyncio.gather(*(process.start() for process in chosen))
        await asyncio.gather(*(self.until_ready(process.name) for process in chosen))

    async def begin(self) -> None:
        """The world's known lists, all processes, and once all shards have their share the world's seeds."""
        await self._done(await self.verb("lists", "import", str(self.known)))
        await self.start()
        await self.until_shared()
        await self._done(await self.verb("seeds", "add", *self.world.seeds()))

    async def stop(self, *names: str) -> dict[str, Ended]:
        """SIGTERM to these, to all that run if none is named, at once; how each ended."""
        chosen = [self.processes[name] for name in names] or [p for p in self.processes.values() if p.alive]
        ended = await asyncio.gather(*(process.stop() for process in chosen))
        return {process.name: end for process, end in zip(chosen, ended, strict=True)}

    def of(self, role: str) -> list[RoleProcess]:
        """The processes of a role."""
        return [process for process in self.processes.values() if process.role == role]

    # -- waiting --------------------------------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], Awaitable[object]], what: str, seconds: float = PATIENCE) -> None:
        """Poll a condition; fails with what it said last, and at once if a process has ended that should run."""
        deadline = time.monotonic() + seconds
        while not (said := await condition()):
            self.check_alive()
            assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}: {said!r}"
            await asyncio.sleep(0.1)

    def check_alive(self) -> None:
        """Fail if a process has ended by itself."""
        for process in self.processes.values():
            if (
                process.running is not None
                and not process.leaving
                and (code := process.running.process.returncode) is not None
            ):
                raise AssertionError(f"{process.name} ended with {code}: {process.running.complaint()}")

    async def until_ready(self, *names: str, seconds: float = PATIENCE) -> None:
        """Wait until these processes serve."""

        async def ready() -> bool:
            return not any([await self.processes[name].waits() for name in names])

        await self.until(ready, f"{', '.join(names)} to serve", seconds)

    async def until_shared(self, seconds: float = PATIENCE) -> None:
        """Wait until the frontier processes that run have divided the partitions among them."""
        total = self._groups["cluster"]["partitions"]

        async def shared() -> bool:
            shards = [await process.metrics() for process in self.of("frontier") if process.alive]
            held = [int(one.get("pisaura_partitions", 0)) for one in shards]
            return sum(held) == total and max(held) - min(held) <= 1

        await self.until(shared, "the partitions to be divided", seconds)

    async def until_idle(self, seconds: float = 180.0) -> None:
        """Wait until nothing is out, nothing waits in the log, and no host is due soon."""
        looks = 0

        async def idle() -> bool:
            nonlocal looks
            looks = looks + 1 if not await self.at_work() else 0
            return looks >= IDLE_LOOKS

        try:
            await self.until(idle, "the cluster to become idle", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; at work: {await self.at_work()}") from None

    async def at_work(self) -> dict[str, float]:
        """What is still to be done, by kind; empty if nothing is."""
        until = round((time.time() + HORIZON) * 1000)
        (row,) = await self.query(
            "SELECT (SELECT count(*) FROM leases) AS orders, (SELECT count(*) FROM seeds WHERE taken_at = 0) AS seeds,"
            " (SELECT count(*) FROM hosts WHERE ready_at < $1) AS hosts",
            until,
        )
        found: dict[str, float] = defaultdict(float, row)
        for process in self.processes.values():
            if not process.alive:
                continue
            for name, value in (await process.metrics()).items():
                if name.startswith(("pisaura_log_messages", "pisaura_fetcher_orders", "pisaura_digests_pending")):
                    found[name] += value
        shards = [await process.metrics() for process in self.of("frontier") if process.alive]
        missing = self._groups["cluster"]["partitions"] - sum(one.get("pisaura_partitions", 0) for one in shards)
        return {name: value for name, value in {**found, "partitions without a shard": missing}.items() if value}

    def write_logs(self) -> None:
        """What processes that have ended printed, each start in a file of its own, in `logs` of the folder."""
        folder = self.folder / "logs"
        folder.mkdir(exist_ok=True)
        for process in self.processes.values():
            for number, ended in enumerate(process.endings, 1):
                (folder / f"{process.name}.{number}.log").write_text(ended.err)

    # -- what came of it ------------------------------------------------------------------------------------------------

    async def verb(self, *arguments: str, role: str = "operator") -> Ended:
        """A verb of `crawlctl` with this cluster's settings, to its end."""
        running = await crawlctl(*arguments, "--settings", str(self.settings), environ=self.environ(role))
        return await running.ended()

    async def query(self, sql: str, *arguments: object, database: str = "crawl") -> list[dict[str, Any]]:
        """Rows of a database, as its owner."""
        connection = await connect(self.services.dsn(database))
        try:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()

    def requests(self) -> list[Entry]:
        """Requests so far, in order of arrival."""
        return [entry for entry in self.web.log if entry.method]

    def unrequested(self) -> set[str]:
        """URLs that a perfect crawler has requested and that were not yet."""
        return self.world.expected_urls() - {entry.url for entry in self.requests()}

    def coverage(self) -> tuple[dict[str, list[str]], set[str], dict[str, int]]:
        """URLs missing by form, requested without reason, requested twice."""
        found = judge.coverage(list(self.web.log), self.world.truth)
        return judge.missing_by_form(found.missing, self.world.truth), found.unexpected, found.twice

    def repeated(self) -> int:
        """Requests beyond the first of each URL that needs no second one."""
        found = judge.coverage(list(self.web.log), self.world.truth)
        return sum(found.twice.values()) - len(found.twice)

    def complaints(self, delay: float = DELAY) -> list[judge.Violation]:
        """All that the log holds against the crawler: politeness, parallelism, robots, guard, Retry-After, budgets."""
        log, truth = list(self.web.log), self.world.truth
        return [
            *judge.politeness_violations(log, truth, delay, LATE),
            *judge.parallelism_violations(log, truth, tolerance=LATE),
            *judge.robots_violations(log, truth),
            *judge.guard_violations(log, truth),
            *judge.retry_after_violations(log, LATE),
            *judge.budget_violations(log, truth),
        ]

    async def matches(self) -> Counter[tuple[str, str]]:
        """(URL, algorithm) of the matches that `crawlctl matches --json` prints."""
        ended = await self.verb("matches", "--json", "--purpose", "a test")
        assert ended.code == 0, ended.err
        return Counter((row["url"], row["algorithm"]) for row in ended.json())
