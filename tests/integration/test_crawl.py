"""Whole crawls judged by the web's own log: coverage, politeness, robots, guard, budgets, matches, and every way to stop.

Budget of this suite: 150 s on 2 cores. Each test is one to three runs of `crawlctl` with a Postgres of its own.
"""

import os
import pwd
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.postgres.unprivileged import Account, launcher
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_demo, build_world
from tests.integration.crawls import REPOSITORY, Scene, plain_world, until

pytestmark = pytest.mark.timeout(300)
ROOT = os.geteuid() == 0


async def finished(scene: Scene, delay: float = 0.05) -> None:
    """Everything that must be requested was, once; nothing else was, nothing was broken, every planted picture found."""
    missing, unexpected, twice = scene.coverage()
    assert (missing, unexpected, twice) == ({}, set(), {})
    assert scene.complaints(delay) == []
    assert await scene.matches() == Counter(scene.world.expected_matches())


async def refusals_told(scene: Scene) -> None:
    """Every URL that the truth refuses was refused with that reason: by its row, or counted where it got none."""
    rows = await scene.query(
        "SELECT CASE WHEN u.https THEN 'https://' ELSE 'http://' END || h.host || u.path AS url, u.why FROM urls u"
        " JOIN hosts h USING (bucket, host_id)"
    )
    stored = {row["url"]: row["why"].partition(":")[0] for row in rows}
    counters = await scene.counters()
    expected = scene.world.expected_refusals()
    assert {(url, stored[url]) for url, _ in expected if url in stored} <= expected
    without_row = Counter(reason for url, reason in expected if url not in stored)
    assert {
        reason: count for reason, count in without_row.items() if counters.get(f"refused:{reason}", 0) < count
    } == {}


