"""Who may start a notice (docs/domain.md, section 2): every rule that is not met is named."""

from typing import Any

import pytest
from msgspec.structs import replace

from contracts.cases import Case, CaseState, Stop, Target
from notices.guards import Verdict, Way, fresh, judge, main_targets
from notices.rules import EntryLoad, Load, Switches
from tests.unit.notices.courses import EXACT, HOST, HOUR, NEAR, START, rules, target

NOW = START + HOUR
CASE = Case(
    7,
    b"p",
    b"s",
    CaseState.FOUND,
    START,
    evidence=(EXACT,),
    country="AA",
    looked_up_at=NOW,
    targets=(target(),),
    checked_at=NOW,
    confirmed_at=NOW,
)


def test_all_is_well() -> None:
    assert judge(CASE, NOW, rules()) == Verdict(Way.ITSELF, (), 1)


@pytest.mark.parametrize(
    ("entry", "way", "failing"),
    [
        ({"near": True}, Way.IN_REVIEW, {"near"}),
        ({"near": True, "confirmed": True}, Way.READY, {"near"}),
        ({"standing": "unverified"}, Way.IN_REVIEW, {"unverified"}),
        ({"standing": "disputed"}, Way.IN_REVIEW, {"unverified"}),
        ({"kind": "child-exploitative"}, Way.IN_REVIEW, {"kind"}),
        ({"kind": "child-exploitative", "confirmed": True}, Way.IN_REVIEW, {"kind"}),
        ({"notify": False}, Way.READY, {"may_notify"}),
        ({"standing": "held"}, Way.HELD, {"entry_held"}),
        ({"held": "flood", "live": False}, Way.HELD, {"pair_held", "not_live"}),
        ({"guarded": False, "near": True}, Way.HELD, {"unguarded", "near"}),
        ({"standing": "withdrawn"}, Way.NOTHING, {"withdrawn"}),
        ({"refused": True}, Way.NOTHING, {"withdrawn"}),
        ({"kind": "other"}, Way.NOTHING, {"withdrawn"}),
    ],
)
def test_entries(entry: dict[str, Any], way: Way, failing: set[str]) -> None:
    verdict = judge(replace(CASE, evidence=(replace(EXACT, **entry),)), NOW, rules())
    assert (verdict.way, set(verdict.failing), verdict.entry_id) == (way, failing, 0)


@pytest.mark.parametrize(
    ("fields", "way", "failing"),
    [
        ({"held_by": "Ann"}, Way.HELD, {"held_by_person"}),
        ({"paused": True}, Way.HELD, {"paused"}),
        ({"reopened_at": 5.0}, Way.READY, {"reopened"}),
        ({"country": ""}, Way.HELD, {"hosting_country_unknown"}),
        ({"country": "BB"}, Way.HELD, {"no_partner"}),
        ({"targets": ()}, Way.HELD, {"no_recipient"}),
        ({"targets": (Target("", why="nothing found"),)}, Way.HELD, {"no_recipient"}),
        ({"targets": (target(klass="site-operator"), target(klass="network"))}, Way.HELD, {"no_recipient"}),
        ({"targets": (replace(target(), bounced=True),)}, Way.HELD, {"bounced"}),
        ({"stops": (Stop("recipient", HOST, "police"),)}, Way.HELD, {"stopped"}),
        ({"stops": (Stop("recipient", HOST, "police", NOW),)}, Way.ITSELF, set()),
        ({"stops": (Stop("site", "", "police", NOW + 1),)}, Way.HELD, {"stopped"}),
    ],
)
def test_cases(fields: dict[str, Any], way: Way, failing: set[str]) -> None:
    verdict = judge(replace(CASE, **fields), NOW, rules())
    assert (verdict.way, set(verdict.failing)) == (way, failing)


def test_switches_and_brakes() -> None:
    assert judge(CASE, NOW, rules(Switches())).failing == ("sending_off", "auto_off")
    assert judge(CASE, NOW, rules(Switches())).way is Way.READY
    full = Load(entries={1: EntryLoad(START, frozenset("12345"))})
    assert judge(CASE, NOW, rules(load=full)) == Verdict(Way.HELD, ("brake_entry",))
    assert judge(CASE, NOW, rules(load=Load(notices=2000))) == Verdict(Way.HELD, ("brake_day",))
    ready = judge(replace(CASE, evidence=(replace(EXACT, notify=False),)), NOW, rules(load=full))
    assert ready.way is Way.READY, "what is not to be told yet is not braked"
    assert judge(CASE, NOW, rules(country="")).failing == ("operator_country_unknown",)


def test_what_must_come_first_holds_nothing() -> None:
    """ "re-checked by the same digest within 6 h" """
    stale = replace(CASE, confirmed_at=NOW - 6 * HOUR - 1, checked_at=NOW - 6 * HOUR - 1)
    assert judge(stale, NOW, rules()) == Verdict(Way.ITSELF, ("stale",), 1, stale=True)
    unknown = replace(CASE, looked_up_at=0.0)
    assert judge(unknown, NOW, rules()) == Verdict(Way.ITSELF, ("unknown",), 1, unknown=True)
    old = replace(CASE, looked_up_at=NOW - 8 * 24 * HOUR)
    assert judge(old, NOW, rules()).unknown, "recipients are looked up anew"


def test_fresh() -> None:
    assert fresh(CASE, NOW + 6 * HOUR, rules()) and not fresh(CASE, NOW + 6 * HOUR + 1, rules())
    assert not fresh(replace(CASE, confirmed_at=0.0, checked_at=0.0), NOW, rules())
    assert not fresh(replace(CASE, checked_at=NOW + 1), NOW + 1, rules()), "something else was seen since"
    assert not fresh(replace(CASE, round_at=NOW + 1), NOW + 1, rules()), "before it came back"


def test_every_rule_is_named_at_once() -> None:
    worst = replace(CASE, evidence=(replace(NEAR, held="x", live=False),), held_by="Ann", paused=True, country="")
    verdict = judge(worst, NOW, rules(Switches()))
    assert verdict.failing == (
        "pair_held",
        "not_live",
        "held_by_person",
        "paused",
        "near",
        "sending_off",
        "auto_off",
        "hosting_country_unknown",
    )


def test_who_is_told_first() -> None:
    case = replace(
        CASE,
        targets=(
            target(),
            target("page", place=b"page"),
            target("partner", "partner"),
            target("net", "network"),
            replace(target("registrar", "registrar"), chosen=True),
            replace(target("site", "site-operator"), chosen=True),
            replace(target("old"), former=True),
        ),
    )
    assert [one.recipient for one in main_targets(case, "notify")] == [HOST, "registrar"]
    assert [one.recipient for one in main_targets(case, "partner")] == ["partner"]
    assert main_targets(case, "police") == main_targets(case, "hold") == ()
