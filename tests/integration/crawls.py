"""Whole crawls as a user runs them: `python -m crawlctl run` as a process of its own against a web in the test's loop.

async with Scene(folder, world, settings) as scene:
    ended = await scene.crawl("--until-idle")
    assert scene.complaints(delay=0.05) == []
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from backends.postgres.connection import connect
from backends.postgres.supervisor import Supervisor
from contracts.settings import Storage
from tests.fakeweb import judge
from tests.fakeweb.log import Entry
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import World
from tests.fakeweb.sites import fill
from tests.fakeweb.web import FakeWeb, free_ports

REPOSITORY = Path(__file__).parents[2]
DELAY = 0.05
PATIENCE = 90.0
"""Seconds that a crawl or a condition is waited for: far above what an idle machine needs."""
LATE = 0.02
"""Seconds by which this machine's load may shift what the web's log says of a request's end."""
SETTINGS: dict[str, dict[str, Any]] = {
    "politeness": {"delay": "50ms", "backoff": "90s"},
    "addresses": {"allow": ["127.0.0.0/8"], "deny": ["127.66.0.0/16"]},
    "storage": {"fsync": False, "shared_buffers": "16MiB"},
    "rechecks": {"cover": 0.0},
}
"""A crawl that takes seconds: short delays, dead hosts that are not waited for, and no look at media but for a reason."""


