"""The report as one HTML file: no script, no font, no picture from elsewhere; readable on paper."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

from crawlctl.reporting import plots
from crawlctl.reporting.period import day_of
from crawlctl.reporting.rows import Written, shown
from notices.figures.definitions import DEFINITIONS, EXAMINED, NAMED
from notices.figures.fold import DAY
from notices.figures.suppress import LEAST

STYLE: Final = """\
body{font:15px/1.45 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#111}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:1.8em;border-bottom:1px solid #999}
table{border-collapse:collapse;width:100%;font-size:.92em}th,td{padding:.25em .5em;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}thead th{vertical-align:bottom;border-bottom:2px solid #666}
svg{width:100%;max-width:640px;height:auto}svg text{font:11px system-ui,sans-serif;fill:#333}
figure{margin:1em 0;break-inside:avoid}figcaption{font-size:.85em;color:#444}dt{font-weight:600}dd{margin:0 0 .6em 1.5em}
.note{font-size:.9em;color:#444}.wide{overflow-x:auto}
@media print{body{font-size:10pt;margin:0;max-width:none}table{font-size:8pt}tr,dt,dd{break-inside:avoid}thead{display:table-header-group}}
@page{margin:15mm}"""
GROUPED: Final = (
    "media", "verified", "suspect", "new", "cases", "notified", "notices", "removed", "median", "p90", "open", "unverifiable", "back",
)  # fmt: skip
"""Figures of the table by value."""


def page(one: Written, operator: str) -> str:
    """The whole page. `operator` is the hotline's name, or empty."""
    report = one.report
    first, last = day_of(report.period.since), day_of(report.period.until - DAY)
    title = f"Known child sexual abuse material found and removed, {first} to {last}"
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>\n'
        f"<h1>{escape(title)}</h1>\n",
        _paragraph(f"{operator + '. ' if operator else ''}Made on {day_of(report.period.now)}. Times are in UTC."),
        _paragraph(f"Counts below {LEAST} are hidden, and so is what they could be worked out from.") if one.public else "",
        _paragraph("The period has not ended yet.") if report.period.now < report.period.until else "",
        _dry(one),
        "<h2>In all</h2>\n",
        _all(one),
        plots.by_day(
            [] if one.public and _few(one.all["media"]) else report.days,
            int(report.period.since // DAY), int(report.period.until // DAY) - 1, (first, last), least=LEAST if one.public else 1,
        ),
        "<h2>Removal</h2>\n",
        _removal(one),
    ]  # fmt: skip
    if one.groups:
        parts += [f"<h2>By {escape(report.by)}</h2>\n", _groups(one)]
    if one.providers:
        bars = [(name, cases) for name, cases, _ in one.providers if isinstance(cases, int)]
        parts += [
            "<h2>Providers with most cases</h2>\n",
            plots.by_name(bars, "Cases opened in the period, by who is told of them"),
        ]
        parts.append(_table(("Provider", "Cases opened", "Open"), one.providers))
    parts += ["<h2>What the figures mean</h2>\n<dl>\n", *_definitions(), "</dl>\n</body></html>\n"]
    return "".join(parts)


def _dry(one: Written) -> str:
    """Figures of a dry run look like others, and must not be taken for them."""
    if not one.report.dry:
        return ""
    count = "Some" if one.public else "All" if one.report.dry == one.report.all.notices else f"{one.report.dry:,}"
    return _paragraph(
        f"{count} of the notices were only written into a folder (a dry run): nobody was told by them, though they count as accepted."
    )


def _few(value: Any) -> bool:
    return not isinstance(value, int) or value < 10 * LEAST


def _paragraph(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>\n'


def _all(one: Written) -> str:
    rows = [(each.title, shown(getattr(one.report, each.name), each.unit), each.unit) for each in EXAMINED]
    rows += [
        (each.title, shown(one.all[each.name], each.unit), "" if each.unit in ("seconds", "share") else each.unit)
        for each in DEFINITIONS
    ]
    return _table(("Figure", "", "Counted in"), rows)


def _removal(one: Written) -> str:
    if one.all["watched"] in (0, "<10", "(hidden)") or (one.public and one.all["median"] is None):
        return _paragraph("Too few cases were notified in the period to say how long removal takes.")
    return plots.removal(one.report.curve, one.report.period.end - one.report.period.since)


def _groups(one: Written) -> str:
    header = (one.report.by, *(NAMED[name].title for name in GROUPED))
    ordered = sorted(one.groups, key=lambda row: (-row["cases"] if isinstance(row["cases"], int) else 0, row["value"]))
    if one.report.by == "month":
        ordered = sorted(one.groups, key=lambda row: str(row["value"]))
    rows = [(row["value"], *(shown(row[name], NAMED[name].unit) for name in GROUPED)) for row in ordered]
    return f'<div class="wide">{_table(header, rows)}</div>'


def _definitions() -> Iterable[str]:
    for each in (*EXAMINED, *DEFINITIONS):
        yield f"<dt>{escape(each.title)}</dt><dd>{escape(each.meaning)}</dd>\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"
