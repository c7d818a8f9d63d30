"""Each fault of the design's section 6 that a web can play: it has its name, costs what it may, and nobody else anything.

Budget: 100 s on 2 cores. Limits are shortened, so that what takes a minute on the web takes seconds here.
"""

import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from contracts.crawl import UrlState
from tests.fakeweb.media import Gallery, build_gallery
from tests.fakeweb.model import Answer, World
from tests.fakeweb.pages import link, page
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_world
from tests.integration.crawls import Scene, plain_world, until

pytestmark = pytest.mark.timeout(300)
SHORT: dict[str, dict[str, Any]] = {
    "limits": {
        "first_byte": "1s",
        "total": "3s",
        "media_total": "3s",
        "page_bytes": "100KiB",
        "media_bytes": "1MiB",
    },
    "addresses": {"dns_timeout": "0.5s"},
}
FETCHED, QUEUED, FAILED, GONE, REFUSED = (
    UrlState.FETCHED,
    UrlState.QUEUED,
    UrlState.FAILED,
    UrlState.GONE,
    UrlState.REFUSED,
)
PAGES = {
    "429": (FETCHED, ""),
    "503": (FETCHED, ""),
    "bad-chunks": (FETCHED, "cut: bad_http"),
    "binary": (FETCHED, ""),
    "bomb-br": (FETCHED, "cut: expansion"),
    "bomb-gzip": (FETCHED, "cut: body_bytes"),
    "bomb-zstd": (FETCHED, "cut: body_bytes"),
    "both-lengths": (QUEUED, "bad_http"),
    "chunked": (FETCHED, ""),
    "closes": (FETCHED, ""),
    "cookies": (FETCHED, ""),
    "cut-coding": (FETCHED, "cut: truncated"),
    "deep": (FETCHED, "cut: body_bytes"),
    "drip": (FETCHED, "cut: total_timeout"),
    "early": (FETCHED, ""),
    "endless": (FETCHED, "cut: body_bytes"),
    "endless-chunked": (FETCHED, "cut: body_bytes"),
    "flapping": (QUEUED, "500"),
    "garbage": (QUEUED, "bad_http"),
    "gone": (GONE, "410"),
    "header": (FAILED, "too_many_headers"),
    "headers": (FAILED, "too_many_headers"),
    "http10": (FETCHED, ""),
    "huge-picture": (REFUSED, "too_large"),
    "long": (FETCHED, ""),
    "no-content": (FETCHED, ""),
    "not-found": (GONE, "404"),
    "nothing": (QUEUED, "reset"),
    "reset": (FETCHED, "cut: truncated"),
    "short": (FETCHED, "cut: truncated"),
    "slow": (FETCHED, ""),
    "stall": (QUEUED, "first_byte_timeout"),
    "status-999": (FAILED, "999"),
    "two-lengths": (QUEUED, "bad_http"),
    "unknown-coding": (QUEUED, "bad_encoding"),
    "wrong-coding": (QUEUED, "bad_encoding"),
}
"""What /fault.html of fault-NAME.test has come to after one crawl, and why. QUEUED: it is tried again after the back-off."""
HOSTS = {
    "fault-refused.test": "robots_unreachable: connect_refused",
    "fault-handshake.test": "robots_unreachable: tls_failed",
    "fault-plain-tls.test": "robots_unreachable: tls_failed",
    "fault-silent-tls.test": "robots_unreachable: tls_timeout",
    "fault-silent-http.test": "robots_unreachable: first_byte_timeout",
    "silent.test": "dns_timeout",
    "nowhere.test": "dns_not_found",
    "empty.test": "dns_not_found",
    "circle.test": "dns_not_found",
    "dangling.test": "dns_not_found",
    "servfail.test": "dns_failure",
    "refused.test": "dns_failure",
}
"""Why a host is not crawled now."""
URLS = (
    "SELECT split_part(h.host, ':', 1) AS host, u.path, u.state, u.why FROM {} u JOIN hosts h USING (bucket, host_id)"
    " WHERE h.host LIKE 'fault-%' AND u.path = '/fault.html'"
)


async def test_every_fault_of_a_host_has_its_name(tmp_path: Path) -> None:
    world = build_world(1, parts=("faults", "names"), slow=True, ports=free_ports())
    # A crowd of dead links and endless attempts are other tests' business.
    world.hosts["http", world.netloc("fault-crowd.test", "http")].resources.pop("/fault.html")
    for url in [url for url in world.truth.urls if "//fault-crowd." in url and "/found" in url]:
        del world.truth.urls[url]
    async with Scene(tmp_path, world, SHORT) as scene:
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        rows = [*await scene.query(URLS.format("urls")), *await scene.query(URLS.format("media_urls"))]
        found = {row["host"][6:-5]: (UrlState(row["state"]), row["why"].partition(": an ")[0]) for row in rows}
        del found["crowd"]
        assert found == {name: (state, why) for name, (state, why) in PAGES.items()}
        whys = await scene.query("SELECT split_part(host, ':', 1) AS host, why FROM hosts WHERE queued > 0")
        told = {row["host"]: row["why"] for row in whys if row["host"] in HOSTS}
        assert told == HOSTS
        missing, unexpected, twice = scene.coverage()
        assert (set(missing), unexpected, twice) == ({"found flapping"}, set(), {})
        assert scene.complaints() == []


