"""`crawlctl explain URL`: every step of a URL's life, what decided it, and what happens next and when."""

import argparse
import asyncio
import time
from contextlib import aclosing
from typing import Any

from contracts.errors import UsageError
from contracts.people import Identity
from contracts.seal import Sealer
from contracts.settings import Settings
from contracts.urls import url_id
from crawlctl.access import Access, opened
from crawlctl.arguments import add_key, add_state, deciding
from crawlctl.audit import purpose_of
from crawlctl.explain import KEYS, explain
from crawlctl.identity import revealer
from crawlctl.output import write_json
from crawlctl.report import write_object
from crawlctl.verbs.matches import rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_state(parser)
    add_key(parser)
    parser.add_argument("url", metavar="URL", help="a whole URL")
    parser.add_argument("--json", action="store_true", help="one JSON object, with the keys below")
    parser.add_argument("--purpose", metavar="TEXT", help="why matches at a place off loopback are shown; recorded")
    keys = "\n".join(f"  {name:<12} {text}" for name, text in KEYS.items())
    parser.epilog = f"{parser.epilog}\n\nVerdicts are by the settings given, or else by those of the last run.\n\nkeys of --json:\n{keys}"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print it."""
    purpose = purpose_of(arguments.purpose)
    found, why = asyncio.run(_explain(arguments, settings, purpose))
    if arguments.json:
        write_json(found)
        return 0
    shown = {name: value for name, value in found.items() if name != "input"}
    if "matches" in shown and shown["matches"] is None:
        shown["matches"] = f"not shown: {why}"
    write_object(found["input"], shown)
    return 0


async def _explain(arguments: argparse.Namespace, settings: Settings, purpose: str) -> tuple[dict[str, Any], str]:
    """What is known, and why matches are not shown, if they are not."""
    async with opened(arguments.state, settings) as access:
        who = await revealer(arguments, access, purpose)
        settings = await deciding(access, arguments, settings)
        found = await explain(access, settings, arguments.url, time.time())
        if "url" in found:
            try:
                found["matches"] = await _matches(access, found, purpose, who)
            except UsageError as error:
                if purpose:
                    raise
                return found | {"matches": None}, str(error)
        return found, ""


async def _matches(access: Access, found: dict[str, Any], purpose: str, who: Identity | None) -> list[dict[str, Any]]:
    """Matches at this place. UsageError off loopback without a purpose, whether there are any or not, and without keys."""
    if not purpose and found["host"] not in await access.operator.loopback([found["host"]]):
        raise UsageError("say why you need them with --purpose")
    keys = access.keys
    place = Sealer(keys.public, keys.place_key).place(url_id(found.get("travels_as", found["url"])))
    async with aclosing(rows(access, purpose, [place], "explain", who)) as all_of_them:
        return [row async for row in all_of_them]
