"""Adding a list: one that is to be trusted, or may lead to notices, takes two people."""

import argparse
import asyncio
import shlex
import time

from contracts.desk import Asked
from contracts.lists import ListSource
from contracts.settings import Settings
from crawlctl.lists import desk, people
from crawlctl.lists.checks import checked


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`lists add`."""
    source = checked(
        arguments.name, arguments.format, arguments.location, arguments.kind, arguments.mapping, arguments.credentials,
        arguments.uses, arguments.trust,
    )  # fmt: skip
    asked = asyncio.run(_add(arguments, settings, source))
    facts = {
        "name": source.name,
        "kind": source.kind,
        "trust": source.trust,
        "uses": source.uses,
        "location": source.location,
    }
    following = f"next: crawlctl lists sync {shlex.quote(source.name)}"
    waits = (
        f"the list {source.name!r} is added as unverified and without notices ({following}); what else was asked for takes "
        "two people"
    )
    people.tell(asked, waits, f"the list {source.name!r} is added; {following}", facts, as_json=arguments.json)
    return 0


async def _add(arguments: argparse.Namespace, settings: Settings, source: ListSource) -> Asked:
    async with desk.at_desk(arguments, settings) as at:
        return await at.people.add(source, await people.asking(arguments, at.access, "lists.add"), time.time())
