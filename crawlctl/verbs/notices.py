"""`crawlctl notices`: alone the role of a cluster, until it is told to stop; with a sub-command what people do with notices
(`crawlctl.desk.outgoing`)."""

import argparse
from typing import Final

from contracts.settings import Settings
from crawlctl.arguments import add_dry_run, add_json, add_key, add_state, add_verb, dried
from notices.desk.noticing import STATES

PREVIEW: Final = """\
What each recipient would be told now. The text is defanged; without --purpose the place is not in it at all.

examples:
  crawlctl notices preview 4711 --state ./state
  crawlctl notices preview 4711 --purpose "before the first live run" --settings cluster.toml"""
SEND: Final = """\
Nothing leaves (a dry run writes into its folder) before two people have switched sending on with --confirm; one switches it off.
--auto is about exact cases that pass every rule being told without a supervisor's release; it takes two people too.

examples:
  crawlctl notices send --confirm --why "senders tested on 3 May" --state ./state
  crawlctl notices send --off --state ./state"""
APPEAL: Final = """\
Anyone told may appeal: notices of the case pause until a person who had no part in it decides.

examples:
  crawlctl notices appeal 4711 --why "the host says it is a court's exhibit" --state ./state
  crawlctl notices appeal 4711 --decide refused --why "assessed again" --state ./state"""


LS: Final = """\
written: into the folder of a dry run; accepted: by the recipient's server. What a server answered is shown of those that are not
through yet or came back.

keys of --json: notice, kind, recipient, state, places, made_at, next_at, sent_at, accepted_at, answered_at, tries, said

examples:
  crawlctl notices ls --state ./state
  crawlctl notices ls --in failed,bounced,refused --settings cluster.toml"""
RETRY: Final = """\
examples:
  crawlctl notices retry --state ./state          # all whose tries are used up
  crawlctl notices retry 17 --state ./state       # also one that was refused or bounced"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For the role --dry-run only: everything else is a setting."""
    add_dry_run(parser)
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what")
    preview = add_verb(verbs, "preview", "show what would be told of a case", PREVIEW)
    preview.add_argument("case", metavar="CASE", type=int, help="the case's number")
    preview.add_argument("--purpose", metavar="TEXT", help="why its place is shown; recorded")
    ls = add_verb(verbs, "ls", "list notices", LS)
    ls.add_argument("--in", dest="states", metavar="S,S", help=f"only in these states: {', '.join(STATES)}")
    retry = add_verb(
        verbs, "retry", "hand notices over again whose tries are used up, or one that was refused or bounced", RETRY
    )
    retry.add_argument("notice", metavar="NOTICE", type=int, nargs="?", help="its number; all that failed if not given")
    send = add_verb(verbs, "send", "switch sending on, which takes two people, or off", SEND)
    send.add_argument("--confirm", action="store_true", help="switch it on")
    send.add_argument("--off", action="store_true", help="switch it off, at once")
    send.add_argument("--auto", action="store_true", help="about auto-send instead of sending")
    send.add_argument("--why", metavar="TEXT", help="the reason; recorded")
    appeal = add_verb(verbs, "appeal", "somebody told appeals, or the appeal is decided", APPEAL)
    appeal.add_argument("case", metavar="CASE", type=int, help="the case's number")
    appeal.add_argument("--decide", metavar="D", choices=("granted", "refused"), help="granted or refused")
    appeal.add_argument("--why", metavar="TEXT", required=True, help="the reason; recorded")
    for each in {id(one): one for one in verbs.choices.values()}.values():
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command, or serve as the role until SIGTERM or SIGINT."""
    if arguments.what is None:
        from crawlctl.verbs.role import run as serve

        return serve(arguments, dried(arguments, settings))
    from crawlctl.desk.outgoing import run as do

    return do(arguments, settings)
