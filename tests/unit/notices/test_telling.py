"""When a case looks at itself again (docs/domain.md, section 2). Whom it tells is in the playbooks of `test_case`."""

from msgspec.structs import replace

from contracts.cases import CaseState, Stop
from contracts.notices import FIRST, ORIGIN, PAGE, PARTNER, REMINDER, RETRACTION
from notices.events import (
    Appealed,
    Composed,
    EvidenceChanged,
    HeldBy,
    LookedUp,
    Recalled,
    Retract,
    StopsChanged,
    Tick,
)
from notices.routes import Row
from notices.rules import EntryLoad, Load
from notices.telling import STALE, owed, stands, told, wakes_at, wants, wishes
from tests.unit.notices.courses import DAY, EXACT, HOST, HOUR, PAGES, START, Course, rules, target


def test_it_wakes_for_reminders_stops_and_brakes() -> None:
    course = Course().notified()
    sent = course.now
    assert wakes_at(course.case, sent, course.rules) == sent + 3 * DAY
    assert wakes_at(course.case, sent + 3 * DAY, course.rules) == 0.0
    stopped = replace(course.case, stops=(Stop("site", "", "police", sent + DAY),))
    assert wakes_at(stopped, sent, course.rules) == sent + DAY
    loaded = rules(load=Load(entries={1: EntryLoad(START, frozenset("1"))}))
    assert wakes_at(course.case, sent, loaded) == START + DAY
    assert wakes_at(replace(course.case, state=CaseState.GONE), sent, loaded) == 0.0


def test_it_wants_to_tell_before_it_may() -> None:
    course = Course().confirmed()
    later = course.now + DAY
    assert wishes(course.case, course.now, course.rules) and wants(course.case, course.now, course.rules)
    assert not wishes(course.case, later, course.rules) and wants(course.case, later, course.rules)
    course.tell()
    assert not wants(course.case, course.now, course.rules)


def test_told() -> None:
    course = Course().notified()
    assert told(course.case)
    bounced = replace(course.case, targets=(replace(course.case.targets[0], bounced=True),))
    assert not told(bounced)


def test_owed() -> None:
    course = Course().notified()
    assert owed(course.case) == ()
    assert owed(replace(course.case, withdrawn_at=5.0)) == (HOST,)


def test_a_stop_that_ends_lets_a_retraction_go() -> None:
    """ "A retraction to each recipient within 24 h"; "do_not_notify with authority and expiry"."""
    course = Course().notified()
    course.do(StopsChanged((Stop("recipient", HOST, "police", course.now + DAY),), course.now))
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"),), course.now))
    assert course.state() is CaseState.CLOSED and not course.kinds(Retract)
    assert wakes_at(course.case, course.now, course.rules) == course.now + DAY
    course.wait(DAY + 1)
    assert course.kinds(Retract)


# "Routes: a table (operator's country, hosting country, category)": a page may be hosted elsewhere than the media
def test_the_host_of_a_page_is_told_by_the_route_of_its_own_country() -> None:
    for country, kinds in (("AA", [PAGE]), ("BB", []), ("", [])):
        course = Course(targets=(target(), replace(target(PAGES, place=b"page"), country=country))).notified()
        course.check(after=3 * DAY)
        assert [one.kind for one in course.tells if one.place] == kinds


def made(course: Course) -> float:
    """A first notice is made, and not taken yet."""
    course.do(Tick())
    (tell,) = course.tells
    course.do(Composed(tell.kind, tell.recipient, (tell.place,), course.now))
    return course.now


def standing(course: Course, at: float, kind: str = FIRST) -> str:
    return stands(course.case, kind, HOST, (b"",), at, course.now, course.rules)


def changed(**facts: object) -> EvidenceChanged:
    return EvidenceChanged((replace(EXACT, **facts),), START + 3)


