"""What the desk's verbs show: plain text without links, from what acts answer. A place is never a clickable link."""

import sys
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from contracts.casedesk import CaseLine, EvidenceLine, HappenedLine, NoticeLine
from contracts.caserows import REASONING
from contracts.recipients import Finding
from crawlctl.matches import turned
from crawlctl.output import one_line, write_json, write_record
from crawlctl.times import iso
from crawlctl.units import write_size
from notices.desk.words import Became, CaseShown, Place

TIMES: Final = frozenset(
    {
        "since", "until", "next_check", "found_at", "notified_at", "accepted_at", "gone_at", "back_at", "at", "made_at", "next_at", "sent_at",
        "answered_at", "told_at", "checked_at", "confirmed_at", "asked_at", "absences", "oldest",
    }
)  # fmt: skip
"""Keys whose values are times: ISO 8601 in JSON."""
CASES: Final = (
    "case", "state", "since", "kind", "match", "category", "legality", "country", "recipient", "why", "next_check", "found_at",
    "notified_at", "accepted_at", "gone_at", "back_at", "one_route", "paused", "legal_hold",
)  # fmt: skip
"""Keys of `cases ls --json` and columns of --csv."""


def plain(answer: Struct) -> Any:
    """An answer as JSON for people: times as ISO 8601, None for never."""
    return _dated(msgspec.to_builtins(answer))


def _dated(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _dated(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_dated(one, key) for one in value]
    if key in TIMES and isinstance(value, (int, float)):
        return iso(value)
    return value


def case_row(line: CaseLine) -> dict[str, Any]:
    """A line of `cases ls`, with the keys of `CASES`."""
    row = plain(line)
    row["match"] = "near" if row.pop("near") else "exact"
    return {name: row[name] for name in CASES}


def tell(answer: Became, did: str, *, as_json: bool) -> None:
    """What became of a case."""
    if as_json:
        write_json(plain(answer))
        return
    by = " and ".join(answer.by)
    if answer.done:
        sys.stdout.write(one_line(f"case {answer.case}: {did}; it is {answer.state}") + "\n")
    else:
        sys.stdout.write(
            one_line(
                f"case {answer.case} is as it was ({answer.state}): that takes two people; asked for by {by}; "
                "another person must ask for the same within 7 days"
            )
            + "\n"
        )


def waits(by: Sequence[str]) -> str:
    """That another person must ask."""
    return f"nothing is changed: that takes two people; asked for by {' and '.join(by)}; another person must ask for the same within 7 days"


def case(shown: CaseShown, *, as_json: bool) -> None:
    """All of a case."""
    if as_json:
        write_json(plain(shown))
        return
    line, checks, medium = shown.line, shown.checks, shown.medium
    flags = [name for name in ("paused", "one_route") if getattr(line, name)]
    write_record(
        f"case {line.case}  {line.state}",
        {
            "why": line.why,
            "since": iso(line.since),
            "kind": f"{line.kind}, {'near' if line.near else 'exact'}, {line.legality}, category {line.category or 'not stated'}",
            "place": _place(shown.place),
            "page": shown.place.pages,
            "address": shown.place.address,
            "country": line.country or "unknown: two methods must agree",
            "medium": f"{medium.media_type or 'unknown'}, {write_size(medium.size)}, {medium.width}x{medium.height}"
            + (f", {medium.duration:g} s" if medium.duration else ""),
            "sha256": shown.sha256,
            "times": _times(line),
            "marks": ", ".join(flags),
            "legal hold": line.legal_hold,
            "moved to": f"case {shown.successor}" if shown.successor else None,
            "evidence": [_evidence(one) for one in shown.evidence],
            "decision": [
                f"{iso(one.at)} {one.person}: {one.decision}, {one.basis}, round {one.round + 1}: {one.why}"
                for one in shown.decisions
            ],
            "released by": ", ".join(shown.released_by),
            "told": [
                f"{one.recipient or one.why} ({one.klass or 'nobody'}) of the {one.of}: {_told(one)}"
                for one in shown.told
            ],
            "stop": shown.stops,
            "notice": [_notice(one) for one in shown.notices],
            "re-check": f"last {iso(checks.checked_at) or 'never'}, same digest {iso(checks.confirmed_at) or 'never'}, "
            f"next {iso(checks.next_check) or 'none'}, {checks.unknowns} in a row that say nothing",
            "absent": [iso(at) for at in checks.absences],
            "whom to tell": [step for one in shown.history for step in _reasoning(one)],
            "history": [
                " ".join(f"{iso(one.at)} {one.what} {one.person} {one.why}".split())
                for one in shown.history
                if not _reasoning(one)
            ],
        },
    )


def _place(place: Place) -> str:
    return place.url if place.shown else f"({place.why})"


def _times(line: CaseLine) -> str:
    steps = (
        ("found", line.found_at),
        ("notified", line.accepted_at or line.notified_at),
        ("gone", line.gone_at),
        ("back", line.back_at),
    )
    return " -> ".join(f"{name} {iso(at)}" for name, at in steps if at)


def _told(one: Any) -> str:
    if one.bounced:
        return "bounced"
    if one.told_at:
        return f"accepted {iso(one.told_at)}, {one.notices} {'notice' if one.notices == 1 else 'notices'}"
    return f"made {iso(one.sent_at)}" if one.sent_at else "not yet"


def _reasoning(one: HappenedLine) -> list[str]:
    """How it was found who is told, of the media and then of pages, a step a line; nothing for other lines and for what is sealed."""
    if one.what != REASONING:
        return []
    try:
        found = msgspec.json.decode(one.why, type=list[list[Finding]])
    except (msgspec.DecodeError, UnicodeError):
        return []
    return [
        f"{iso(step.at)} {'page' if number else 'media'}: {step.source}, {step.asked}: {step.said}"
        for number, steps in enumerate(found)
        for step in steps
    ]


def _evidence(one: EvidenceLine) -> str:
    how = f"exact by {one.algorithm}"
    if one.near:
        how = f"near by {one.algorithm}"
        if one.algorithm == "pdq":
            how += f" {one.distance} bits (band {one.band}), quality {one.quality}, {turned(one.turn)}"
        if one.frames > 1:
            how += f", {one.frames} frames"
    said = "".join(f"; {by or 'ourselves'} {verdict}" for by, verdict, _ in one.opinions)
    held = f", held: {one.held}" if one.held else ""
    made = ", generated" if one.generated else ""
    return (
        f"entry {one.entry} {one.name} of {', '.join(one.lists) or 'no list'} ({', '.join(one.kinds)}): {how}; {one.standing}{held}; "
        f"{one.category or 'no category'}, {one.legality}, act {one.act}, age {one.age}{made}; pair {one.state}{said}"
    )


def _notice(one: NoticeLine) -> str:
    return f"{one.notice} {one.kind} to {one.recipient}: {one.state} {iso(one.accepted_at or one.sent_at or one.made_at)} {one.said}".rstrip()
