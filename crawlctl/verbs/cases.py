"""`crawlctl cases`: cases on their way to removal. What it does is in `crawlctl.desk.cases`."""

import argparse
from typing import Any, Final

from contracts.cases import CaseState
from contracts.settings import Settings
from crawlctl.arguments import add_json, add_key, add_state, add_verb

LS: Final = """\
keys of --json, columns of --csv: case, state, since, kind, match (exact or near), category, legality, country, recipient, why,
next_check, found_at, notified_at, accepted_at, gone_at, back_at, one_route, paused, legal_hold. Times are ISO 8601, UTC.

examples:
  crawlctl cases ls --state ./state
  crawlctl cases ls --in ready,held --older 7d --settings cluster.toml
  crawlctl cases ls --list iwf --country NL --csv --settings cluster.toml > cases.csv"""
SHOW: Final = """\
Everything but the media: evidence with lists and standing, decisions as far as you may see them, notices, re-checks, history.
The place is shown only with --purpose, unless it is on loopback; that is written to the audit, and review.daily_places is how
many places a person is shown a day.

examples:
  crawlctl cases show 4711 --state ./state
  crawlctl cases show 4711 --purpose "asked by the host's abuse desk" --settings cluster.toml"""
HOLD: Final = """\
A legal hold: nothing of the case is deleted while it lasts, whatever retention says. It stops no notice; `cases stop` does.

examples:
  crawlctl cases hold 4711 --authority "Police of X, file 12/34" --state ./state"""
CLOSE: Final = """\
It is looked at no more, and nobody is told of it any more.

examples:
  crawlctl cases close 4711 --why "a test picture" --state ./state"""
STOP: Final = """\
One person stops it at once; `cases resume` takes two.

examples:
  crawlctl cases stop 4711 --why "the police ask us to wait" --state ./state"""
TELL: Final = """\
Networks upstream and registrars are told only where a person decides so. Who it is must be known: see `crawlctl recipients lookup`.

examples:
  crawlctl cases tell 4711 --recipient email:abuse@network.example --class network --why "the host never answers" --state ./state"""
TWO: Final = """\
Takes two people: the first call says so and changes nothing."""
MORE: Final = """\
In a cluster the verb goes through the notices role's API (notices.api), with the account of --key or a token."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    ls = add_verb(verbs, "ls", "list cases, or count them", LS)
    ls.add_argument("--in", dest="states", metavar="S,S", help=f"only in these states: {', '.join(CaseState)}")
    ls.add_argument("--list", metavar="NAME", help="only those that an entry of this list explains")
    ls.add_argument("--recipient", metavar="KEY", help="only those that this recipient is told of")
    ls.add_argument("--country", metavar="CC", help="only those hosted in this country")
    ls.add_argument("--older", metavar="WHEN", help="only those opened before: a date, a time, or 7d")
    form = ls.add_mutually_exclusive_group()
    form.add_argument("--counts", action="store_true", help="how many there are in each state, instead")
    form.add_argument("--csv", action="store_true", help="CSV with a header")
    show = _case(verbs, "show", "show a case with its evidence and history", SHOW)
    show.add_argument("--purpose", metavar="TEXT", help="why its place is shown; recorded")
    _why(_case(verbs, "close", "close a case; what was told is not taken back", CLOSE))
    _why(_case(verbs, "stop", "let nobody be told of a case", STOP))
    _why(_case(verbs, "resume", "let a case that was stopped go on", TWO))
    hold = _case(verbs, "hold", "keep all of a case for the law", HOLD)
    hold.add_argument("--authority", metavar="TEXT", required=True, help="who asks for it, and under which number")
    hold.add_argument("--why", metavar="TEXT", help="more about it; recorded")
    _why(_case(verbs, "unhold", "lift a legal hold"))
    clear = _case(verbs, "clear", "the police were told first and agree that the provider is told now")
    clear.add_argument("--authority", metavar="TEXT", required=True, help="who agrees, and under which number")
    tell = _case(verbs, "tell", "tell somebody else as well, like a network upstream or a registrar", TELL)
    tell.add_argument(
        "--recipient", metavar="KEY", required=True, help="who, as `crawlctl recipients lookup` names them"
    )
    tell.add_argument("--class", dest="klass", metavar="C", required=True, help="network, registrar, host, ...")
    _why(tell)
    _why(_case(verbs, "retract", "let retractions go out in spite of an authority's word", TWO))
    for each in {id(one): one for one in verbs.choices.values()}.values():
        add_state(each)
        add_key(each)
        add_json(each)
    parser.epilog = f"{parser.epilog}\n\n{MORE}"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    from crawlctl.desk.cases import run as do

    return do(arguments, settings)


def _case(verbs: Any, name: str, help_: str, more: str = "") -> argparse.ArgumentParser:
    parser = add_verb(verbs, name, help_, more)
    parser.add_argument("case", metavar="ID", type=int, help="the case's number")
    return parser


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", metavar="TEXT", required=True, help="the reason; recorded")
