"""Who is not to be told, because an authority asks for it: with its name and an end (docs/domain.md, section 2).

"`do_not_notify` with authority and expiry is obeyed by reminders and escalation too."
"""

import argparse
import sys
import time
from typing import Any, Final

from contracts.errors import UsageError
from contracts.recipients import Stop
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.sites import site_of
from contracts.urls import parse
from crawlctl import times
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.lists.people import why_of
from crawlctl.office import Office, office
from crawlctl.output import write_json, write_table
from notices.counting import blind
from notices.recipients.emails import email

AUTHORITY_CHARS: Final = 200
ACT: Final = "recipients.stop"
MORE: Final = """\
Notices, reminders and escalations to whom it names stop until then. It is written down who asked for it.

examples:
  crawlctl recipients stop add --state ./state --site example.org --authority "Police, unit 7" --why "investigation" --until 30d
  crawlctl recipients stop ls --state ./state"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `recipients stop`."""
    acts = parser.add_subparsers(title="acts", metavar="ACT", dest="act", required=True)
    add = add_verb(acts, "add", "tell somebody nothing until then")
    whom = add.add_mutually_exclusive_group(required=True)
    whom.add_argument("--recipient", metavar="KEY", help="a recipient's key, like email:abuse@host.example")
    whom.add_argument("--site", metavar="HOST", help="whoever hosts this site")
    whom.add_argument("--case", type=int, metavar="N", help="about one case")
    whom.add_argument("--entry", type=int, metavar="N", help="about one entry")
    add.add_argument("--authority", required=True, metavar="TEXT", help="who asks for it")
    add.add_argument("--until", required=True, metavar="WHEN", help=times.UNTIL)
    ls = add_verb(acts, "ls", "list who is not to be told")
    ls.add_argument("--all", action="store_true", help="also what is over")
    end = add_verb(acts, "end", "end it before its time")
    end.add_argument("number", type=int, metavar="N", help="its number, as ls shows it")
    for each in (add, end):
        each.add_argument("--why", required=True, metavar="TEXT", help="the reason; recorded")
    for each in (add, ls, end):
        add_state(each)
        add_key(each)
        add_json(each)


async def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Run the act."""
    async with office(arguments, settings, ACT) as at:
        now = time.time()
        if arguments.act == "add":
            await _add_stop(arguments, at, now)
        elif arguments.act == "end":
            why = why_of(arguments.why)
            if not await at.store.end_stop(arguments.number, at.person.name, why, now):
                raise UsageError(
                    f"there is no stop {arguments.number} that holds; `crawlctl recipients stop ls` lists them"
                )
            await at.written(ACT, why, f"stop {arguments.number} ended")
            _tell({"stop": arguments.number, "ended": True}, f"stop {arguments.number} has ended", arguments.json)
        else:
            rows = [_stop_row(one) for one in await at.store.stops(now, over=arguments.all)]
            if arguments.json:
                for row in rows:
                    write_json(row)
            else:
                columns = ("stop", "scope", "subject", "authority", "until", "ended")
                write_table(columns, [[row[name] for name in columns] for row in rows])


async def _add_stop(arguments: argparse.Namespace, at: Office, now: float) -> None:
    scope, subject, shown = _subject(arguments, at)
    authority = " ".join(arguments.authority.split())
    if not authority or len(authority) > AUTHORITY_CHARS:
        raise UsageError(f"--authority: say in 1 to {AUTHORITY_CHARS} characters who asks for it")
    until = times.until(arguments.until, now)
    stop = Stop(scope, subject, authority, why_of(arguments.why), at.person.name, now, until)
    number = await at.store.add_stop(stop)
    await at.written(ACT, stop.why, f"stop {number}: {scope} until {times.iso(until)}")
    facts = {"stop": number, "scope": scope, "authority": authority, "until": times.iso(until)}
    _tell(facts, f"stop {number}: {shown} is not told until {times.iso(until)}", arguments.json)


def _subject(arguments: argparse.Namespace, at: Office) -> tuple[str, bytes, str]:
    """(scope, subject as it is kept, as it is shown)."""
    if arguments.recipient is not None:
        key = arguments.recipient.strip()
        key = f"email:{email(key)}" if email(key) else key
        channel, _, contact = key.partition(":")
        if channel not in ("email", "webhook") or not contact or (channel == "email" and email(contact) != contact):
            raise UsageError(
                "--recipient: must be a key like email:abuse@host.example, as `recipients lookup` shows it"
            )
        return "recipient", key.encode(), key
    if arguments.site is not None:
        url = parse(arguments.site if "://" in arguments.site else f"https://{arguments.site}")
        if isinstance(url, Refusal):
            raise UsageError("--site: must be a host or a URL")
        site = site_of(url.host)
        return "site", blind(at.access.keys.place_key, "site", site), f"whoever hosts {site}"
    scope, number = ("case", arguments.case) if arguments.case is not None else ("entry", arguments.entry)
    if number < 1:
        raise UsageError(f"--{scope}: must be a number from 1")
    return scope, str(number).encode(), f"{scope} {number}"


def _stop_row(one: Stop) -> dict[str, Any]:
    subject = one.subject.hex() if one.scope == "site" else one.subject.decode("utf-8", "replace")
    return {
        "stop": one.stop_id, "scope": one.scope, "subject": subject, "authority": one.authority, "why": one.why,
        "person": one.person, "at": times.iso(one.at), "until": times.iso(one.until), "ended": times.iso(one.ended_at),
    }  # fmt: skip


def _tell(facts: dict[str, Any], said: str, as_json: bool) -> None:
    if as_json:
        write_json(facts)
    else:
        sys.stdout.write(said + "\n")
