"""One small crawl for all tests of this folder, and its state as it was left, with a Postgres that runs meanwhile.

Verbs are tried in both ways that operators have: beside the state (--state), and as on a cluster (--settings), whose databases
are then those of the state, reached by TCP with passwords.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backends.postgres.databases import ADMIN
from backends.postgres.supervisor import Supervisor
from crawlctl.settings import load
from crawlctl.state import KEYS
from tests.fakeweb.model import Answer, World
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_world
from tests.integration.crawls import STORAGE, Scene
from tests.postgres import by_tcp, open_tcp
from tests.unit.crawlctl.conftest import Crawlctl, Ran
from tests.unit.crawlctl.conftest import crawlctl as crawlctl


@dataclass(frozen=True)
class Crawled:
    """A state whose crawl has ended, and the web that it saw."""

    state: Path
    settings: Path
    world: World
    out: str
    address: str

    def url(self, host: str, path: str = "/") -> str:
        """A URL of a host, by the host's name without port."""
        origin = next(h.origin for (_, netloc), h in self.world.hosts.items() if netloc.partition(":")[0] == host)
        return origin + path

    def environ(self) -> dict[str, str]:
        """What an operator of a cluster with these databases has in the environment."""
        return {
            "PISAURA_POSTGRES_CRAWL": by_tcp(self.address, "crawl", "pisaura_frontier"),
            "PISAURA_POSTGRES_VAULT": by_tcp(self.address, "vault", "pisaura_hasher"),
            "PISAURA_CLUSTER_KEYS": str(self.state / KEYS),
            "PISAURA_USER_AGENT": "Pisaura/1.0 (+https://hotline.example/bot)",
        }

    def netloc(self, host: str) -> str:
        """A host with its port."""
        return self.url(host).split("/")[2]


@pytest.fixture(scope="package")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """A crawl from start to end by `python -m crawlctl run`; its Postgres stays up, so that verbs join it."""
    folder = tmp_path_factory.mktemp("verbs")
    world = build_world(1, parts=("sites", "gallery", "redirects", "robots"), sites=3, pages=4, ports=free_ports())
    mapped = world.host("mapped.test")
    mapped.put("/", Answer(b"<html><p>nothing leads on"), "seed")
    mapped.put("/found.html", Answer(b"<html><p>only the map leads here"), "sitemap")
    mapped.put("/map.txt", Answer(mapped.url("/found.html").encode(), "text/plain"), "robots-sitemap")
    mapped.robots(Answer(f"Sitemap: {mapped.url('/map.txt')}\n".encode(), "text/plain"))
    world.truth.seeds.append(mapped.url("/"))

    async def crawl() -> str:
        async with Scene(folder, world, {"politeness": {"backoff": "10m"}}) as scene:
            ended = await scene.crawl()
            assert ended.code == 0, ended.err
            return ended.out

    with asyncio.Runner() as runner:
        out = runner.run(crawl())
        state = Supervisor(folder / "state", STORAGE)
        runner.run(state.start())
        try:
            address = runner.run(open_tcp(state))
            yield Crawled(folder / "state", folder / "settings.toml", world, out, address)
        finally:
            runner.run(state.stop())


class Verb:
    """Runs a verb in this process, on the state or on the cluster that the environment names."""

    def __init__(self, crawlctl: Crawlctl, state: Path, *, clustered: bool) -> None:
        self.plain, self.state, self.clustered = crawlctl, state, clustered
        self._more = () if clustered else ("--state", str(state))

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Ran:
        return self.plain(*arguments, *self._more, stdin=stdin)

    def one(self, *arguments: str) -> dict[str, Any]:
        """Its one answer with --json; it must have succeeded."""
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran.err
        (answer,) = ran.answers
        return answer

    def all(self, *arguments: str) -> list[dict[str, Any]]:
        """Its answers with --json."""
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran.err
        return ran.answers

    def audit(self) -> list[dict[str, Any]]:
        """All lines about who saw places: of the state's file, or of the cluster's vault."""
        if self.clustered:
            rows = "SELECT person AS user, at::text AS time, * FROM audit ORDER BY seq"
            return asyncio.run(_query(self.state, "vault", ADMIN, rows))
        file = self.state / "audit.log"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def beside(crawlctl: Crawlctl, crawled: Crawled) -> Verb:
    """Runs a verb on the crawled state, without settings of its own."""
    load()  # the environment of the tests has no settings
    return Verb(crawlctl, crawled.state, clustered=False)


@pytest.fixture
def clustered(crawlctl: Crawlctl, crawled: Crawled, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Runs a verb on the databases of the crawled state as on those of a cluster."""
    for name, value in crawled.environ().items():
        monkeypatch.setenv(name, value)
    return Verb(crawlctl, crawled.state, clustered=True)


@pytest.fixture(params=["beside", "clustered"])
def verb(request: pytest.FixtureRequest) -> Verb:
    """Both ways, one after the other."""
    found: Verb = request.getfixturevalue(request.param)
    return found


async def _query(state: Path, database: str, role: str, sql: str, *arguments: object) -> list[dict[str, Any]]:
    from backends.postgres.connection import connect

    async with Supervisor(state, STORAGE) as server:
        connection = await connect(server.dsn(database, role))
        try:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()


def execute(state: Path, sql: str) -> None:
    """Change something of the vault, as its owner."""
    asyncio.run(_query(state, "vault", ADMIN, sql))


def query(
    state: Path, sql: str, *arguments: object, database: str = "crawl", role: str = "pisaura_frontier"
) -> list[dict[str, Any]]:
    """Rows of a database, behind the verbs' back."""
    return asyncio.run(_query(state, database, role, sql, *arguments))
