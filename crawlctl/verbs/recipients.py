"""`crawlctl recipients`: who would be told of a place, and why; who is not to be told; registries' files fetched anew."""

import argparse
import asyncio
import sys
import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from msgspec.structs import asdict

from backends.registries import Registries
from backends.registry_http import RegistryHttp
from contracts.errors import UsageError
from contracts.recipients import Finding, LookedUp, Recipient
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.sites import hostname, is_address
from contracts.urls import Url, parse
from crawlctl import stops, times
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.office import office
from crawlctl.output import write_json, write_record, write_table
from crawlctl.recipient_files import IANA, refresh
from crawlctl.recipients import DNS, NOWHERE, directory
from fetchers.addresses import Guard
from notices.recipients.securitytxt import BYTES, SecurityText
from notices.recipients.securitytxt import parse as parse_security

LOOKUP: Final = """\
Registries are asked at their rates, and only what they said lately is believed without asking again. Nothing is sent to anybody, and
nothing is asked of the reported site: what it says of itself (security.txt) counts as evidence only, if you have it in a file.

examples:
  crawlctl recipients lookup --state ./state https://example.org/pictures/1.jpg
  crawlctl recipients lookup --state ./state 192.0.2.7 --json"""
REFRESH: Final = """\
Which registry answers for which networks, systems and domains: the four bootstrap files of IANA (RFC 9224). They are put into the folder
that notices.rdap names, all or none.

examples:
  crawlctl recipients refresh --state ./state --settings pisaura.toml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    lookup = add_verb(verbs, "lookup", "say who would be told of a place, and why", LOOKUP)
    lookup.add_argument("place", metavar="URL|ADDRESS")
    lookup.add_argument("--address", metavar="IP", help="the server that it came from; looked up if not given")
    lookup.add_argument("--security-txt", type=Path, metavar="FILE", help="a security.txt of the site (RFC 9116)")
    fetch = add_verb(verbs, "refresh", "fetch the files by which registries are found", REFRESH)
    fetch.add_argument("--from", dest="source", metavar="URL", default=IANA, help=f"where they are (default: {IANA})")
    stop = add_verb(verbs, "stop", "who is not to be told, because an authority asks for it", stops.MORE)
    stops.add_arguments(stop)
    for each in (lookup, fetch):
        add_state(each)
        add_key(each)
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    asyncio.run({"lookup": _lookup, "refresh": _refresh, "stop": stops.run}[arguments.what](arguments, settings))
    return 0


async def _lookup(arguments: argparse.Namespace, settings: Settings) -> None:
    url, address = _place(arguments.place, arguments.address)
    security = _security(arguments.security_txt)
    operators = security.emails if security else ()
    async with (
        office(arguments, settings, "recipients.lookup") as at,
        directory(settings, at.pool, at.access.keys) as found,
    ):
        answer = await found.look_up(url.text, address, time.time(), thorough=True, operators=operators)
    if not address:
        address = next(
            (one.said.split()[0] for one in answer.reasoning if one.source == DNS and one.said != NOWHERE), ""
        )
    _say(url, address, answer, security, as_json=arguments.json)


def _place(text: str, address: str | None) -> tuple[Url, str]:
    """The URL that is meant, and its server if that is told. UsageError for anything else."""
    literal = _address(text)
    if address is not None and not (address := _address(address)):
        raise UsageError("--address: must be an IP address like 192.0.2.7 or 2001:db8::7")
    if literal:
        text = f"https://[{literal}]/" if ":" in literal else f"https://{literal}/"
    url = parse(text if "://" in text else f"https://{text}")
    if isinstance(url, Refusal):
        raise UsageError(f"{text[:100]!r} is no URL or address that is ever fetched ({url.reason})")
    name = hostname(url.host)
    return url, address or (name if is_address(name) else "")


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip().removeprefix("[").removesuffix("]")))
    except ValueError:
        return ""


def _security(path: Path | None) -> SecurityText | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return parse_security(file.read(BYTES + 1), time.time())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _say(url: Url, address: str, answer: LookedUp, security: SecurityText | None, *, as_json: bool) -> None:
    if as_json:
        facts: dict[str, Any] = {"url": url.text, "address": address}
        facts |= {"leading": _plain(answer.leading), "others": [_plain(one) for one in answer.others]}
        facts |= {"countries": dict(answer.countries), "country": answer.country, "why": answer.why}
        facts |= {"reasoning": [_step(one) for one in answer.reasoning]}
        write_json(facts | ({"security_txt": asdict(security)} if security else {}))
        return
    told = _described(answer.leading) if answer.leading else f"nobody: {answer.why}"
    countries = ", ".join(f"{code} by {method}" for method, code in answer.countries) or "unknown"
    agreed = f"{answer.country} ({countries})" if answer.country else f"no two methods agree ({countries})"
    others = [_described(one) for one in answer.others]
    record = {"address": address or "unknown", "told": told, "hosting": agreed, "known too": others}
    write_record(url.text, record | ({"security.txt": list(security.faults)} if security else {}))
    now = time.time()
    rows = [(one.source, one.asked, one.said, times.away(one.at, now)) for one in answer.reasoning]
    write_table(("source", "asked", "said", "when"), rows, "why")


def _plain(one: Recipient | None) -> dict[str, Any] | None:
    if one is None:
        return None
    row = asdict(one)
    return {"class": row.pop("klass"), **row}


def _step(one: Finding) -> dict[str, Any]:
    return {"source": one.source, "asked": one.asked, "said": one.said, "at": times.iso(one.at)}


def _described(one: Recipient) -> str:
    more = ", ".join(part for part in (one.country, one.language) if part)
    return f"{one.klass}: {one.name} by {one.channel} at {one.contact}{f' ({more})' if more else ''}"


async def _refresh(arguments: argparse.Namespace, settings: Settings) -> None:
    if not settings.notices.rdap:
        raise UsageError("notices.rdap is not set: the folder into which the files go, and from which they are read")
    folder = Path(settings.notices.rdap)
    async with office(arguments, settings, "recipients.lookup") as at:
        guard = Guard(settings.addresses.allow, settings.addresses.deny)
        async with RegistryHttp(guard.check, settings.user_agent, settings.addresses.nameservers) as http:
            registries = Registries(settings.notices, at.store, http, at.access.keys, time.time)
            made = await refresh(registries, folder, arguments.source)
    rows = [{"file": str(folder / f"{kind}.json"), "published": said} for kind, said in made.published.items()]
    for row in rows:
        if arguments.json:
            write_json(row)
        else:
            sys.stdout.write(f"{row['file']}: published {row['published']}\n")
