"""Operators' words: opt-outs of hosts, parent domains and networks; pauses; delays. With an end, and replaceable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.crawl import FAR
from contracts.notes import Control
from contracts.refusals import Reason, Refusal
from frontier.controls import Controls, Word

NOW = 1_800_000_000.0


def after(*controls: Control) -> Controls:
    taken = Controls()
    taken.take(controls)
    return taken


def blocked(target: str, host: str, *addresses: str) -> bool:
    return after(Control("block", target)).block_of(host, addresses, NOW) is not None


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        ("example.org", "example.org", True),
        ("Example.ORG.", "example.org", True),
        ("example.org", "a.b.example.org", True),
        ("example.org", "a.example.org:8080", True),
        ("example.org", "badexample.org", False),
        ("a.example.org", "example.org", False),
        ("example.org:8080", "example.org:8080", True),
        ("example.org:8080", "example.org", False),
        ("org", "example.org", True),
    ],
)
def test_a_host_stands_for_its_subdomains(target: str, host: str, expected: bool) -> None:
    assert blocked(target, host) is expected


@pytest.mark.parametrize(
    ("target", "host", "addresses", "expected"),
    [
        ("10.1.0.0/16", "example.org", ["10.1.2.3"], True),
        ("10.1.0.0/16", "example.org", ["10.2.2.3"], False),
        ("10.1.0.0/16", "10.1.9.9:8080", [], True),
        ("10.1.2.3", "example.org", ["1.1.1.1", "10.1.2.3"], True),
        ("10.1.2.3/16", "example.org", ["10.1.9.9"], True),
        ("2001:db8::/32", "example.org", ["2001:db8:1::5"], True),
        ("2001:db8::/32", "[2001:db8::1]:81", [], True),
        ("10.1.0.0/16", "example.org", ["::ffff:10.1.2.3"], True),
        ("::ffff:10.1.0.0/112", "example.org", ["10.1.2.3"], True),
        ("0.0.0.0/0", "example.org", ["10.1.2.3"], True),
        ("0.0.0.0/0", "example.org", ["2001:db8::1"], False),
        ("10.1.0.0/16", "example.org", ["nonsense"], False),
    ],
)
def test_a_network_stands_for_its_addresses(target: str, host: str, addresses: list[str], expected: bool) -> None:
    assert blocked(target, host, *addresses) is expected


def test_the_evidence_names_target_reason_and_address() -> None:
    taken = after(Control("block", "10.0.0.0/8", why="asked by mail"))
    assert taken.block_of("a.example", ["10.1.2.3"], NOW) == Refusal(
        Reason.OPTED_OUT, "block 10.0.0.0/8: asked by mail (10.1.2.3)"
    )


def test_blocks_end_are_replaced_and_lifted() -> None:
    taken = after(Control("block", "a.example", until=NOW + 5), Control("block", "10.0.0.0/8"))
    assert taken.block_of("a.example", [], NOW + 4)
    assert not taken.block_of("a.example", [], NOW + 5)
    taken.take([Control("unblock", "A.example"), Control("unblock", "10.0.0.0/8"), Control("unblock", "never.was")])
    assert not taken.blocking
    taken.take([Control("recall", "a.example"), Control("some-future-verb", "a.example")])
    assert not taken.block_of("a.example", [], NOW)


def test_an_ended_block_does_not_hide_that_of_the_parent() -> None:
    taken = after(Control("block", "a.example.org", until=NOW - 1), Control("block", "example.org"))
    assert taken.block_of("a.example.org", [], NOW)


def test_pauses_and_delays() -> None:
    taken = after(
        Control("pause", "example.org", why="too loud", until=NOW + 60),
        Control("pause", "b.example.org"),
        Control("delay", "example.org", "2.5"),
        Control("delay", "a.example.org", "0"),
    )
    assert taken.word_on("example.org", NOW) == Word(NOW + 60, "too loud", 2.5)
    assert taken.word_on("a.example.org:81", NOW) == Word(NOW + 60, "too loud", 0.0)
    assert taken.word_on("b.example.org", NOW) == Word(FAR, "", 2.5)
    assert taken.word_on("example.org", NOW + 60) == Word(0.0, "", 2.5)
    taken.take([Control("resume", "b.example.org"), Control("delay", "example.org", "")])
    assert taken.word_on("b.example.org", NOW + 60) == Word()


@given(st.text(max_size=20), st.text(max_size=20), st.lists(st.text(max_size=20), max_size=2), st.text(max_size=6))
def test_no_text_makes_it_fail(target: str, host: str, addresses: list[str], value: str) -> None:
    taken = after(Control("block", target), Control("delay", target, value), Control("pause", target))
    taken.block_of(host, addresses, NOW)
    assert taken.word_on(host, NOW).delay >= -1.0
