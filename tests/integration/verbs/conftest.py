"""One small crawl for all tests of this folder, and its state as it was left, with a Postgres that runs meanwhile."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backends.postgres.supervisor import Supervisor
from crawlctl.settings import load
from tests.fakeweb.model import Answer, World
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_world
from tests.integration.crawls import STORAGE, Scene
from tests.unit.crawlctl.conftest import Crawlctl, Ran
from tests.unit.crawlctl.conftest import crawlctl as crawlctl


@dataclass(frozen=True)
class Crawled:
    """A state whose crawl has ended, and the web that it saw."""

    state: Path
    settings: Path
    world: World
    out: str

    def url(self, host: str, path: str = "/") -> str:
        """A URL of a host, by the host's name without port."""
        origin = next(h.origin for (_, netloc), h in self.world.hosts.items() if netloc.partition(":")[0] == host)
        return origin + path

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
            yield Crawled(folder / "state", folder / "settings.toml", world, out)
        finally:
            runner.run(state.stop())


class Verb:
    """Runs a verb on the state in this process."""

    def __init__(self, crawlctl: Crawlctl, state: Path) -> None:
        self._crawlctl, self._state = crawlctl, state

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Ran:
        return self._crawlctl(*arguments, "--state", str(self._state), stdin=stdin)

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


@pytest.fixture
def verb(crawlctl: Crawlctl, crawled: Crawled) -> Verb:
    """Runs a verb on the crawled state, without settings of its own."""
    load()  # the environment of the tests has no settings
    return Verb(crawlctl, crawled.state)


async def _query(state: Path, database: str, role: str, sql: str, *arguments: object) -> list[dict[str, Any]]:
    from backends.postgres.connection import connect

    async with Supervisor(state, STORAGE) as server:
        connection = await connect(server.dsn(database, role))
        try:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()


def query(state: Path, sql: str, *arguments: object) -> list[dict[str, Any]]:
    """Rows of the crawl database, behind the verbs' back."""
    return asyncio.run(_query(state, "crawl", "pisaura_frontier", sql, *arguments))
