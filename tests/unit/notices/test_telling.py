"""When a case looks at itself again (docs/domain.md, section 2). Whom it tells is in the playbooks of `test_case`."""

from msgspec.structs import replace

from contracts.cases import CaseState, Stop
from notices.rules import EntryLoad, Load
from notices.telling import owed, told, wakes_at, wants, wishes
from tests.unit.notices.courses import DAY, HOST, START, Course, rules


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
