"""When it is looked again, and when it counts as gone (docs/domain.md, section 3)."""

import pytest
from msgspec.structs import replace

from contracts.cases import Absence, Case, CaseState
from contracts.removal import Rechecks
from notices.schedule import (
    Gone,
    gone,
    lateness,
    next_check,
    second_route,
    sooner,
    unverifiable,
    with_absence,
)
from tests.unit.notices.courses import DAY, HOUR

CASE = Case(1, b"p", b"s", CaseState.NOTIFIED, 0.0)
ONE = Rechecks()
TWO = Rechecks(routes=["tor=http://127.0.0.1:9", "other=http://127.0.0.1:10"])


def test_two_absences_a_day_apart() -> None:
    """ "Gone = two absents at least 24 h apart" """
    first = (Absence(0.0),)
    assert gone((), Absence(DAY), ONE) is None
    assert gone(first, Absence(DAY - 1), ONE) is None
    assert gone(first, Absence(DAY), ONE) == Gone(0.0, DAY, True)


def test_two_routes_where_they_are_configured() -> None:
    first = (Absence(0.0),)
    assert gone(first, Absence(9 * DAY), TWO) is None
    assert gone(first, Absence(9 * DAY), TWO, one_route_only=True) == Gone(0.0, 9 * DAY, True)
    assert gone(first, Absence(DAY, "tor"), TWO) == Gone(0.0, DAY, False)
    assert gone((*first, Absence(HOUR, "tor")), Absence(DAY), TWO) is None, "23 h apart"
    assert gone((*first, Absence(HOUR, "tor")), Absence(DAY + HOUR), TWO) == Gone(HOUR, DAY + HOUR, False)


def test_of_each_route_the_first_absence_is_kept() -> None:
    kept = with_absence(with_absence(with_absence((), Absence(1.0)), Absence(2.0)), Absence(3.0, "tor"))
    assert kept == (Absence(1.0), Absence(3.0, "tor"))


def test_every_day_until_it_is_gone() -> None:
    """ "Every 24 h until gone, then after 1, 7, 30, 90 days for `back`" """
    assert next_check(CASE, 5.0, ONE) == (5.0 + DAY, "direct")
    assert next_check(replace(CASE, unknowns=1), 5.0, ONE) == (5.0 + DAY, "direct")
    away = replace(CASE, state=CaseState.GONE, gone_at=100.0)
    looks = [next_check(replace(away, watch=watch), 5.0, ONE)[0] for watch in range(5)]
    assert looks == [100.0 + DAY, 100.0 + 7 * DAY, 100.0 + 30 * DAY, 100.0 + 90 * DAY, 0.0]
    assert next_check(away, 5.0, Rechecks(day=2.0))[0] == 102.0
    assert next_check(replace(CASE, state=CaseState.CLOSED), 5.0, ONE)[0] == 0.0


def test_an_absence_is_confirmed_by_the_other_route() -> None:
    absent = replace(CASE, absences=(Absence(5.0),))
    assert next_check(absent, 5.0, ONE) == (5.0 + DAY, "direct")
    assert next_check(absent, 5.0, TWO) == (5.0 + DAY, "tor")
    assert next_check(replace(CASE, absences=(Absence(5.0, "tor"),)), 5.0, TWO) == (5.0 + DAY, "direct")
    assert (second_route(ONE), second_route(TWO)) == ("", "tor")


@pytest.mark.parametrize("state", [CaseState.FOUND, CaseState.RELEASED, CaseState.BACK])
def test_who_waits_for_a_first_notice_is_asked_sooner(state: CaseState) -> None:
    due = [next_check(replace(CASE, state=state, unknowns=unknowns), 0.0, ONE)[0] for unknowns in range(4)]
    assert due == [DAY, HOUR, 6 * HOUR, DAY]


def test_three_unknowns() -> None:
    """ "Three unknowns = `unverifiable`" """
    assert not unverifiable(replace(CASE, unknowns=2), ONE)
    assert unverifiable(replace(CASE, unknowns=3), ONE)


def test_lateness() -> None:
    """ "lateness counts from when the host's politeness allows" """
    assert lateness(10.0, 0.0, 15.0) == 5.0
    assert lateness(10.0, 14.0, 15.0) == 1.0
    assert lateness(10.0, 20.0, 15.0) == 0.0


def test_shorter_days_bring_the_next_look_nearer_and_longer_ones_do_not_put_it_off() -> None:
    case = replace(CASE, checked_at=1_000.0, next_check=1_000.0 + 86_400.0)
    assert sooner(case, Rechecks(every=60.0)).next_check == 1_060.0
    assert sooner(case, Rechecks(every=2 * 86_400.0)) == case
    assert sooner(replace(case, checked_at=0.0), Rechecks(every=60.0)).next_check == case.next_check
