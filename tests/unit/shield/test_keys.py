"""shield.keys: what one key may do now."""

import random
from dataclasses import replace

import pytest

from contracts.people import Identity
from contracts.settings import Settings
from contracts.shielding import Finding, Looked, Past, Probe, Used
from shield.keys import Key
from shield.questions import Refused
from tests.vaults import flipped

WHO = Identity("a", "provider", 4)
NOTHING = Past(bytes(32))


def key(past: Past = NOTHING, **settings: object) -> Key:
    base = Settings()
    return Key(WHO, past, replace(base, shield=replace(base.shield, **settings)), 0.0, 0)  # type: ignore[arg-type]


def test_too_fast_and_too_much() -> None:
    one = key(rate=1.0, burst=1, daily=10)
    one.admit(0.0, 0)
    with pytest.raises(Refused) as refused:
        one.admit(0.0, 0)
    assert (refused.value.status, refused.value.wait) == (429, 1.0)
    one.ask(10, 0.0)
    with pytest.raises(Refused) as refused:
        one.ask(1, 80_000.0)
    assert (refused.value.status, refused.value.wait) == (429, 6_400.0)
    one.admit(90_000.0, 1)
    one.ask(10, 90_000.0)


def test_near_answers_of_a_day_and_of_the_suspended() -> None:
    one = key(Past(bytes(32), 0, 1), near_daily=2)
    exact, near, more = Finding(1, False, "csam", ""), Finding(2, True, "csam", ""), Finding(3, True, "csam", "")
    assert one.near() == "given"
    assert one.tell([exact, near, more], "given") == [exact, near]
    assert one.near() == "quota"
    assert one.tell([exact, near], "quota") == [exact]
    one.suspend(True)
    assert one.near() == "suspended"
    one.suspend(False)
    assert one.near() == "quota"


def test_a_circle_and_what_is_kept() -> None:
    one = key(circling=3)
    digest = random.Random(1).randbytes(32)
    asked = [flipped(digest, 30 + n % 2 * 2, n) for n in range(12)]
    found = [one.circles(Looked((), [Probe(d * 8, ((7, d),) if n % 2 == 0 else ())]), 0.0) for n, d in enumerate(asked)]
    assert found[:4] == [0] * 4 and found[-1] == 7
    assert one.used() is None
    one.ask(5, 0.0)
    assert one.used() == Used(4, 0, 5, 0)
    one.kept(Used(4, 0, 5, 0))
    assert one.used() is None
