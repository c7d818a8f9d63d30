"""Figures as they are written: one object for all, one for each value, with small counts hidden where they are for the public."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from crawlctl.reporting.period import day_of
from notices.figures.definitions import DEFINITIONS, EXAMINED
from notices.figures.fold import DAY, Report
from notices.figures.suppress import plain, public

TOP: Final = 20
"""Providers that are named, those with most cases first."""


class Written(Struct, frozen=True):
    """A report as it may leave: `all` and `groups` by name of figure, `providers` (name, cases opened, open). `report` is what may
    be drawn of it."""

    report: Report
    public: bool
    all: dict[str, Any]
    groups: list[dict[str, Any]]
    providers: tuple[tuple[str, Any, Any], ...]


def written(report: Report, *, for_public: bool) -> Written:
    """What is shown."""
    if for_public:
        everything, groups, providers = public(report)
        return Written(report, True, everything, groups, providers[:TOP])
    return Written(report, False, plain(report.all), [plain(one) for one in report.groups], report.providers[:TOP])


def as_json(one: Written) -> dict[str, Any]:
    """The whole report as one object, definitions included. Durations are seconds, null where they are not reached."""
    report = one.report
    return {
        "from": day_of(report.period.since),
        "to": day_of(report.period.until - DAY),
        "made_at": report.period.now,
        "public": one.public,
        "by": report.by,
        "pages": report.pages,
        "examined": report.examined,
        "dry_run": report.dry > 0 if one.public else report.dry,
        "all": {name: value for name, value in one.all.items() if name != "value"},
        "groups": one.groups,
        "providers": [dict(zip(("provider", "cases", "open"), row, strict=True)) for row in one.providers],
        "curve": [] if one.public else [[step.seconds, step.left, step.watched] for step in report.curve],
        "definitions": {each.name: f"{each.meaning} ({each.unit})" for each in (*EXAMINED, *DEFINITIONS)},
    }


HEADER: Final = ("by", "value", *(one.name for one in DEFINITIONS if one.name != "open_ages"), "pages", "examined")


def as_csv(one: Written) -> Iterator[list[Any]]:
    """A row for all, with what was examined, then one a value; columns as `HEADER`. Ages of open cases are in JSON and HTML."""
    names = HEADER[2:-2]
    yield ["all", "", *(one.all[name] for name in names), one.report.pages, one.report.examined]
    for row in one.groups:
        yield [one.report.by, row["value"], *(row[name] for name in names), "", ""]


def shown(value: Any, unit: str) -> str:
    """A figure for people: seconds as days or hours, shares in per cent, ages one after the other."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{name}: {count}" for name, count in value.items())
    if unit == "seconds":
        return (
            f"{value / DAY:.1f} d" if value >= DAY else f"{value / 3600:.1f} h" if value >= 3600 else f"{value:.0f} s"
        )
    if unit == "share":
        return f"{100 * value:.0f} %"
    return f"{value:,}"
