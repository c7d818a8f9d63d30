"""shield.auth: Basic authentication and passwords that were right."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.people import Identity
from shield.auth import KEPT, KEPT_SECONDS, WRONG_SECONDS, Keyring, basic


def header(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (header("a:b"), ("a", "b")),
        (header("a:b:c"), ("a", "b:c")),
        (header("ä:é"), ("ä", "é")),
        (header("none"), None),
        ("basic " + header("a:b")[6:], ("a", "b")),
        ("Bearer x", None),
        ("Basic ====", None),
        ("Basic " + b64encode(b"\xff:\xff").decode(), None),
        (header("a:" + "x" * 2_000), None),
        (None, None),
        ("", None),
        ("Basic é", None),
    ],
)
def test_headers(given: str | None, wanted: tuple[str, str] | None) -> None:
    assert basic(given) == wanted


@given(st.text())
def test_no_header_raises(text: str) -> None:
    basic(text)
    basic("Basic " + text)


def test_right_passwords_are_known_until_their_account_is_not() -> None:
    ring, ann = Keyring(bytes(32)), Identity("ann", "provider", 4)
    mark = ring.mark("ann", "pw")
    assert ring.find(mark, 0.0) is None
    ring.learn(mark, ann, 0.0)
    assert ring.find(mark, KEPT_SECONDS - 1) is ann
    assert ring.find(mark, KEPT_SECONDS) is None
    assert ring.find(ring.mark("an", "npw"), 1.0) is None
    assert ring.accounts() == [4]
    ring.keep({4})
    assert ring.find(mark, 1.0) is ann
    ring.keep(set())
    assert ring.find(mark, 1.0) is None


def test_wrong_ones_are_refused_for_a_moment_and_both_are_bounded() -> None:
    ring = Keyring(bytes(32))
    ring.learn(b"w", None, 0.0)
    assert ring.is_wrong(b"w", WRONG_SECONDS - 1) and not ring.is_wrong(b"w", WRONG_SECONDS)
    ring.learn(b"w", Identity("a", "provider", 1), 1.0)
    assert not ring.is_wrong(b"w", 1.0), "it is right now"
    for number in range(KEPT + 5):
        ring.learn(b"%d" % number, None, 0.0)
        ring.learn(b"r%d" % number, Identity("a", "provider", 1), 0.0)
    assert len(ring._wrong) == len(ring._right) == KEPT


def test_marks_hold_nothing_of_a_password() -> None:
    one, other = Keyring(bytes(32)), Keyring(b"\1" * 32)
    assert one.mark("a", "b") != other.mark("a", "b")
    assert len(one.mark("a", "b")) == 32
