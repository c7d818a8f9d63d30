"""Rows to figures, by one dimension: each medium and each case counts once in each of its values, whatever is told twice."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from contracts.cases import OPEN, CaseState
from contracts.figures import DISPUTED, UNKNOWN, VERIFIED, CaseFact, Examined, MediaFact, NoticeFact, Period
from notices.figures.survival import MEDIAN, P90, Duration, Step, curve, quantile, removed_within

DAY: Final = 86_400.0
WEEK: Final = 7 * DAY
RECIDIVISM: Final = 90 * DAY
AGES: Final = ((7 * DAY, "under 7 days"), (30 * DAY, "7 to 30 days"), (90 * DAY, "30 to 90 days"))
OLDER: Final = "over 90 days"


class Gone(Struct, frozen=True):
    """A case that was gone at a time; `asked`: after a notice was accepted. `back_at` is when it came back there, 0.0 for never."""

    case: CaseFact
    asked: bool
    at: float
    back_at: float


class Figures(Struct, frozen=True):
    """The figures of one value of a dimension; `notices.figures.definitions` says what each means. Seconds, None: never reached."""

    value: str
    media: int = 0
    verified: int = 0
    suspect: int = 0
    disputed: int = 0
    new: int = 0
    clusters: int = 0
    series: int = 0
    hosts: int = 0
    cases: int = 0
    notified: int = 0
    notified_media: int = 0
    notices: int = 0
    removed: int = 0
    removed_unasked: int = 0
    one_route: int = 0
    unverifiable: int = 0
    open: int = 0
    open_ages: tuple[tuple[str, int], ...] = ()
    watched: int = 0
    median: float | None = None
    p90: float | None = None
    over_week: int = 0
    within_week: float = 0.0
    back: int = 0
    gone: int = 0


class Report(Struct, frozen=True):
    """A whole report: all together, by the values of a dimension, the curve of removal, what was examined, the top providers.
    `dry`: how many of the notices went into the folder of a dry run only, so that nobody was told by them."""

    period: Period
    by: str
    all: Figures
    groups: tuple[Figures, ...]
    curve: tuple[Step, ...]
    pages: int | None
    examined: int | None
    days: tuple[tuple[int, int], ...] = ()
    providers: tuple[tuple[str, int, int], ...] = ()
    dry: int = 0


def month(day: int) -> str:
    """The month of a day (UTC), as 2026-03 (proleptic Gregorian calendar, counted from 1 March of year 0)."""
    era, of_era = divmod(day + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    number = (5 * of_year + 2) // 153 + 3
    year = era * 400 + year_of_era + (number > 12)
    return f"{year:04}-{number - 12 * (number > 12):02}"


def media_value(by: str, one: MediaFact, providers: dict[bytes, str]) -> str:
    """The value of a dimension that a medium counts for."""
    match by:
        case "country":
            return one.country or UNKNOWN
        case "provider":
            return providers.get(one.host, UNKNOWN)
        case "category":
            return one.category or UNKNOWN
        case "series":
            return one.series.hex() or UNKNOWN
        case "month":
            return month(one.day)
    return ""


def case_value(by: str, one: CaseFact) -> str:
    """The value that a case counts for; by month, that of its opening."""
    match by:
        case "country":
            return one.country or UNKNOWN
        case "provider":
            return one.provider or UNKNOWN
        case "category":
            return one.category or UNKNOWN
        case "series":
            return one.series.hex() or UNKNOWN
        case "month":
            return month(int(one.opened_at // DAY))
    return ""


def notice_value(by: str, one: NoticeFact) -> str | None:
    """The value that a notice counts for; None: notices are not told apart by this."""
    match by:
        case "country":
            return one.country or UNKNOWN
        case "provider":
            return one.provider or UNKNOWN
        case "month":
            return month(int(one.accepted_at // DAY))
        case "all":
            return ""
    return None


def durations(one: CaseFact, period: Period) -> Iterator[Duration]:
    """From the first notice accepted to the first of the two absences, for each way to removal whose notice was accepted in the
    period. What is open lasts at least until the period's end; what was closed otherwise, until then."""
    for accepted, absent, gone in one.ways:
        if not period.since <= accepted < period.end or accepted <= 0:
            continue
        if 0 < gone <= period.end and absent > 0:
            if absent >= accepted:  # else it was gone before anybody was told
                yield Duration(absent - accepted, True)
        else:
            closed = one.closed_at if 0 < one.closed_at < period.end else period.end
            yield Duration(max(0.0, closed - accepted), False)


def _gone(cases: Iterable[CaseFact], period: Period) -> list[Gone]:
    """Every time that a case was gone in the period."""
    found = []
    for case in cases:
        for number, (accepted, absent, gone) in enumerate(case.ways):
            if _during(gone, period):
                last = case.runs[-1:] == case.ways[number : number + 1]
                back = case.back_at if last else 0.0 if number >= len(case.runs) else case.ways[number + 1][0] or gone
                found.append(Gone(case, 0 < accepted <= absent, gone, back))
    return found


