"""Rows to figures."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.figures import BY, DISPUTED, SUSPECT, VERIFIED, CaseFact, Examined, MediaFact, NoticeFact, Period
from notices.figures.fold import DAY, Figures, Report, month, report

SINCE, UNTIL = 20_000 * DAY, 20_030 * DAY
PERIOD = Period(SINCE, UNTIL, UNTIL + DAY)
A, B = b"a" * 32, b"b" * 32


def seen(sha256: bytes = A, **changes: object) -> MediaFact:
    return replace(MediaFact(20_001, sha256, b"h1", "CA", "A", b"s1", 7, VERIFIED, 20_001), **changes)


def case(number: int = 1, **changes: object) -> CaseFact:
    row = CaseFact(
        number, A, 7, "notified", False, False, "CA", "A", b"s1", "Host Ltd", SINCE + DAY, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    )
    return replace(row, **changes)


def made(
    media: list[MediaFact] | None = None,
    cases: list[CaseFact] | None = None,
    notices: list[NoticeFact] | None = None,
    by: str = "all",
    period: Period = PERIOD,
) -> Report:
    return report(period, by, media or [], cases or [], notices or [], [Examined(20_001, 5, 3)], {b"h1": "Host Ltd"})


def told(number: int, accepted: float, absent: float = 0.0, **changes: object) -> CaseFact:
    gone = absent + DAY if absent else 0.0
    state = "gone" if absent else "notified"
    return case(number, accepted_at=accepted, first_absent_at=absent, gone_at=gone, state=state, **changes)


def test_a_medium_counts_once_however_often_it_was_seen() -> None:
    """ "Distinct = by SHA-256, and separately clusters by leading entry" """
    figures = made([seen(), seen(day=20_002, host=b"h2", country="FR"), seen(B)]).all
    assert (figures.media, figures.clusters, figures.hosts, figures.series) == (2, 1, 2, 1)


def test_suspect_verified_and_disputed_are_kept_apart() -> None:
    """ "suspect, verified, notified apart"; by the strongest verdict of each medium"""
    media = [seen(), seen(rank=SUSPECT, lead=8), seen(B, rank=SUSPECT), seen(b"c" * 32, rank=DISPUTED)]
    figures = made(media, [told(1, SINCE + DAY), told(2, SINCE + DAY)]).all
    assert (figures.media, figures.verified, figures.suspect, figures.disputed) == (3, 1, 1, 1)
    assert (figures.notified, figures.notified_media) == (2, 1)


def test_new_is_what_was_never_seen_before() -> None:
    assert made([seen(), seen(B, first_day=19_999)]).all.new == 1


def test_removal_time_runs_from_acceptance_to_the_first_absence() -> None:
    """ "Removal time = first notice accepted by the recipient to the first of the two absents" """
    figures = made(cases=[told(1, SINCE + DAY, SINCE + 3 * DAY)]).all
    assert (figures.median, figures.p90, figures.removed, figures.gone) == (2 * DAY, 2 * DAY, 1, 1)
    assert figures.open == 0


def test_open_cases_are_censored_at_the_end_of_the_period() -> None:
    cases = [told(number, SINCE + DAY, SINCE + 2 * DAY) for number in range(4)] + [told(9, SINCE + DAY)] * 6
    figures = made(cases=cases).all
    assert figures.watched == 10
    assert figures.median is None
    assert figures.within_week == pytest.approx(0.4)
    assert figures.open == 6


def test_what_was_gone_before_anybody_was_told_has_no_removal_time() -> None:
    early = told(1, SINCE + 2 * DAY, SINCE + DAY)
    never_told = case(2, first_absent_at=SINCE + DAY, gone_at=SINCE + 2 * DAY, state="gone")
    figures = made(cases=[early, never_told]).all
    assert (figures.watched, figures.median, figures.removed, figures.removed_unasked) == (0, None, 0, 2)


def test_slow_removals_and_open_ones_by_age_are_told() -> None:
    """ "Never = open at the period's end, by age" """
    slow = told(1, SINCE + DAY, SINCE + 12 * DAY)
    old = told(2, SINCE - 99 * DAY, opened_at=SINCE - 100 * DAY)
    figures = made(cases=[slow, old]).all
    assert figures.over_week == 1
    assert dict(figures.open_ages) == {"under 7 days": 0, "7 to 30 days": 0, "30 to 90 days": 0, "over 90 days": 1}


def test_what_was_gone_after_the_period_was_open_at_its_end() -> None:
    later = told(1, SINCE + DAY, UNTIL - DAY / 2)
    assert later.gone_at > UNTIL
    figures = made(cases=[later]).all
    assert (figures.open, figures.gone, figures.removed) == (1, 0, 0)


def test_back_is_the_same_medium_or_entry_at_the_same_provider_within_90_days() -> None:
    """ "Back = same SHA-256 or entry at the same provider within 90 d" """
    gone = told(1, SINCE + DAY, SINCE + 2 * DAY)
    same = case(2, opened_at=gone.gone_at + DAY)
    entry = case(3, sha256=B, opened_at=gone.gone_at + DAY)
    other = case(4, sha256=B, entry_id=8, opened_at=gone.gone_at + DAY)
    elsewhere = case(5, provider="Other", opened_at=gone.gone_at + DAY)
    before = case(6, opened_at=gone.gone_at - DAY)
    late_period = Period(SINCE, SINCE + 200 * DAY, SINCE + 300 * DAY)
    late = case(7, opened_at=gone.gone_at + 91 * DAY)
    assert made(cases=[gone, same]).all.back == 1
    assert made(cases=[gone, entry]).all.back == 1
    assert made(cases=[gone, other, elsewhere, before]).all.back == 0
    assert made(cases=[gone, late], period=late_period).all.back == 0
    assert (
        made(cases=[replace(gone, state="back", back_at=gone.gone_at + DAY)]).all.back == 0
    )  # no way to removal before it


def test_what_came_back_counts_as_removed_before_and_goes_its_way_again() -> None:
    run = (SINCE + DAY, SINCE + 3 * DAY, SINCE + 4 * DAY)
    again = case(1, state="notified", accepted_at=SINCE + 11 * DAY, back_at=SINCE + 10 * DAY, runs=(run,))
    figures = made(cases=[again]).all
    assert (figures.removed, figures.gone, figures.back, figures.open, figures.watched) == (1, 1, 1, 1, 2)
    assert figures.median == 2 * DAY
    gone = replace(again, state="gone", first_absent_at=SINCE + 12 * DAY, gone_at=SINCE + 13 * DAY)
    figures = made(cases=[gone]).all
    assert (figures.removed, figures.back, figures.open) == (2, 1, 0)


@pytest.mark.parametrize("by", BY)
def test_each_dimension_adds_up_where_values_exclude_each_other(by: str) -> None:
    cases = [
        told(1, SINCE + DAY),
        case(2, country="", provider="", category="", series=b""),
        case(3, country="FR", category="B"),
    ]
    media = [seen(), seen(B, country="", host=b"h2", category="", series=b"")]
    notices = [NoticeFact(SINCE + DAY, "Host Ltd", "CA", "first", 3)]
    made_by = made(media, cases, notices, by)
    assert made_by.all.cases == 3
    if by == "all":
        assert made_by.groups == ()
        return
    assert sum(one.cases for one in made_by.groups) == 3
    assert sum(one.notices for one in made_by.groups) == (1 if by in ("country", "provider", "month") else 0)
    assert [one.value for one in made_by.groups] == sorted(one.value for one in made_by.groups)


def test_providers_come_by_how_many_cases_they_have() -> None:
    cases = [case(1), case(2), case(3, provider="Other"), case(4, provider="")]
    assert made(cases=cases).providers == (("Host Ltd", 2, 2), ("Other", 1, 1), ("(unknown)", 1, 1))


def test_examined_is_the_sum_of_days() -> None:
    assert (made().pages, made().examined) == (5, 3)
    assert made().all == Figures("", open_ages=made().all.open_ages)


@given(st.integers(-100_000, 400_000))
def test_months_are_those_of_the_calendar(day: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC).toordinal() + day
    expected = datetime.fromordinal(at)
    assert month(day) == f"{expected.year:04}-{expected.month:02}"


# "at the same provider": who nobody knows is not the same as who nobody knows
def test_what_is_at_an_unknown_provider_is_not_back_at_another() -> None:
    gone = replace(told(1, SINCE + DAY, SINCE + 2 * DAY), provider="")
    elsewhere = case(2, provider="", opened_at=gone.gone_at + DAY)
    assert made(cases=[gone, elsewhere]).all.back == 0
