"""What the synthetic web's endless spaces cost with default settings: its own pages, the fetcher's extraction, no network."""

from collections import deque

import pytest

from contracts.messages import LinkKind
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import parse
from fetchers.links import extract
from frontier.policy import Policy
from frontier.traps import HostTraps
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer, World
from tests.fakeweb.traps import TRAPS, build_traps

NOW = 1_795_000_000.0  # November 2026
SETTINGS = Settings()
MOST = 200
ORDER = 15
"""URLs that are under way together."""


def crawl(world: World, netloc: str) -> list[str]:
    """The URLs of one host in the order in which they are requested, at most a thousand."""
    policy, traps = Policy(SETTINGS), HostTraps()
    door = next(url for url in world.truth.seeds if f"//{netloc}/" in url)
    seen = {door}
    requested: list[str] = []
    queue = deque([(door, LinkKind.PAGE)])
    while queue and len(requested) < 1_000:
        order: list[str] = []
        while queue and len(order) < ORDER:
            text, kind = queue.popleft()
            url = parse(text)
            assert not isinstance(url, Refusal)
            if kind is not LinkKind.PAGE or traps.worn(url.path, SETTINGS.traps) is None:
                order.append(text)
        for text in order:
            requested.append(text)
            url = parse(text)
            assert not isinstance(url, Refusal)
            answer = world.find("https" if url.https else "http", url.host, url.path)
            if not isinstance(answer, Answer) or answer.status != 200 or answer.type.startswith("image/"):
                continue
            page = extract(answer.body, text, answer.type, answer.headers)
            traps.page()
            fresh = False
            for raw, packed in page.raws.items():
                found = parse(raw, page.base)
                if isinstance(found, Refusal) or found.host != netloc:
                    continue
                path = policy.path_verdict(found.path)
                assert isinstance(path, str)
                full, kind = found.text.removesuffix(found.path) + path, LinkKind(packed >> 1)
                if full in seen or traps.check(path, kind, NOW, SETTINGS.traps, SETTINGS.budgets) is not None:
                    continue
                seen.add(full)
                queue.append((full, kind))
                fresh = fresh or kind is LinkKind.MEDIA
            traps.observe(url.path, page.text_key, SETTINGS.traps, fresh)
    return requested


@pytest.fixture(scope="module")
def world() -> World:
    world = World(1)
    build_traps(world, Gallery(world), with_maze=True)
    return world


@pytest.mark.parametrize("name", [*TRAPS, "maze"])
def test_an_endless_space_costs_little_and_hides_nothing(world: World, name: str) -> None:
    netloc = next(host for host in world.truth.hosts if host.startswith(f"trap-{name}."))
    requested = crawl(world, netloc)
    assert len(requested) <= MOST
    expected = {url for url in world.expected_urls() if f"//{netloc}/" in url and not url.endswith("/robots.txt")}
    assert len(expected) >= 4 and expected <= set(requested)