async def test_what_passes_is_tried_again_until_it_has_passed(tmp_path: Path) -> None:
    """500, 502, then a page; 429 and 503 with Retry-After in seconds and as a date: never early, and in the end fetched."""
    names = ("flapping", "429", "503", "closes")
    world = build_world(2, parts=("faults",), faults=names, ports=free_ports())
    async with Scene(tmp_path, world, {"politeness": {"backoff": "0.3s"}}) as scene:
        await until_missing_nothing(scene)
        assert {scene.counts()[url] for url in scene.counts() if "flapping.test" in url and "fault" in url[30:]} == {3}
        assert scene.complaints() == []


async def until_missing_nothing(scene: Scene) -> None:
    """Crawl until all is fetched, then stop: with short back-offs dead hosts are due for ever."""
    running = await scene.run()
    await until(lambda: not scene.missing(), "everything expected")
    running.send(signal.SIGINT)
    assert (await running.ended()).code == 0


def huge_world(size: int) -> World:
    """A host with a page so large that another process parses it, and its fellows."""
    world = plain_world(1, 20)
    host = next(iter(world.hosts.values()))
    body = page("Huge", "<p>padding, a lot of it</p>" * (size // 28) + link("/behind.html"))
    world.truth.seeds.append(host.put("/huge.html", Answer(body), many=True))
    host.put("/behind.html", Answer(page("Behind", "<p>Found.</p>")), "behind the huge page")
    return world


async def test_page_that_hangs_its_parser_is_poison_and_its_fellows_are_fetched(tmp_path: Path) -> None:
    """Parsing takes longer than it may, three times: refused by name. Each time the process is killed and replaced."""
    world = huge_world(8 * 2**20)
    host = next(iter(world.hosts.values()))
    del world.truth.urls[host.url("/behind.html")]
    async with Scene(tmp_path, world, {"limits": {"parse": "1ms"}, "politeness": {"backoff": "0.3s"}}) as scene:
        ended = await scene.crawl()
        assert ended.code == 0, ended.err
        assert scene.missing() == set()
        assert scene.counts()[host.url("/huge.html")] == 3
        assert "poison" in str(await scene.fate(host.url("/huge.html")))
        assert (await scene.counters())["refused:poison"] == 1
        assert scene.complaints() == []


def workers(pid: int, word: str) -> list[psutil.Process]:
    """Processes below `pid` whose command line has this word."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if any(word in argument for argument in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


async def test_parser_that_is_killed_costs_one_try(tmp_path: Path) -> None:
    world = huge_world(9 * 2**20)
    huge = next(iter(world.hosts.values())).url("/huge.html")
    async with Scene(tmp_path, world, {"politeness": {"backoff": "0.3s"}}) as scene:
        running = await scene.run("--until-idle")

        def killed() -> bool:
            for parser in workers(running.process.pid, "spawn_main"):
                parser.kill()
                return True
            return False

        await until(killed, "a parser process")
        ended = await running.ended()
        assert ended.code == 0, ended.err
        assert scene.counts()[huge] == 2
        assert scene.coverage() == ({}, set(), {})
        assert scene.complaints() == []


async def test_decoders_that_are_killed_cost_their_item_only(tmp_path: Path) -> None:
    """A worker dies of a picture: what it had in hand is found by its file's digests at least, all else as ever."""
    world = World(3, free_ports())

    build_gallery(world, Gallery(world))
    async with Scene(tmp_path, world) as scene:
        running = await scene.run("--until-idle")
        kills = 0

        def killed() -> bool:
            nonlocal kills
            for decoder in workers(running.process.pid, "hasher.worker"):
                decoder.kill()
                kills += 1
            return kills >= 4 or running.process.returncode is not None

        await until(lambda: len(scene.requests()) > 5 or running.process.returncode is not None, "some pictures")
        await until(killed, "four killed workers")
        ended = await running.ended()
        assert ended.code == 0, ended.err
        assert scene.coverage() == ({}, set(), {})
        expected, found = world.expected_matches(), set(await scene.matches())
        assert found <= expected
        lost = expected - found
        assert len(lost) <= kills and {how for _, how in lost} <= {"pdq"}
