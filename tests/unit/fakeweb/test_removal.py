"""Hosts that react to notices."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer, World
from tests.fakeweb.removal import MANNERS, PICTURES, Reactions, build_removal, host_of


@pytest.fixture
def reactions() -> Reactions:
    world = World(3)
    return build_removal(world, Gallery(world))


def shown(reactions: Reactions, url: str) -> Answer | None:
    host, path, _, _ = reactions.items[url]
    found = reactions.world.find(host.scheme, host.netloc, path)
    assert found is None or isinstance(found, Answer)
    return found


def test_every_host_shows_listed_pictures_until_it_is_told(reactions: Reactions) -> None:
    assert len(reactions.items) == len(MANNERS) * PICTURES == len(reactions.world.truth.matches)
    for url in reactions.items:
        answer = shown(reactions, url)
        assert answer is not None and answer.status == 200 and answer.type == "image/jpeg"


@pytest.mark.parametrize(
    ("manner", "status"), [("removes", 410), ("replaces", 200), ("ignores", 200), ("blocks", 451), ("bounces", 200), ("moves", 302)]
)  # fmt: skip
def test_each_reacts_in_its_manner(reactions: Reactions, manner: str, status: int) -> None:
    url, other = reactions.urls(manner)
    before = shown(reactions, url)
    assert reactions.told(url) and reactions.told(url)
    answer = shown(reactions, url)
    assert answer is not None and before is not None
    assert answer.status == status
    assert (answer.body == before.body) == (manner in ("ignores", "bounces"))
    assert shown(reactions, other) is not None and shown(reactions, other).status == 200  # type: ignore[union-attr]


def test_who_moves_shows_the_same_elsewhere(reactions: Reactions) -> None:
    url = reactions.urls("moves")[0]
    before = shown(reactions, url)
    reactions.told(url)
    moved = shown(reactions, url)
    assert before is not None and moved is not None
    location = dict(moved.headers)["Location"]
    host = reactions.items[url][0]
    there = host.resources[location]
    assert isinstance(there, Answer) and there.body == before.body


def test_who_brings_back_is_empty_for_a_while(reactions: Reactions) -> None:
    now = 100.0
    reactions.clock = lambda: now
    url = reactions.urls("returns")[0]
    before = shown(reactions, url)
    reactions.told(url)
    assert shown(reactions, url) is None
    now += reactions.back_after
    assert shown(reactions, url) == before


def test_urls_are_read_from_attachments_of_a_folder_once(reactions: Reactions, tmp_path: Path) -> None:
    url = reactions.urls("removes")[0]
    mail = EmailMessage()
    mail["Subject"] = "a notice"
    mail.set_content(f"not from here: {reactions.urls('removes')[1]}")
    mail.add_attachment(f"url\n{url}\n".encode(), maintype="text", subtype="csv", filename="places.csv")
    (tmp_path / "1.eml").write_bytes(mail.as_bytes())
    assert reactions.read(tmp_path) == [url]
    assert reactions.read(tmp_path) == []
    assert host_of("removes") in url
    assert not reactions.told("http://elsewhere.test/")
