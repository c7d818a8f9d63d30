"""Targets of operators' words in canonical form, so that what `frontier.controls` looks up is what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.notes import Control
from contracts.refusals import Refusal
from contracts.urls import parse
from crawlctl.words import current, host_target, optout_target, reason
from frontier.controls import Controls

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("example.org:8080", "example.org:8080"),
        ("example.org:80", "example.org"),
        ("example.org:443", "example.org"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("[2001:DB8::1]:8080", "[2001:db8::1]:8080"),
    ],
)
def test_host_target(text: str, target: str) -> None:
    assert host_target(text) == target


@pytest.mark.parametrize(
    "text", ["", " ", "http://example.org/", "example.org/x", "*.example.org", "a b", "user@example.org", "a.test:25"]
)
def test_no_host(text: str) -> None:
    with pytest.raises(UsageError):
        host_target(text)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("Example.org", "example.org"),
    ],
)
def test_optout_target(text: str, target: str) -> None:
    assert optout_target(text) == target


def test_no_network() -> None:
    for text in ("192.0.2.0/33", "2001:db8::/129", "http://a.test/"):
        with pytest.raises(UsageError):
            optout_target(text)


@given(st.from_regex(r"[a-z0-9.\[\]:A-Z-]{1,20}", fullmatch=True), st.sampled_from(["http", "https"]))
def test_a_pause_of_a_host_reaches_its_urls(text: str, scheme: str) -> None:
    """Whatever a URL's host is, a pause of what `host_target` makes of it counts for that URL."""
    url = parse(f"{scheme}://{text}/")
    if isinstance(url, Refusal):
        return
    words = Controls()
    words.take([Control("pause", host_target(url.host), "", "x")])
    assert words.word_on(url.host, NOW).paused_until > NOW
    words.take([Control("block", optout_target(url.host), "", "x")])
    assert words.block_of(url.host, [], NOW) is not None


def test_current() -> None:
    """The newest word on a target wins; ended ones and lifted ones do not count (`frontier.controls`)."""
    said = [
        (1.0, Control("pause", "a.test", "", "one")),
        (2.0, Control("block", "a.test", "", "two", NOW - 1)),
        (3.0, Control("delay", "a.test", "5")),
        (4.0, Control("resume", "a.test")),
        (5.0, Control("block", "b.test", "", "three", NOW + 60)),
        (6.0, Control("delay", "a.test", "")),
        (7.0, Control("pause", "b.test", "", "four")),
    ]
    found = current(said, NOW)
    assert {key: one.control.why for key, one in found.items()} == {
        ("block", "b.test"): "three",
        ("pause", "b.test"): "four",
    }
    assert found["block", "b.test"].plain() == {
        "target": "b.test", "value": "", "why": "three", "until": "2027-01-15T08:01:00Z", "added_at": "1970-01-01T00:00:05Z",
    }  # fmt: skip


def test_reason() -> None:
    assert reason(" asked\n by mail ") == "asked by mail"
    for wrong in ("", " \n", "x" * 501):
        with pytest.raises(UsageError, match="--why"):
            reason(wrong)