def toml(settings: Mapping[str, Mapping[str, Any]]) -> str:
    """Settings groups as TOML (JSON writes strings, numbers, booleans and lists as TOML does)."""
    lines = ['user_agent = "Pisaura/1.0 (+https://hotline.example/bot)"']
    for group, values in settings.items():
        lines.append(f"[{group}]")
        lines += [f"{name} = {msgspec.json.encode(value).decode()}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def merged(*parts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Settings groups put together, the later ones winning key by key."""
    result: dict[str, dict[str, Any]] = {}
    for part in parts:
        for group, values in part.items():
            result.setdefault(group, {}).update(values)
    return result


async def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Poll a condition."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


def plain_world(hosts: int, pages: int, *, seed: int = 1, pictures: bool = False) -> World:
    """Ordinary hosts of `pages` pages each in a ring, nothing odd; the first one is the seed."""
    world = World(seed, free_ports())
    gallery = Gallery(world)
    made = [world.host(f"plain{number:03}.test") for number in range(hosts)]
    for number, host in enumerate(made):
        others = [made[(number + step) % hosts].url("/") for step in (1, 2, 7)]
        fill(host, gallery, pages, others, pictures=pictures)
    world.truth.seeds.append(made[0].url("/"))
    return world


@dataclass(frozen=True)
class Ended:
    """How a process ended. `seconds` is the time from the first signal that it was sent to its end."""

    code: int
    out: str
    err: str
    seconds: float = 0.0

    def json(self) -> list[dict[str, Any]]:
        """Its standard output as JSON lines."""
        return [msgspec.json.decode(line) for line in self.out.splitlines()]


class Running:
    """A `crawlctl` under way. Its output is read all the time, so that it never waits for a reader."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._asked_at = 0.0
        assert process.stdout is not None and process.stderr is not None
        self._said = bytearray(), bytearray()
        streams = zip((process.stdout, process.stderr), self._said, strict=True)
        self._read = [asyncio.create_task(self._listen(stream, said)) for stream, said in streams]

    async def _listen(self, stream: asyncio.StreamReader, said: bytearray) -> None:
        while data := await stream.read(65_536):
            said += data

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        self._asked_at = self._asked_at or asyncio.get_running_loop().time()
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def ended(self, seconds: float = PATIENCE) -> Ended:
        """Wait for its end."""
        async with asyncio.timeout(seconds):
            code = await self.process.wait()
            at = asyncio.get_running_loop().time()
            for task in self._read:
                await asyncio.shield(task)
            out, err = [bytes(said).decode("utf-8", "replace") for said in self._said]
        return Ended(code, out, err, at - self._asked_at if self._asked_at else 0.0)

    def complaint(self) -> str:
        """The end of what it has said on standard error so far."""
        return bytes(self._said[1][-4000:]).decode("utf-8", "replace")

    async def killed(self) -> Ended:
        """kill -9 and its end. Its workers end by themselves and may hold its output open for a moment."""
        self.send(signal.SIGKILL)
        return await self.ended()


class Scene:
    """A web, settings for it, and a state folder; all processes that a test leaves behind are ended with it."""

    def __init__(
        self,
        folder: Path,
        world: World,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        prefix: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """`prefix` runs crawlctl as somebody else; `settings` are laid over `SETTINGS`."""
        self.folder = folder
        self.world = world
        self.state = folder / "state"
        self.settings = folder / "settings.toml"
        self.seeds = folder / "seeds.txt"
        self.known = folder / "known.csv"
        self.web = FakeWeb(world)
        self._groups = merged(SETTINGS, settings or {})
        self._prefix = list(prefix)
        self._environ = dict(environ or {})
        self._running: list[Running] = []

    async def __aenter__(self) -> "Scene":
        await self.web.__aenter__()
        self._groups = merged(self._groups, {"addresses": {"nameservers": [self.web.nameserver]}})
        self.settings.write_text(toml(self._groups))
        self.seeds.write_text("\n".join(self.world.seeds()) + "\n")
        self.known.write_text(self.world.known_csv())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for running in self._running:
                if running.process.returncode is None:
                    running.send(signal.SIGTERM)
            for running in self._running:
                try:
                    await running.ended(20)
                except TimeoutError:
                    await running.killed()
            if (self.state / "postgres").exists() and self.postmaster() is not None:
                async with Supervisor(
                    self.state, STORAGE
                ):  # an orphan of a killed crawlctl: joined, then ended with us
                    pass
        finally:
            await self.web.__aexit__(kind, error, trace)

    def change(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Other settings for the next run."""
        self._groups = merged(self._groups, settings)
        self.settings.write_text(toml(self._groups))

    async def start(self, *arguments: str) -> Running:
        """Start `crawlctl ...`."""
        process = await asyncio.create_subprocess_exec(
            *self._prefix, sys.executable, "-m", "crawlctl", *arguments, cwd=REPOSITORY, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1", **self._environ},
        )  # fmt: skip
        running = Running(process)
        self._running.append(running)
        return running

    async def run(self, *arguments: str, known: bool = True) -> Running:
        """Start `crawlctl run` with this scene's files."""
        lists = ("--known", str(self.known)) if known else ()
        files = ("--seeds", str(self.seeds), *lists, "--state", str(self.state), "--settings", str(self.settings))
        return await self.start("run", *files, *arguments)

    async def crawl(self, *arguments: str, known: bool = True, seconds: float = PATIENCE) -> Ended:
        """`crawlctl run --until-idle` to its end."""
        running = await self.run("--until-idle", *arguments, known=known)
        return await running.ended(seconds)

    async def verb(self, verb: str, *arguments: str) -> Ended:
        """Another verb on this state, to its end."""
        words = (verb, *arguments, "--state", str(self.state), "--settings", str(self.settings))
        return await (await self.start(*words)).ended()

    # -- what came of it --------------------------------------------------------------------------------------------

    def requests(self) -> list[Entry]:
        """Requests so far, in order of arrival."""
        return [entry for entry in self.web.log if entry.method]

    def counts(self) -> Counter[str]:
        """Requests by URL, re-checks of media aside."""
        return Counter(entry.url for entry in self.requests() if not entry.recheck)

    def missing(self) -> set[str]:
        """URLs that a perfect crawler has requested and that were not yet."""
        return self.world.expected_urls() - self.counts().keys()

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

    def coverage(self) -> tuple[dict[str, list[str]], set[str], dict[str, int]]:
        """URLs missing by form, requested without reason, requested twice."""
        found = judge.coverage(list(self.web.log), self.world.truth)
        return judge.missing_by_form(found.missing, self.world.truth), found.unexpected, found.twice

    async def matches(self) -> Counter[tuple[str, str]]:
        """(URL, algorithm) of the matches that `crawlctl matches --json` prints."""
        ended = await self.verb("matches", "--json")
        assert ended.code == 0, ended.err
        return Counter((row["url"], row["algorithm"]) for row in ended.json())

    async def query(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        """Rows of the crawl database."""
        async with Supervisor(self.state, STORAGE) as server:
            connection = await connect(server.dsn("crawl", "pisaura_frontier"))
            try:
                return [dict(row) for row in await connection.fetch(sql, *arguments)]
            finally:
                await connection.close()

    async def fate(self, url: str) -> dict[str, Any]:
        """What `crawlctl explain --json` says of a URL."""
        ended = await self.verb("explain", url, "--json")
        assert ended.code == 0, ended.err
        return ended.json()[0]

    async def counters(self) -> dict[str, int]:
        """Counters of the crawl over all partitions."""
        rows = await self.query("SELECT name, sum(value)::bigint AS value FROM counters GROUP BY name")
        return {row["name"]: row["value"] for row in rows}

    def postmaster(self) -> int | None:
        """The process id of the state's Postgres, if it runs (or is being started)."""
        try:
            pid = int((self.state / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid


STORAGE = Storage(shared_buffers=16 * 1024 * 1024, fsync=False)

Step = Callable[[Scene], Awaitable[None]]
