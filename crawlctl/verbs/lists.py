"""`crawlctl lists`: known lists, their sources and entries. What it does is in `crawlctl.lists`; a running crawl matches with
what changes within a second."""

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from contracts.lists import KINDS, TRUSTS, USES, VERDICTS
from contracts.settings import Settings
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.lists.names import FORMATS, WRITTEN
from crawlctl.units import duration

IMPORT: Final = """\
A CSV with the header `algorithm,digest,category,source,series,note` (md5, sha1, sha256, pdq; hex; only the first two are
required). Bad lines are reported and left out. The list is of kind csam, trust unverified. Importing a file again adds
what is new. Media that were seen earlier are matched too before it ends.

examples:
  crawlctl lists import --state ./state known.csv"""
ADD: Final = """\
All that is said is checked before anything is stored. A list that is trusted (--trust verified) or may lead to notices
(--uses notify) takes two people: it is added as unverified and without notices until another person, on the same
database, has asked for the same within 7 days. Without --uses, lists of kind csam and child-exploitative match what is
crawled and serve nothing else; lists of other kinds serve nothing.

examples:
  crawlctl lists add iwf --format iwf-csv --from /data/iwf.csv --kind csam --uses match,shield --settings cluster.toml
  crawlctl lists add ours --format csv --from https://lists.example/l.csv --mapping m.toml --kind csam --state ./state
  crawlctl lists add ncmec --format ncmec --from https://hashsharing.example/v2 --credentials ncmec.login --kind csam"""
SYNC: Final = """\
Asks the sources for what is new, from the last checkpoint on; it may be cut off at any moment and goes on there. What fails
of one list stops no other: the exit code is 1 then. With --every it goes on until SIGTERM or Ctrl-C, and the exit code is 0.

examples:
  crawlctl lists sync --state ./state
  crawlctl lists sync iwf --settings cluster.toml --json
  crawlctl lists sync --every 5m --settings cluster.toml"""
STATUS: Final = """\
keys of --json: name, format, kind, trust, uses, may_notify, location, entries; of the last import added, changed, deleted,
read, bytes, started_at, ended_at, error, quarantined (records by reason), held_in_import; held (entries by reason, all held
now), last_success, lag (seconds since then), cursor_age (seconds since the source was last drained up to its checkpoint).

examples:
  crawlctl lists status --state ./state
  crawlctl lists status --quarantined iwf --settings cluster.toml --json"""
ENTRY: Final = """\
ENTRY is an entry's number, its name (member/id), or a digest in hex. If several entries have that digest, they are listed,
and one of them must be named by its number."""
OPINION: Final = f"""\
An organisation's last word on an entry counts; what it makes of the entry's standing is shown.
{ENTRY}

examples:
  crawlctl lists opinion 4711 --verdict confirm --by "Our Hotline" --why "assessed on 3 May" --state ./state"""
RELEASE: Final = f"""\
Takes two people: the first call says so and changes nothing.
{ENTRY}

examples:
  crawlctl lists release 4711 --why "a flood, but the picture is what the list says" --state ./state
  crawlctl lists release --list iwf --reason match_rate --why "a sync of a new year's lists: asked them" --state ./state"""
WITHDRAW: Final = f"""\
For us alone: the source keeps it. Undone by `release`. Open matches that the entry caused are closed.
{ENTRY}

examples:
  crawlctl lists withdraw 4711 --why "a site's logo" --state ./state"""
EXPORT: Final = """\
Only of lists whose uses name export, once two people have asked for it. The file is readable by its owner only; without --to it
is written to standard output, unless that is a terminal. What the format cannot hold is said on standard error. Written to the
audit record with the list's name and the number of entries.

examples:
  crawlctl lists export ours --format csv --to ours.csv --purpose "exchange with the partner hotline" --state ./state
  crawlctl lists export ours --format vics --since 2027-01-31 --settings cluster.toml > ours.json"""
PROPOSE: Final = """\
Opinions that were given here of entries of others' lists, and entries of our own: what their sources should hear of, oldest
first. Nothing is sent.

examples:
  crawlctl lists propose --state ./state --json"""