def came_back(one: Gone, cases_of: Callable[[CaseFact], Iterable[CaseFact]], period: Period) -> bool:
    """Whether the same SHA-256 or entry was at the same provider again within 90 days of being gone, and before the period's end.
    Two whose provider nobody knows are not at the same one."""
    until = min(one.at + RECIDIVISM, period.end)
    if one.at <= one.back_at <= until:
        return True
    return bool(one.case.provider) and any(
        other.case_id != one.case.case_id
        and one.at < other.opened_at <= until
        and (other.sha256 == one.case.sha256 or other.entry_id == one.case.entry_id)
        for other in cases_of(one.case)
    )


def report(
    period: Period,
    by: str,
    media: Sequence[MediaFact],
    cases: Sequence[CaseFact],
    notices: Sequence[NoticeFact],
    examined: Sequence[Examined] | None,
    providers: dict[bytes, str],
) -> Report:
    """All figures of a period. `examined` is None where it is not known; `providers` names those who are told of media on a host (by its HMAC)."""
    everything = _group("", media, cases, notices, period, cases)
    groups: list[Figures] = []
    if by != "all":
        of_media: dict[str, list[MediaFact]] = defaultdict(list)
        for seen in media:
            of_media[media_value(by, seen, providers)].append(seen)
        of_cases: dict[str, list[CaseFact]] = defaultdict(list)
        for case in cases:
            of_cases[case_value(by, case)].append(case)
        of_notices: dict[str, list[NoticeFact]] = defaultdict(list)
        for notice in notices:
            if (value := notice_value(by, notice)) is not None:
                of_notices[value].append(notice)
        values = sorted(of_media.keys() | of_cases.keys() | of_notices.keys())
        made = [_group(one, of_media[one], of_cases[one], of_notices[one], period, cases) for one in values]
        groups = [one for one in made if one.media or one.cases or one.notices or one.open]
    days: Counter[int] = Counter()
    for day, _ in {(seen.day, seen.sha256) for seen in media}:
        days[day] += 1
    told = Counter(case.provider or UNKNOWN for case in cases if _during(case.opened_at, period))
    still = Counter(case.provider or UNKNOWN for case in cases if _is_open(case, period))
    return Report(
        period,
        by,
        everything,
        tuple(groups),
        tuple(curve(found for case in cases for found in durations(case, period))),
        None if examined is None else sum(one.pages for one in examined),
        None if examined is None else sum(one.media for one in examined),
        tuple(sorted(days.items())),
        tuple((name, count, still[name]) for name, count in told.most_common()),
        sum(1 for one in notices if one.dry),
    )


def _during(at: float, period: Period) -> bool:
    return period.since <= at < period.end


def _is_open(case: CaseFact, period: Period) -> bool:
    """Whether the medium may still be there at the period's end, as far as is known now."""
    if case.opened_at >= period.end or 0 < case.closed_at <= period.end:
        return False
    ended = 0 < case.gone_at <= period.end and not case.gone_at < case.back_at <= period.end
    return not ended and (case.state in OPEN or case.gone_at > period.end or case.closed_at > period.end)


def _group(
    value: str,
    media: Sequence[MediaFact],
    cases: Sequence[CaseFact],
    notices: Sequence[NoticeFact],
    period: Period,
    everything: Sequence[CaseFact],
) -> Figures:
    rank: dict[bytes, int] = {}
    for one in media:
        rank[one.sha256] = min(one.rank, rank.get(one.sha256, DISPUTED))
    ranks = Counter(rank.values())
    opened = [case for case in cases if _during(case.opened_at, period)]
    told = [case for case in cases if any(_during(accepted, period) for accepted, _, _ in case.ways)]
    gone = _gone(cases, period)
    lasted = [found for case in cases for found in durations(case, period)]
    steps = curve(lasted)
    still = [case for case in cases if _is_open(case, period)]
    at_provider: dict[str, list[CaseFact]] = defaultdict(list)
    if gone:
        for case in everything:
            at_provider[case.provider].append(case)
    return Figures(
        value=value,
        media=len(rank),
        verified=ranks[VERIFIED],
        disputed=ranks[DISPUTED],
        suspect=len(rank) - ranks[VERIFIED] - ranks[DISPUTED],
        new=len({one.sha256 for one in media if one.first_day * DAY >= period.since}),
        clusters=len({one.lead for one in media}),
        series=len({one.series for one in media if one.series}),
        hosts=len({one.host for one in media}),
        cases=len(opened),
        notified=len(told),
        notified_media=len({case.sha256 for case in told}),
        notices=len(notices),
        removed=sum(1 for one in gone if one.asked),
        removed_unasked=sum(1 for one in gone if not one.asked),
        one_route=sum(1 for one in gone if one.case.one_route),
        unverifiable=sum(1 for case in still if case.state == CaseState.UNVERIFIABLE),
        open=len(still),
        open_ages=_ages(still, period),
        watched=len(lasted),
        median=quantile(steps, MEDIAN),
        p90=quantile(steps, P90),
        over_week=sum(1 for one in lasted if one.ended and one.seconds > WEEK),
        within_week=removed_within(steps, WEEK),
        back=sum(1 for one in gone if came_back(one, lambda case: at_provider[case.provider], period)),
        gone=len(gone),
    )


def _ages(still: Sequence[CaseFact], period: Period) -> tuple[tuple[str, int], ...]:
    """Open cases by how long they have been open."""
    counts = Counter(
        next((name for limit, name in AGES if period.end - case.opened_at < limit), OLDER) for case in still
    )
    return tuple((name, counts[name]) for name in (*(name for _, name in AGES), OLDER))
