"""`crawlctl partners`: hotlines of other countries, which take places over there by the route `partner hotline`."""

import argparse
import asyncio
import sys
import time
from typing import Any, Final

from msgspec.structs import asdict

from contracts.errors import UsageError
from contracts.lists import MATCHED_KINDS
from contracts.recipients import EMAIL, WEBHOOK, Partner
from contracts.settings import Settings
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.office import office
from crawlctl.output import write_json, write_table
from notices.recipients.emails import email
from notices.recipients.jcard import country
from notices.recipients.tables import LANGUAGE, WEBHOOK_NAME

NAME_CHARS: Final = 200
ADD: Final = f"""\
The first hotline of a country that accepts a kind of list is told what is hosted there, where the table of routes says so. The same
contact for the same country again changes what is known of it. Kinds are {" and ".join(MATCHED_KINDS)}.

examples:
  crawlctl partners add --state ./state NL "Hotline of the Netherlands" --email report@hotline.example --language nl
  crawlctl partners add --state ./state DE "Hotline of Germany" --webhook german --accepts csam,child-exploitative"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    add = add_verb(verbs, "add", "add a hotline, or change one", ADD)
    add.add_argument("country", metavar="COUNTRY", help="its country, like NL")
    add.add_argument("name", metavar="NAME", help="its name")
    how = add.add_mutually_exclusive_group(required=True)
    how.add_argument("--email", metavar="ADDRESS", help="where it takes places")
    how.add_argument("--webhook", metavar="NAME", help="or its name in the file of webhooks (notices.webhooks)")
    add.add_argument(
        "--accepts", metavar="K,K", default="csam", help="kinds of lists whose matches it takes (default: csam)"
    )
    add.add_argument("--language", metavar="L", default="", help="language that it asks for, like nl")
    ls = add_verb(verbs, "ls", "list hotlines by country")
    ls.add_argument("country", metavar="COUNTRY", nargs="?", default="", help="of one country only")
    for each in (add, ls):
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    asyncio.run((_add if arguments.what == "add" else _ls)(arguments, settings))
    return 0


async def _add(arguments: argparse.Namespace, settings: Settings) -> None:
    partner = _partner(arguments)
    async with office(arguments, settings, "partners.add") as at:
        await at.store.add_partner(partner, at.person.name, time.time())
        await at.written("partners.add", f"{partner.name}, {partner.contact}", partner.country)
    if arguments.json:
        write_json(_row(partner))
    else:
        sys.stdout.write(f"{partner.country}: {partner.name} takes {', '.join(partner.accepts)} at {partner.contact}\n")


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    where = _country(arguments.country) if arguments.country else ""
    async with office(arguments, settings, "partners.ls") as at:
        rows = [_row(one) for one in await at.store.partners(where)]
    if arguments.json:
        for row in rows:
            write_json(row)
        return
    columns = ("country", "name", "channel", "contact", "accepts", "language")
    write_table(columns, [[", ".join(row[c]) if c == "accepts" else row[c] for c in columns] for row in rows])


def _partner(arguments: argparse.Namespace) -> Partner:
    """UsageError that names the argument that is wrong."""
    name = " ".join(arguments.name.split())
    if not name or len(name) > NAME_CHARS:
        raise UsageError(f"NAME: must have 1 to {NAME_CHARS} characters")
    accepts = tuple(dict.fromkeys(word.strip() for word in arguments.accepts.split(",")))
    for kind in accepts:
        if kind not in MATCHED_KINDS:
            raise UsageError(f"--accepts: {kind[:50]!r} must be one of {', '.join(MATCHED_KINDS)}")
    if arguments.language and not LANGUAGE.fullmatch(arguments.language):
        raise UsageError("--language: must be a language's code of two or three small letters")
    if arguments.webhook is not None:
        if not WEBHOOK_NAME.fullmatch(arguments.webhook):
            raise UsageError("--webhook: must be a name in the file of webhooks (notices.webhooks)")
        channel, contact = WEBHOOK, arguments.webhook
    else:
        channel, contact = EMAIL, email(arguments.email)
        if not contact:
            raise UsageError("--email: is no e-mail address that can be written to")
    return Partner(_country(arguments.country), name, contact, accepts, channel, arguments.language)


def _country(text: str) -> str:
    found = country(text.strip())
    if not found:
        raise UsageError("COUNTRY: must be a code of two letters like NL (ISO 3166-1)")
    return found


def _row(partner: Partner) -> dict[str, Any]:
    return asdict(partner)