async def test_whole_world(tmp_path: Path) -> None:
    async with Scene(tmp_path, build_world(1, ports=free_ports())) as scene:
        ended = await scene.crawl(seconds=150)
        assert ended.code == 0, ended.err
        assert "Matches" in ended.out
        assert "Traceback" not in ended.err
        await finished(scene)
        await refusals_told(scene)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that an ordinary user may have, below one that everybody may pass."""
    folder = Path(tempfile.mkdtemp(prefix="pisaura-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def test_demo_world_as_an_ordinary_user_with_four_partitions(shared_folder: Path) -> None:
    prefix: list[str] = []
    if ROOT:
        nobody = pwd.getpwnam("nobody")
        python = Path(sys.executable).resolve()
        reach = [python, python.parents[1] / "lib", REPOSITORY]
        os.chown(shared_folder, nobody.pw_uid, nobody.pw_gid)
        prefix = launcher(Account("nobody", nobody.pw_uid, nobody.pw_gid, drop=True), reach, [])
    settings = {"storage": {"partitions": 4}}
    world = build_demo(2, ports=free_ports())
    async with Scene(shared_folder, world, settings, prefix=prefix) as scene:
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        assert scene.state.stat().st_uid == shared_folder.stat().st_uid != 0
        assert [row["partition"] for row in await scene.query("SELECT partition FROM partitions ORDER BY 1")] == [
            0, 1, 2, 3,
        ]  # fmt: skip
        await finished(scene)


async def test_default_politeness(tmp_path: Path) -> None:
    """The delay that users have, one second, counted from the end of a request; crawl-delays above it."""
    world = build_world(3, parts=("sites", "robots"), sites=3, pages=3, ports=free_ports())
    async with Scene(tmp_path, world, {"politeness": {"delay": "1s"}}) as scene:
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        await finished(scene, 1.0)


def settled(scene: Scene) -> None:
    """All fetched, each once."""
    missing, unexpected, twice = scene.coverage()
    assert (missing, unexpected, twice) == ({}, set(), {})
    assert scene.complaints() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_stops_within_ten_seconds_and_the_next_run_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    """The issue demands the time. A response that never comes is cut; all else is finished, or returned and not lost."""
    world = plain_world(5, 40)
    stalled = build_world(1, parts=("faults",), faults=("stall",), ports=world.ports).hosts[
        "http", world.netloc("fault-stall.test", "http")
    ]
    host = world.host("stall.test")
    host.put("/", stalled.resources["/fault.html"], many=True)
    world.truth.seeds.append(host.url("/"))
    async with Scene(tmp_path, world) as scene:
        running = await scene.run("--until-idle")
        await until(lambda: len(scene.requests()) > 60 and scene.counts()[host.url("/")] == 1, "sixty requests")
        running.send(number)
        ended = await running.ended()
        assert ended.code == 0, ended.err
        assert ended.seconds < 10
        assert scene.postmaster() is None
        assert len(scene.missing()) > 60
        assert await scene.query("SELECT * FROM leases") == []
        assert {entry.url for entry in scene.requests() if entry.cut or not entry.ended} == {host.url("/")}
        scene.change({"limits": {"first_byte": "0.5s"}})
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        settled(scene)


async def test_second_run_on_the_same_state_is_refused(tmp_path: Path) -> None:
    async with Scene(tmp_path, plain_world(5, 40)) as scene:
        first = await scene.run("--until-idle")
        await until(lambda: len(scene.requests()) > 10, "the first run's requests")
        second = await scene.crawl()
        assert second.code == 2
        assert f"in use by another `crawlctl run` (process {first.process.pid})" in second.err
        assert "Traceback" not in second.err and len(second.err.splitlines()) == 1
        assert first.process.returncode is None
        first.send(signal.SIGINT)
        assert (await first.ended()).code == 0


async def test_limits_of_a_run(tmp_path: Path) -> None:
    """--max-pages counts URLs of this run, robots.txt apart; the next run goes on; --max-time ends one, too."""
    async with Scene(tmp_path, plain_world(4, 25)) as scene:
        running = await scene.run("--max-pages", "30")
        assert (await running.ended()).code == 0
        pages = [entry for entry in scene.requests() if entry.path != "/robots.txt"]
        assert len(pages) == 30
        running = await scene.run("--max-time", "1s")
        assert (await running.ended()).code == 0
        assert (await scene.crawl()).code == 0
        settled(scene)


async def test_run_without_work_ends_at_once_and_repeats_nothing(tmp_path: Path) -> None:
    async with Scene(tmp_path, plain_world(2, 5)) as scene:
        assert (await scene.crawl()).code == 0
        settled(scene)
        before = len(scene.requests())
        assert (await scene.crawl()).code == 0
        assert len(scene.requests()) == before


async def test_list_imported_afterwards_finds_what_was_seen(tmp_path: Path) -> None:
    """Retro-match: digests of what was seen are kept, so a new list needs no new request to find them; only what it matches is
    looked at again before anybody could be told."""
    world = build_world(6, parts=("gallery",), ports=free_ports())
    async with Scene(tmp_path, world) as scene:
        assert (await scene.crawl(known=False)).code == 0
        assert await scene.matches() == Counter()
        before = len(scene.requests())
        ended = await scene.verb("lists", "import", str(scene.known))
        assert ended.code == 0, ended.err
        assert (await scene.crawl(known=False)).code == 0
        found = {match.url for match in world.truth.matches}
        again = [entry.url for entry in scene.requests()[before:] if not entry.url.endswith("/robots.txt")]
        assert set(again) <= found and len(again) == len(set(again))
        await finished(scene)


async def test_host_opted_out_while_it_is_crawled(tmp_path: Path) -> None:
    """Its requests end within seconds: of some ten seconds of pages most are never asked for. The others go on."""
    world = plain_world(2, 160, pictures=True)
    first = next(iter(world.hosts.values())).netloc
    async with Scene(tmp_path, world) as scene:
        running = await scene.run("--until-idle")
        await until(lambda: Counter(entry.host for entry in scene.requests())[first] > 20, "its first pages")
        ended = await scene.verb("optout", "add", first, "--why", "asked for", "--until", "2099-01-01")
        assert ended.code == 0, ended.err
        assert (await running.ended()).code == 0
        counts = Counter(entry.host for entry in scene.requests())
        assert counts[first] < 150
        assert {url for url in scene.missing() if first not in url} == set()
        assert (await scene.crawl()).code == 0
        assert Counter(entry.host for entry in scene.requests()) == counts
