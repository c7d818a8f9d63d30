"""hasher.exchange.threatexchange: what is asked of ThreatExchange, and what is kept of its links."""

import pytest

from contracts.errors import Corrupt
from hasher.exchange.threatexchange import FIELDS, THREATEXCHANGE

ROOT = "https://graph.facebook.example/v26.0/123"


def asked(token: str) -> str:
    return THREATEXCHANGE.ask(ROOT, 5, 90, token, 500)


def test_a_range_of_a_privacy_group() -> None:
    assert THREATEXCHANGE.root(ROOT + "/threat_updates/") == ROOT
    assert asked("").startswith(ROOT + "/threat_updates?start_time=5&stop_time=90&limit=500&fields=id%2Cindicator")
    assert "owner{id" in FIELDS


def test_of_a_link_only_what_it_adds_is_kept() -> None:
    link = ROOT + "/threat_updates?access_token=123%7CSECRET&pretty=0&limit=25&start_time=7&after=MAZ%3D%3D"
    token = THREATEXCHANGE.token(ROOT, link)
    assert token == "pretty=0&after=MAZ%3D%3D"
    assert asked(token) == asked("") + "&pretty=0&after=MAZ%3D%3D"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v26.0/123/threat_updates?after=x",
        "http://graph.facebook.example/v26.0/123/threat_updates?after=x",
        ROOT + "/threat_updates?access_token=SECRET&limit=500",
        "MAZ==",  # a cursor alone is no link
    ],
)
def test_links_that_lead_astray_or_nowhere_are_refused(link: str) -> None:
    with pytest.raises(Corrupt) as raised:
        THREATEXCHANGE.token(ROOT, link)
    assert "SECRET" not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"error":{"code":4}}', "busy"),
        (b'{"error":{"code":613,"message":"x"}}', "busy"),
        (b'{"error":{"code":190}}', "login"),
        (b'{"error":{"code":2}}', "down"),
        (b'{"error":{"code":100}}', ""),
        (b"<html>", ""),
        (b'{"error":{"message":"\xff"}}', ""),
        (b"[" * 100_000, ""),
    ],
)
def test_its_own_word_for_an_error(body: bytes, word: str) -> None:
    assert THREATEXCHANGE.word(400, body) == word
