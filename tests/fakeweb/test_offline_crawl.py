"""The whole world walked without sockets by the fetcher's own extraction: truth and system agree, form by form."""

import gzip
import zlib
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import brotli
import pytest
from backports import zstd

from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import Cleaner, parse
from fetchers.links import extract
from tests.fakeweb.judge import missing_by_form
from tests.fakeweb.model import Answer, World
from tests.fakeweb.truth import Fate
from tests.fakeweb.world import build_world

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
CLEAN = Cleaner(Settings().traps.drop_parameters)


def found_in(answer: Answer, url: str) -> list[str]:
    """Canonical URLs that an answer leads to, dropped parameters dropped."""
    location = next((value for name, value in answer.headers if name == "Location"), None)
    if 300 <= answer.status < 400:
        raws, base = ([location] if location is not None else []), url
    elif answer.status == 200:
        body = UNPACK[answer.coding](answer.body) if answer.coding in UNPACK else answer.body
        result = extract(body, url, answer.type, answer.headers)
        raws, base = list(result.raws), result.base
    else:
        raws, base = [], url
    found = (parse(raw, base) for raw in raws)
    return [each.text[: -len(each.path)] + CLEAN(each.path) for each in found if not isinstance(each, Refusal)]


def walk(world: World, maps: list[str]) -> set[str]:
    """Every URL that is met, going on from those that the truth says are fetched. Traps are not entered."""
    met: set[str] = set()
    queue = deque([*world.seeds(), *maps])
    while queue:
        url = queue.popleft()
        told = world.truth.urls.get(url)
        if url in met:
            continue
        met.add(url)
        if told is None or told.fate not in (Fate.FETCH, Fate.OPTIONAL):
            continue
        parts = urlsplit(url)
        answer = world.find(parts.scheme, parts.netloc, url.removeprefix(f"{parts.scheme}://{parts.netloc}"))
        if isinstance(answer, Answer):
            queue.extend(found_in(answer, url))
    return met


@pytest.fixture(scope="module")
def world() -> World:
    parts = ("sites", "odd", "gallery", "forms", "robots", "redirects", "names", "traps")
    return build_world(4, parts=parts, sites=6, pages=5)


def test_extraction_meets_every_expected_url_and_no_other(world: World) -> None:
    host = world.netloc("maps.test", "http")
    met = walk(world, [f"http://{host}/sitemap-index.xml", f"http://{host}/map.txt"])  # robots.txt names them
    robots = {url for origin in world.truth.origins.values() for url in origin.robots}
    assert missing_by_form(world.expected_urls() - met - robots, world.truth) == {}
    endless = {name for name, told in world.truth.hosts.items() if told.budget}
    surplus = {url for url in met - world.truth.urls.keys() if urlsplit(url).netloc not in endless}
    assert surplus == set()


def test_what_is_refused_by_address_or_hops_is_met_too(world: World) -> None:
    """Refusals by form (scheme, port, credentials, length) come out of parsing itself and are not met as URLs."""
    met = walk(world, [])
    by_form = {"scheme", "blocked_port", "credentials", "url_too_long"}
    wanted = {url for url, reason in world.expected_refusals() if reason not in by_form}
    assert wanted <= met
    for url, reason in world.expected_refusals():
        verdict = parse(url)
        if reason in by_form:
            assert isinstance(verdict, Refusal) and verdict.reason == reason