# "Only an exact match of an entry that is verified, csam, may_notify, not held, and re-checked by the same digest within 6 h"
def test_what_was_made_leaves_only_while_the_rules_allow_it() -> None:
    course = Course().confirmed()
    at = made(course)
    assert standing(course, at) == ""
    course.now += 6 * HOUR
    assert standing(course, at) == STALE
    course.check()
    assert standing(course, at) == ""
    for event, why in (
        (HeldBy("Ann", "doubt", course.now), "held by a person"),
        (changed(held="known_good"), "pair_held"),
        (changed(standing="held"), "entry_held"),
        (changed(standing="withdrawn"), "withdrawn"),
        (changed(guarded=False), "unguarded"),
        (Appealed(course.now), "appeals"),
        (StopsChanged((Stop("site", "", "police"),), course.now), "authority"),
        (LookedUp((target(PAGES),), "AA", course.now), "stand by it"),
        (LookedUp((target(),), "BB", course.now), "route partner"),
        (LookedUp((target(),), "", course.now), "route hold"),
    ):
        other = Course()
        other.case, other.now = course.case, course.now
        other.do(event)
        assert why in standing(other, at), event
    course.rules = replace(course.rules, routes=(Row("AA", "*", "*", "police"),))
    assert "route police" in standing(course, at) and standing(course, at, PARTNER) and standing(course, at, ORIGIN)


def test_what_was_made_for_another_round_does_not_leave() -> None:
    course = Course().confirmed()
    at = made(course)
    course.gone()
    assert "gone" in standing(course, at)
    course.check(after=DAY)
    assert course.state() is CaseState.BACK and "stand by it" in standing(course, at)


def test_brakes_have_counted_what_was_made() -> None:
    course = Course().confirmed()
    at = made(course)
    course.rules = rules(load=Load(notices=2000))
    assert standing(course, at) == ""


def test_a_retraction_leaves_while_there_is_something_to_take_back() -> None:
    course = Course().notified()
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"),), course.now))
    at = course.now
    course.do(Composed(RETRACTION, HOST, (b"",), at))
    assert standing(course, at, RETRACTION) == ""
    course.do(StopsChanged((Stop("site", "", "police"),), course.now))
    assert "authority" in standing(course, at, RETRACTION)
    course.do(StopsChanged((), course.now))
    course.do(EvidenceChanged((EXACT,), course.now))
    assert "nothing to take back" in standing(course, at, RETRACTION)


def test_a_notice_that_is_recalled_was_never_made() -> None:
    course = Course().confirmed()
    at = made(course)
    course.do(HeldBy("Ann", "doubt", course.now))
    course.do(Recalled(FIRST, HOST, (b"",), at, course.now))
    (one,) = course.case.targets
    assert (one.sent_at, one.notices, one.informed) == (0.0, 0, False) and not course.case.begun
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"),), course.now))
    assert not course.kinds(Retract), "who was told nothing gets no retraction"


def test_a_reminder_that_is_recalled_is_due_again_and_a_retraction_is_owed_again() -> None:
    course = Course().notified()
    course.check(after=3 * DAY)
    assert [one.kind for one in course.tells] == [REMINDER]
    course.do(Composed(REMINDER, HOST, (b"",), course.now))
    course.do(Recalled(REMINDER, HOST, (b"",), course.now, course.now))
    (one,) = course.case.targets
    assert (one.notices, one.informed) == (1, True)
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"),), course.now))
    course.do(Composed(RETRACTION, HOST, (b"",), course.now))
    assert not owed(course.case)
    course.do(Recalled(RETRACTION, HOST, (b"",), course.now, course.now))
    assert owed(course.case) == (HOST,)


# "only where the operator has switched sending on": a dry run tells nobody, so that nothing follows from it
def test_who_was_told_by_a_dry_run_was_told_nothing() -> None:
    course = Course(by=replace(rules(), dry=True)).notified()
    at = course.case.targets[0].sent_at
    waiting = Course(by=replace(rules(), dry=True)).confirmed()
    made(waiting)
    waiting.rules = rules(switches=type(course.rules.switches)(sending=True))
    assert "stand by it" in standing(waiting, waiting.now)
    course.rules = waiting.rules
    course.check(after=3 * DAY)
    assert course.state() is CaseState.READY and not course.tells, "a supervisor releases it, and no reminder goes out"
    assert not course.case.accepted_at and "stand by it" in standing(course, at)
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"),), course.now))
    assert not course.kinds(Retract)
