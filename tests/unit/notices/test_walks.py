"""All ways from a match to a notice: random events in any order, again and again, with restarts, against an oracle.

"No path from an unverified or near match to a notice but through people, and a property test says so" (design, rule 13). Then each
rule is broken on purpose, and the same ways must find it.
"""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.cases import Case
from contracts.recipients import TOLD
from notices import acts, answers, case, deliveries, events, evidence, guards, reviews, rounds, telling
from notices.routes import NOTIFY
from notices.schedule import Gone
from tests.unit.notices.walks import WHAT, Op, Way, walk

OPS = st.tuples(st.integers(0, WHAT - 1), st.integers(0, 16), st.integers(0, 16), st.integers(0, 11))
STEPS = 60


@settings(max_examples=200, deadline=None)
@given(st.lists(OPS, min_size=8, max_size=50))
def test_no_way_leads_to_a_notice_that_the_rules_forbid(ops: list[Op]) -> None:
    assert walk(ops) == []


def drawn(seed: int) -> list[Op]:
    """A way on which much happens: it begins as most do, with a check and a look-up."""
    chance = Random(seed)
    start = [(22, seed, 0, 0), (0, 1, 0, 1), (5, 0, 0, 1)]
    return start + [
        (chance.randrange(WHAT), chance.randrange(17), chance.randrange(17), chance.randrange(12)) for _ in range(STEPS)
    ]


def test_many_drawn_ways_lead_somewhere() -> None:
    told, states = 0, set()
    for seed in range(200):
        way = Way()
        for op in drawn(seed):
            way.go(op)
            assert not way.wrong, (seed, way.wrong)
        told += sum(moment.ground > 0 for moment in way.history)
        states |= {moment.after for moment in way.history}
    assert told > 100, "notices were made"
    assert len(states) == 11, "every state was seen"


class AnyKind:
    """Equal to every kind."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


def no(*_: Any, **__: Any) -> bool:
    return False


def yes(*_: Any, **__: Any) -> bool:
    return True


def overwritten(known: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    have = {one.entry_id: one for one in known} | {one.entry_id: one for one in new}
    return tuple(have.values())


def counted_again(this: Case, event: events.Checked, rules: Any) -> Any:
    return CHECKED(replace(this, checked_at=0.0), event, rules)


CHECKED = answers.checked

BROKEN: dict[str, list[tuple[Any, str, Any]]] = {
    "no fresh re-check": [(guards, "fresh", yes)],
    "held entries": [(guards, "blocked", no), (guards, "_held", lambda _: []), (reviews, "blocked", no)],
    "withdrawn entries": [(evidence, "WITHDRAWN", "")],
    "unverified entries": [(guards, "sure", lambda one: not one.near), (guards, "_doubts", lambda _: [])],
    "near ones": [(guards, "sure", lambda one: one.standing == "verified"), (guards, "_doubts", lambda _: [])],
    "every kind": [(guards, "CSAM", AnyKind()), (evidence, "CSAM", AnyKind()), (reviews, "CSAM", AnyKind())],
    "switches": [(guards, "_switches", lambda *_: [])],
    "one reviewer": [(reviews, "PEOPLE", 1)],
    "one person twice": [(reviews, "same_person", no)],
    "metadata releases": [(reviews, "RELEASING", reviews.BASES)],
    "one supervisor": [(reviews, "needed", lambda _: 1), (acts, "needed", lambda _: 1)],
    "routes": [(guards, "route", lambda *_: (NOTIFY, ""))],
    "classes": [(guards, "TOLD", (*TOLD, "network"))],
    "site operators": [(module, "CHOSEN_CLASSES", (*TOLD, "site-operator")) for module in (guards, acts)],
    "stops": [(guards, "stopped", no), (telling, "stopped", no)],
    "brakes": [(guards, "braked", lambda *_: ""), (telling, "braked", lambda *_: "")],
    "reminders": [(telling, "_reminder_due", lambda one, *_: one.told_at > 0)],
    "told again": [(deliveries, "composed", lambda this, *_: (this, ()))],
    "holds": [(acts, "may_unhold", yes)],
    "appeals": [(deliveries, "appealed", lambda this, _: (this, ()))],
    "appeals of the involved": [(acts, "involved", no)],
    "old releases": [(rounds, "_anew", lambda this, at: replace(this, gone_at=0.0, targets=()))],
    "gone at once": [(answers, "gone", lambda _, new, *__: Gone(new.at, new.at, True))],
    "late matches": [(answers, "added", overwritten)],
    "repeated answers": [(answers, "checked", counted_again)],
}
"""Rule -> what breaks it."""


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, broken in BROKEN[rule]:
        was: Callable[..., Any] = getattr(module, name)
        monkeypatch.setattr(module, name, broken)
        for kind, writer in case.WRITERS.items():
            if writer is was:
                monkeypatch.setitem(case.WRITERS, kind, broken)
    assert any(walk(drawn(seed)) for seed in range(1500))
