"""What one kill leaves behind, looked at closely; `tests/chaos` kills at random. Budget: 60 s on 2 cores."""

from pathlib import Path

import psutil
import pytest

from contracts.urls import url_id
from tests.fakeweb.faults import PAGE
from tests.fakeweb.model import Answer, Behaviour, World
from tests.fakeweb.pages import link, links, page
from tests.fakeweb.web import free_ports
from tests.integration.crawls import Scene, plain_world, until

pytestmark = pytest.mark.timeout(300)


def alive(process: psutil.Process) -> bool:
    """Whether it still runs."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def test_killed_crawlctl_leaves_nothing_but_its_postgres(tmp_path: Path) -> None:
    """Its workers for pictures and for large pages end by themselves; the orphaned server is taken over."""
    world = plain_world(3, 60)
    host = world.host("large.test")
    large = page("Large", "<p>padding</p>" * 40_000 + link("/next.html"))
    for path, body in (("/", large), ("/next.html", page("Next", "<p>Nothing more.</p>"))):
        world.truth.seeds.append(host.put(path, Answer(body)))
    async with Scene(tmp_path, world) as scene:
        running = await scene.run("--until-idle")
        await until(lambda: len(scene.requests()) > 60 and scene.counts()[host.url("/next.html")] == 1, "some pages")
        children = psutil.Process(running.process.pid).children(recursive=True)
        workers = [child for child in children if "postgres" not in child.name()]
        assert len(workers) >= 4  # two for pictures, one for large pages, and who watches its semaphores
        server = scene.postmaster()
        assert server is not None
        await running.killed()
        await until(lambda: not any(alive(worker) for worker in workers), "the workers' end", 30)
        assert scene.postmaster() == server
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        assert scene.postmaster() is None
        missing, unexpected, _ = scene.coverage()
        assert (missing, unexpected) == ({}, set())
        assert scene.complaints() == []


async def test_postgres_that_hangs_is_waited_for(tmp_path: Path) -> None:
    """Away and back: nothing is committed meanwhile, nothing is lost, nothing is asked for twice."""
    async with Scene(tmp_path, plain_world(4, 60)) as scene:
        running = await scene.run("--until-idle")
        await until(lambda: len(scene.requests()) > 60, "some pages")
        server = scene.postmaster()
        assert server is not None
        stopped = [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
        for process in stopped:
            process.suspend()
        try:
            # Orders that are out go on; when the last one is done, nobody can issue another.
            count = len(scene.requests())
            before = -1
            while before != count:
                before = count
                await quiet(scene)
                count = len(scene.requests())
            assert scene.missing()
            assert running.process.returncode is None
        finally:
            for process in stopped:
                process.resume()
        ended = await running.ended()
        assert ended.code == 0, ended.err
        assert scene.coverage() == ({}, set(), {})
        assert scene.complaints() == []


async def quiet(scene: Scene) -> None:
    """Until the web was asked for nothing during many turns of the loop."""
    seen = [len(scene.requests()), 0]

    def nothing_new() -> bool:
        count = len(scene.requests())
        seen[1] = seen[1] + 1 if count == seen[0] else 0
        seen[0] = count
        return seen[1] >= 50

    await until(nothing_new, "silence")


async def test_page_that_kills_the_process_three_times_is_poison(tmp_path: Path) -> None:
    """A crash in the parser leaves the page's id in the file `suspect`; here we write it as such a crash would have.

    Its fellows, which were out in the same orders, are not blamed: they are fetched.
    """
    world = World(1, free_ports())
    host = world.host("deadly.test")
    fellows = [host.put(f"/fellow{number}.html", Answer(page(f"Fellow {number}", ""))) for number in range(8)]
    deadly = host.put("/deadly.html", Behaviour("slow", {"seconds": 3600.0, "body": PAGE}), many=True)
    home = Answer(page("Home", links(["/deadly.html", *(f"/fellow{number}.html" for number in range(8))])))
    world.truth.seeds.append(host.put("/", home))
    async with Scene(tmp_path, world) as scene:
        for kills in range(1, 4):
            running = await scene.run("--until-idle")
            await until(lambda kills=kills: scene.counts()[deadly] >= kills, "the deadly page")  # type: ignore[misc]
            await running.killed()
            (scene.state / "suspect").write_bytes(url_id(deadly))
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        assert scene.counts()[deadly] == 3
        assert scene.missing() == set()
        fate = await scene.fate(deadly)
        assert "poison" in str(fate)
        assert (await scene.counters())["refused:poison"] == 1
        assert {url: count for url, count in scene.counts().items() if url in fellows and count != 1} == {}
        assert scene.complaints() == []
