"""What the sub-commands of `crawlctl notices` do; their arguments are in `crawlctl.verbs.notices`."""

import argparse
import asyncio
import sys
import time
from typing import Final

from contracts.casedesk import NoticeLine
from contracts.caserows import ACCEPTED, WRITTEN
from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.audit import purpose_of
from crawlctl.desk import printing
from crawlctl.desk.cases import after
from crawlctl.desk.choice import Desk, at_desk
from crawlctl.lists.people import why_of
from crawlctl.output import one_line, write_json, write_table
from crawlctl.times import away
from notices.desk.further import Appeal, Notices, NoticesAsked, Previews, Retried, RetryAsked, SendAsked, Sending
from notices.desk.noticing import STATES
from notices.desk.words import Became, CaseAsked

PAGE: Final = 500


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`notices preview`, `ls`, `retry`, `send` and `appeal`."""
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    what, as_json = arguments.what, arguments.json
    purpose = purpose_of(arguments.purpose) if what == "preview" else ""
    why = why_of(arguments.why) if "why" in arguments else ""
    asked = _switched(arguments, why) if what == "send" else SendAsked(False)
    async with at_desk(arguments, settings) as desk:
        if what == "preview":
            found = await desk.call("notices.preview", CaseAsked(arguments.case, purpose), Previews)
            _preview(found, as_json=as_json)
        elif what == "ls":
            await _ls(desk, arguments)
        elif what == "retry":
            again = await desk.call("notices.retry", RetryAsked(arguments.notice or 0), Retried)
            if as_json:
                write_json(printing.plain(again))
            else:
                sys.stdout.write(f"{len(again.notices)} notices are tried again\n")
        elif what == "send":
            _sending(await desk.call("notices.send", asked, Sending), as_json=as_json)
        else:
            appeal = Appeal(arguments.case, why, arguments.decide or "")
            became = await desk.call("notices.appeal", appeal, Became)
            did = f"the appeal is {arguments.decide}" if arguments.decide else "the appeal is kept, its notices pause"
            printing.tell(became, did, as_json=as_json)


def _switched(arguments: argparse.Namespace, why: str) -> SendAsked:
    """On takes --confirm and a reason. UsageError for neither or both of --confirm and --off."""
    if arguments.confirm == arguments.off:
        raise UsageError(
            "send: --confirm switches sending on, once two people have asked; --off switches it off; say which"
        )
    if arguments.confirm and not why:
        raise UsageError("send --confirm: say with --why what it is confirmed for; it is written down")
    return SendAsked(arguments.confirm, arguments.auto, why)


def _sending(answer: Sending, *, as_json: bool) -> None:
    if as_json:
        write_json(printing.plain(answer))
        return
    stands = f"sending is {'on' if answer.sending else 'off'}, auto-send is {'on' if answer.auto else 'off'}"
    sys.stdout.write(one_line(stands if answer.done else f"{stands}; {printing.waits(answer.by)}") + "\n")


def _preview(found: Previews, *, as_json: bool) -> None:
    if as_json:
        for one in found.notices:
            write_json(printing.plain(one))
        return
    for one in found.notices:
        head = f"to {one.recipient}, {one.kind}, in {one.language}: {one.subject}"
        sys.stdout.write("\n".join([one_line(head), "", *map(one_line, one.text.splitlines()), ""]) + "\n")
        for name, text in one.attachments.items():
            sys.stdout.write("\n".join([one_line(f"attached: {name}"), *map(one_line, text.splitlines()), ""]) + "\n")
    if not found.notices:
        sys.stdout.write(one_line(f"no notice: {found.why}") + "\n")


async def _ls(desk: Desk, arguments: argparse.Namespace) -> None:
    states = tuple(word for word in (arguments.states or "").replace(" ", "").split(",") if word)
    for state in states:
        if state not in STATES:
            raise UsageError(f"--in: there is no state {state[:40]!r}; there are {', '.join(STATES)}")
    rows: list[NoticeLine] = []
    after = 0
    while True:
        page = await desk.call("notices.ls", NoticesAsked(states, after, PAGE), Notices)
        for line in page.notices:
            if arguments.json:
                write_json(printing.plain(line))
        if not arguments.json:
            rows += page.notices
        after = page.next
        if not after or (not arguments.json and len(rows) >= PAGE):
            break
    if not arguments.json:
        _table(rows[:PAGE], time.time())
        sys.stdout.write(f"the first {PAGE} notices; --json shows all\n" if after else f"{len(rows)} notices\n")


def _table(rows: list[NoticeLine], now: float) -> None:
    """Answers are shown of what is not through yet or came back: of the others each says the same."""
    through = (ACCEPTED, WRITTEN)
    head = ["notice", "kind", "recipient", "state", "places", "made", "accepted", "tries"]
    cells: list[list[object]] = [
        [
            n.notice,
            n.kind,
            n.recipient,
            n.state,
            n.places,
            away(n.made_at, now),
            after(n.made_at, n.accepted_at),
            n.tries,
        ]
        for n in rows
    ]
    if any(n.said and n.state not in through for n in rows):
        head.append("said")
        for one, n in zip(cells, rows, strict=True):
            one.append("" if n.state in through else n.said)
    write_table(head, cells)
