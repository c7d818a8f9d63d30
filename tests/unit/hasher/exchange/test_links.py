"""hasher.exchange.links: nothing leads away from the source, and nothing that opens it is kept."""

import pytest

from contracts.errors import Corrupt, UsageError
from hasher.exchange import links

ROOT = "https://source.example/npo"


@pytest.mark.parametrize(
    ("location", "root"),
    [
        ("https://source.example/npo/", "https://source.example/npo"),
        ("https://source.example/npo/v2/entries", "https://source.example/npo"),
        ("HTTPS://Source.example:443/npo/v2", "https://source.example/npo"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_the_root_is_the_address_alone(location: str, root: str) -> None:
    assert links.root_of(location, "/entries", "/v2") == root


@pytest.mark.parametrize(
    "location", ["", "no URL", "ftp://source.example/", "https://u:p@source.example/", "https://source.example/?key=1"]
)
def test_other_locations_are_refused_without_showing_them(location: str) -> None:
    with pytest.raises(UsageError) as raised:
        links.root_of(location)
    assert "u:p" not in str(raised.value) and "key=1" not in str(raised.value)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/npo/v2/entries?start=1",
        "http://source.example/npo/v2/entries?start=1",
        "https://source.example:444/npo/v2/entries?start=1",
        "https://user@source.example/npo/v2/entries",
        "https://source.example.evil.example/npo/v2/entries",
        "https://source.example/npo/v2/members",
        "/v2/entries/../../../other?start=1",
        "://",
        "/v2/entries?" + "x" * links.LINK_CHARS,
    ],
)
def test_a_link_that_leads_astray_is_refused(link: str) -> None:
    with pytest.raises(Corrupt):
        links.inside(link, ROOT, "/v2/entries")


@pytest.mark.parametrize("link", ["@evil.example/v2/entries", ".evil.example/v2/entries", ":444/v2/entries"])
def test_a_link_cannot_lengthen_the_host(link: str) -> None:
    with pytest.raises(Corrupt):
        links.inside(link, "https://source.example", "/v2/entries")


def test_links_within_are_paths() -> None:
    assert links.inside("/v2/entries?a=1", ROOT, "/v2/entries") == "/npo/v2/entries?a=1"
    assert links.inside(ROOT + "/v2/entries?a=1", ROOT, "/v2/entries") == "/npo/v2/entries?a=1"


def test_what_opens_the_source_is_not_kept() -> None:
    assert links.parameters("/x?after=A%3D&Access_Token=S&limit=5&appsecret_proof=T") == [
        ("after", "A="),
        ("limit", "5"),
    ]
    assert links.with_parameters("/x", [("after", "A="), ("é", "a b")]) == "/x?after=A%3D&%C3%A9=a+b"
