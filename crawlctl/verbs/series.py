"""`crawlctl series`: victims' series by their blind ids. A name is opened only for a stated purpose, which is recorded."""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from typing import Any, Final

from backends.postgres.vault_tallies import VaultTallies
from contracts.errors import Corrupt, UsageError
from contracts.lists import MATCHED_KINDS
from contracts.seal import Opener, opener
from contracts.settings import Settings
from contracts.tallies import SeriesRow
from crawlctl.access import Access
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.audit import Audit, purpose_of
from crawlctl.identity import revealer
from crawlctl.lists.desk import at_desk
from crawlctl.output import write_json, write_record
from crawlctl.times import iso

PAGE: Final = 500
ID: Final = re.compile(r"[0-9a-f]{32}")
UNOPENED: Final = "(cannot be opened with these keys)"
KEYS: Final = """\
keys of --json: series (blind id), name (only with --purpose), entries, media, sightings, sites, hosts (distinct ones, of verdicts
that count), first_seen, last_seen; with show also standings (entries by standing) and countries (of the hosts).

A series belongs to the organisation that named it: another's of that name is another. Names can be those of victims: --purpose
TEXT shows them where the keys are, and is written to the audit record first.

examples:
  crawlctl series {what} --state ./state --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    ls = add_verb(verbs, "ls", "list all series with what was seen of them", KEYS.format(what="ls"))
    show = add_verb(verbs, "show", "show one series", KEYS.format(what="show 0123456789abcdef0123456789abcdef"))
    show.add_argument("id", metavar="ID", help="its blind id, as `series ls` and `lists entries` show it")
    for each in (ls, show):
        each.add_argument("--kind", choices=MATCHED_KINDS, default="csam", help="count what lists of this kind matched (default: csam)")  # fmt: skip
        each.add_argument("--purpose", metavar="TEXT", help="why names are shown; recorded")
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    purpose = purpose_of(arguments.purpose)
    asyncio.run((_show if arguments.what == "show" else _ls)(arguments, settings, purpose))
    return 0


class Names:
    """Opens names of series, after it was written down; without a purpose none."""

    def __init__(self, opener: Opener | None, audit: Audit) -> None:
        self._opener, self._audit = opener, audit

    @classmethod
    async def of(cls, arguments: argparse.Namespace, access: Access, purpose: str) -> "Names":
        """UsageError if names are asked for where the keys are not, or by somebody who may not see them."""
        who = await revealer(arguments, access, purpose)
        return cls(opener(access.keys) if purpose else None, await access.audit("series", purpose, who))

    async def rows(self, series: Sequence[SeriesRow]) -> list[dict[str, Any]]:
        """The series as JSON."""
        if self._opener is not None and series:
            await self._audit.named(len(series))
        return [self._row(one) for one in series]

    def _row(self, one: SeriesRow) -> dict[str, Any]:
        row: dict[str, Any] = {"series": one.series_id.hex()}
        if self._opener is not None:
            try:
                row["name"] = self._opener.open(one.sealed)
            except Corrupt:
                row["name"] = UNOPENED
        counts = {name: getattr(one, name) for name in ("entries", "media", "sightings", "sites", "hosts")}
        return {**row, **counts, "first_seen": iso(one.first_seen), "last_seen": iso(one.last_seen)}


async def _ls(arguments: argparse.Namespace, settings: Settings, purpose: str) -> None:
    async with at_desk(arguments, settings) as at:
        names, tallies = await Names.of(arguments, at.access, purpose), VaultTallies(at.pool)
        found = await tallies.series(b"", PAGE, arguments.kind)
        if not arguments.json:
            _table(await names.rows(found), full=len(found) == PAGE)
            return
        while found:
            for row in await names.rows(found):
                write_json(row)
            found = await tallies.series(found[-1].series_id, PAGE, arguments.kind)


def _table(rows: Sequence[dict[str, Any]], *, full: bool) -> None:
    for row in rows:
        _say(row)
    if full:
        sys.stdout.write(f"the first {PAGE} series; --json shows all\n")
    elif not rows:
        sys.stdout.write("no series\n")


def _say(row: dict[str, Any]) -> None:
    counts = f"{row['media']} media, {row['sightings']} sightings, {row['sites']} sites, {row['hosts']} hosts"
    seen = f"{counts}; first {row['first_seen']}, last {row['last_seen']}" if row["sightings"] else "never"
    standings = ", ".join(f"{standing} {count}" for standing, count in row.get("standings", {}).items())
    countries = [
        f"{one['country'] or 'unknown'}: {one['media']} media, {one['sites']} sites, {one['hosts']} hosts"
        for one in row.get("countries", [])
    ]
    facts = {
        "name": row.get("name"),
        "entries": row["entries"],
        "seen": seen,
        "standings": standings,
        "countries": countries,
    }
    write_record(f"series {row['series']}", facts)


async def _show(arguments: argparse.Namespace, settings: Settings, purpose: str) -> None:
    text = arguments.id.strip().lower()
    if not ID.fullmatch(text):
        raise UsageError("ID: a series is named by its blind id of 32 hex digits; `crawlctl series ls` lists them")
    async with at_desk(arguments, settings) as at:
        view = await VaultTallies(at.pool).series_show(bytes.fromhex(text), arguments.kind)
        if view is None:
            raise UsageError("ID: there is no such series; `crawlctl series ls` lists them")
        names = await Names.of(arguments, at.access, purpose)
        (row,) = await names.rows([view.row])
    row["standings"] = view.standings
    row["countries"] = [
        {"country": one.country, "media": one.media, "sites": one.sites, "hosts": one.hosts} for one in view.countries
    ]
    if arguments.json:
        write_json(row)
        return
    _say(row)
