"""`crawlctl review`: what people decide. What it does is in `crawlctl.desk.reviews`."""

import argparse
from pathlib import Path
from typing import Any, Final

from contracts.settings import Settings
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.units import count
from notices.reviews import BASES, DECISIONS

NEXT: Final = """\
The case that waits longest for you, claimed for half an hour; the same one until you decide or skip it. Never its media, and its
place only by `review show --purpose`. What others said of it you do not see before you have said your own.

examples:
  crawlctl review next --state ./state"""
DECIDE: Final = f"""\
Two people decide, neither seeing the other's word. Decisions: {", ".join(DECISIONS)}. Bases: {", ".join(BASES)};
metadata-only never releases. Where two release a near match, the medium becomes an entry of our own; where two dispute it, the
pair matches no more. A dispute of an exact match is our organisation's opinion of the entry.

examples:
  crawlctl review decide 4711 release --basis assessed-in-hotline-tool --why "assessed, file 12" --state ./state
  crawlctl review decide 4711 hold --basis metadata-only --why "asking the list's owner" --settings cluster.toml"""
RELEASE: Final = """\
Exact cases of verified entries wait here for a supervisor, who sees counts and no case. Without options it counts them; to
release, name list, recipient and how many were counted. Where the list lacks may_notify it takes two people.

examples:
  crawlctl review release --state ./state
  crawlctl review release --list iwf --recipient email:abuse@host.example --cases 12 --why "daily round" --state ./state"""
MATCH: Final = """\
A verdict that a guard holds (tiny_media, known_good, stop_frame) counts once two people have asked for it; no guard holds it again.

examples:
  crawlctl review matches --state ./state
  crawlctl review release-match SHA256 4711 --why "looked at by the list's owner" --state ./state"""
HANDOFF: Final = """\
A signed file, sealed to the assessment tool that review.handoff describes, goes into its folder or to its webhook: the case's facts
with its exact place, which counts as a place shown to you. --keys prints our public keys, for whoever sets up the tool.

examples:
  crawlctl review handoff 4711 --state ./state
  crawlctl review handoff --keys --state ./state
  crawlctl review take answer.bin --state ./state"""


SHOW: Final = """\
As `review next` shows it; with --purpose its place too, which is written to the audit.

examples:
  crawlctl review show 4711 --purpose "to look at in our assessment tool" --state ./state"""
STATS: Final = """\
examples:
  crawlctl review stats --state ./state
  crawlctl review stats --from 2027-01-01 --to 2027-02-01 --json --settings cluster.toml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    add_verb(verbs, "next", "show the case that waits for you", NEXT)
    show = _case(verbs, "show", "show a case in review", SHOW)
    show.add_argument("--purpose", metavar="TEXT", help="why its place is shown; recorded")
    _case(verbs, "skip", "put a case before others; needs no reason")
    decide = _case(verbs, "decide", "say your word on a case", DECIDE)
    decide.add_argument("decision", metavar="DECISION", choices=DECISIONS, help=" or ".join(DECISIONS))
    decide.add_argument("--basis", metavar="B", required=True, choices=BASES, help=" or ".join(BASES))
    decide.add_argument("--entry", metavar="N", type=int, default=0, help="the leading entry that you were shown")
    _why(decide)
    release = add_verb(verbs, "release", "count exact cases that wait, or release them in bulk", RELEASE)
    release.add_argument("--list", metavar="NAME", help="the list, as it was counted")
    release.add_argument("--recipient", metavar="KEY", help="the recipient, as it was counted")
    release.add_argument("--cases", metavar="N", type=count, help="how many were counted")
    release.add_argument("--why", metavar="TEXT", help="the reason; recorded")
    add_verb(verbs, "matches", "list matches that a guard holds", MATCH)
    match = add_verb(verbs, "release-match", "let a held match count: takes two people", MATCH)
    match.add_argument("sha256", metavar="SHA256", help="the medium")
    match.add_argument("entry", metavar="ENTRY", type=int, help="the entry's number")
    _why(match)
    handoff = add_verb(verbs, "handoff", "hand a case to the hotline's assessment tool", HANDOFF)
    handoff.add_argument("case", metavar="ID", type=int, nargs="?", help="the case's number")
    handoff.add_argument("--keys", action="store_true", help="print what the tool must know of us")
    handoff.add_argument("--purpose", metavar="TEXT", help="what for; recorded")
    take = add_verb(verbs, "take", "take the answer of the assessment tool", HANDOFF)
    take.add_argument("file", metavar="FILE", type=Path, help="the signed answer")
    stats = add_verb(verbs, "stats", "sums of the whole team; nothing by person", STATS)
    stats.add_argument("--from", dest="since", metavar="WHEN", help="a date, a time, or 30d (the default)")
    stats.add_argument("--to", dest="until", metavar="WHEN", help="a date or a time; now if not given")
    for each in {id(one): one for one in verbs.choices.values()}.values():
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    from crawlctl.desk.reviews import run as do

    return do(arguments, settings)


def _case(verbs: Any, name: str, help_: str, more: str = "") -> argparse.ArgumentParser:
    parser = add_verb(verbs, name, help_, more)
    parser.add_argument("case", metavar="ID", type=int, help="the case's number")
    return parser


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", metavar="TEXT", required=True, help="the reason; recorded")
