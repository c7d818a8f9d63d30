"""Figures for the public: no count from 1 to 9, and none that could be worked out from the others (docs/domain.md, sections 4 and 5)."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import asdict

from notices.figures.fold import Figures, Report

LEAST: Final = 10
SMALL: Final = "<10"
HIDDEN: Final = "(hidden)"
COUNTS: Final = (
    "media", "verified", "suspect", "disputed", "new", "clusters", "series", "hosts", "cases", "notified", "notified_media",
    "notices", "removed", "removed_unasked", "one_route", "unverifiable", "open", "over_week", "back", "gone", "watched",
)  # fmt: skip
TIMES: Final = ("median", "p90", "within_week")
PARTS: Final = (("media", ("verified", "suspect", "disputed")), ("gone", ("removed", "removed_unasked")))
"""Counts that add up to another one: where one part is hidden, so is a second."""

Row = dict[str, object]


def plain(figures: Figures) -> Row:
    """Figures as they are."""
    row: Row = asdict(figures)
    row["open_ages"] = dict(figures.open_ages)
    return row


def public(report: Report) -> tuple[Row, list[Row], tuple[tuple[str, object, object], ...]]:
    """(all, groups, providers) with small counts hidden. Series are told apart by nobody outside: groups by series are left out.

    In each column of groups, where exactly one value is hidden, the next smallest is hidden too: it could be had by subtraction.
    A group with few cases and few media is not named at all.
    """
    groups = [] if report.by == "series" else [_hidden(one) for one in report.groups]
    for name in COUNTS:
        _second(groups, name)
    groups = [row for row in groups if any(isinstance(row[name], int) and row[name] for name in ("cases", "media"))]
    rest = tuple((name, _small(cases), _small(still)) for name, cases, still in report.providers if cases >= LEAST)
    return _hidden(report.all), groups, rest


def _small(count: int) -> object:
    return SMALL if 0 < count < LEAST else count


def _hidden(figures: Figures) -> Row:
    row = plain(figures)
    for name in COUNTS:
        row[name] = _small(getattr(figures, name))
    row["open_ages"] = {name: _small(count) for name, count in figures.open_ages}
    for total, parts in PARTS:
        hidden = [part for part in parts if row[part] == SMALL]
        others = [part for part in parts if isinstance(row[part], int) and row[part]]
        if len(hidden) == 1 and row[total] != SMALL and others:
            row[min(others, key=lambda part: int(getattr(figures, part)))] = HIDDEN
    if figures.watched < LEAST:
        row.update(dict.fromkeys(TIMES))
    return row


def _second(groups: Sequence[Row], name: str) -> None:
    if sum(1 for row in groups if row[name] == SMALL) != 1:
        return
    others = [row for row in groups if isinstance(row[name], int) and row[name]]
    if others:
        least = min(others, key=lambda row: int(str(row[name])))
        least[name] = HIDDEN