RUN: Final = {
    "import": "imports", "add": "adding", "sync": "syncing", "ls": "status", "status": "status", "entries": "entries",
    "held": "entries", "history": "entries", "opinion": "entries", "release": "entries", "withdraw": "entries", "export": "exporting",
    "propose": "proposing",
}  # fmt: skip
"""Sub-command -> module of `crawlctl.lists` that runs it; imported when asked for, since some bring numpy."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    _sources(verbs)
    _entries(verbs)
    for each in {id(one): one for one in verbs.choices.values()}.values():
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    return int(import_module(f"crawlctl.lists.{RUN[arguments.what]}").run(arguments, settings))


def _sources(verbs: Any) -> None:
    add = add_verb(verbs, "add", "add a list with its source", ADD)
    add.add_argument("name", metavar="NAME", help="the list's name")
    add.add_argument("--format", metavar="F", help=", ".join(FORMATS))
    add.add_argument("--from", dest="location", metavar="FILE|URL", help="where it comes from")
    add.add_argument("--mapping", type=Path, metavar="M.TOML", help="which columns mean what (csv, iwf-csv)")
    add.add_argument(
        "--credentials", type=Path, metavar="FILE", help="login or token; only its owner may read the file"
    )
    add.add_argument("--kind", metavar="K", help=", ".join(KINDS))
    add.add_argument("--uses", metavar="U,U", help=f"what it may be used for: {', '.join(USES)}")
    add.add_argument("--trust", metavar="T", default="unverified", help=f"{' or '.join(TRUSTS)} (default: unverified)")
    load = add_verb(verbs, "import", "import a list of known digests from a file (CSV)", IMPORT)
    load.add_argument("file", type=Path, metavar="FILE", help="the list")
    load.add_argument("--name", metavar="N", help="the list's name; the file's without extension if not given")
    sync = add_verb(verbs, "sync", "ask the sources of all lists, or of one, for what is new", SYNC)
    sync.add_argument("name", metavar="NAME", nargs="?", help="one list only")
    sync.add_argument(
        "--every", type=duration, metavar="TIME", help="keep going, each list at most this often, for example 5m"
    )
    ls = add_verb(verbs, "ls", "list the lists, each with its last import")
    ls.add_argument("--bad", metavar="NAME", help="the bad lines of a list's last import instead")
    status = add_verb(verbs, "status", "how up to date the lists are, what was quarantined, what is held", STATUS)
    status.add_argument("--quarantined", metavar="NAME", help="the quarantined records of a list's last import instead")
    export = add_verb(verbs, "export", "write a list to a file", EXPORT)
    export.add_argument("name", metavar="NAME", help="the list")
    export.add_argument("--format", metavar="F", required=True, choices=WRITTEN, help=" or ".join(WRITTEN))  # fmt: skip
    export.add_argument("--since", metavar="WHEN", help="only entries that changed since then: a date, a time, or 7d")
    export.add_argument("--to", type=Path, metavar="FILE", help="a file that is not there yet")
    export.add_argument("--force", action="store_true", help="overwrite the file")
    export.add_argument(
        "--purpose", metavar="TEXT", help="what for; recorded. Only with it, and the keys, series have their names"
    )


def _entries(verbs: Any) -> None:
    entries = add_verb(verbs, "entries", "show the entries of a list, with their digests and opinions")
    entries.add_argument("name", metavar="NAME", help="the list")
    entries.add_argument("--digest", metavar="D", help="only those with this digest (hex)")
    add_verb(verbs, "held", "show the entries of all lists that are held, and why")
    opinion = add_verb(verbs, "opinion", "write down what an organisation says of an entry", OPINION)
    opinion.add_argument("entry", metavar="ENTRY|DIGEST", help="number, member/id, or digest")
    opinion.add_argument("--verdict", metavar="V", required=True, choices=VERDICTS, help=" or ".join(VERDICTS))
    opinion.add_argument("--by", metavar="ORGANISATION", required=True, help="whose opinion it is")
    opinion.add_argument("--why", metavar="TEXT", required=True, help="its reason; recorded")
    release = add_verb(verbs, "release", "let a held entry match again: takes two people", RELEASE)
    release.add_argument("entry", metavar="ENTRY", nargs="?", help="number, member/id, or digest")
    release.add_argument("--list", metavar="NAME", help="instead of an entry: all of a list that --reason holds")
    release.add_argument("--reason", metavar="R", help="why they are held, as `lists status` names it")
    withdraw = add_verb(verbs, "withdraw", "let an entry match no more, and close what it caused", WITHDRAW)
    withdraw.add_argument("entry", metavar="ENTRY", help="number, member/id, or digest")
    for act in (release, withdraw):
        act.add_argument("--why", metavar="TEXT", required=True, help="the reason; recorded")
    history = add_verb(verbs, "history", "show what became of an entry, and who said what", ENTRY)
    history.add_argument("entry", metavar="ENTRY", help="number, member/id, or digest")
    add_verb(verbs, "propose", "what the sources should hear of: own entries and opinions", PROPOSE)
