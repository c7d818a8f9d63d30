"""`crawlctl dead`: messages that a reader could not handle and put aside. List them, look at one, send some again."""

import argparse
import asyncio
import os
import socket
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from backends.kafka.dead import Dead
from backends.kafka.operator import Operator, operating
from contracts.errors import PisauraError, UsageError
from contracts.settings import Settings
from contracts.topics import DEAD_LETTERS, LANES, TOPICS
from crawlctl.arguments import add_json, add_verb, hush
from crawlctl.letters import contents, place
from crawlctl.output import one_line, write_json, write_record, write_table
from crawlctl.times import iso

ORDERS: Final = frozenset(LANES.values())
ORDER: Final = "an order is never sent again: it comes back by its lease, and a second copy would be a second visit"
RETRY: Final = f"""\
Sends what was put aside to its own partition again, and marks it. Do so when its reader can handle it: after an upgrade, say.
What was sent again already is not sent twice without --again. {ORDER[0].upper()}{ORDER[1:]}."""
PLACE: Final = "TOPIC/PARTITION/OFFSET, as `crawlctl dead ls` lists them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    names = [name for name in TOPICS if f"{name}.dead" in DEAD_LETTERS]
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    ls = add_verb(verbs, "ls", "list dead letters, oldest first")
    show = add_verb(verbs, "show", "why one was put aside, and what it is; sealed things stay sealed")
    retry = add_verb(verbs, "retry", "send some to their readers again", RETRY)
    show.add_argument("place", metavar="PLACE", help=PLACE)
    retry.add_argument("place", metavar="PLACE", nargs="?", help=PLACE)
    retry.add_argument("--all", action="store_true", help="all of all topics")
    retry.add_argument("--again", action="store_true", help="also what was sent again already")
    for each in (ls, retry):
        each.add_argument("--topic", choices=names, metavar="T", help=f"those of one topic only: {', '.join(names)}")
    for each in (ls, show, retry):
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command. PisauraError if something that was asked for was not sent again."""
    hush(arguments)
    if arguments.what == "retry" and (bool(arguments.place) + arguments.all + bool(arguments.topic)) != 1:
        raise UsageError("retry what? Name a PLACE, or --topic T, or --all")
    asyncio.run(_RUN[arguments.what](arguments, settings))
    return 0


async def _letters(operator: Operator, topic: str | None) -> list[Dead]:
    """Those of a topic, or of all topics that have any."""
    names = [topic] if topic else [name for name in TOPICS if f"{name}.dead" in DEAD_LETTERS]
    return [letter for name in names for letter in await operator.dead(name)]


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    async with operating(settings.kafka) as operator:
        letters = await _letters(operator, arguments.topic)
    if arguments.json:
        for letter in letters:
            write_json(_row(letter))
        return
    if not letters:
        sys.stdout.write("no dead letters\n")
        return
    header = ("place", "parked at", "bytes", "retried at", "by", "why")
    write_table(header, [[_row(letter)[name.replace(" ", "_")] for name in header] for letter in letters])


def _row(letter: Dead) -> dict[str, Any]:
    return {
        "place": _place(letter),
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "why": letter.why,
        "by": letter.process,
        "parked_at": iso(letter.parked_at),
        "retried_at": iso(letter.retried_at),
        "bytes": sum(kept.size for kept in letter.kept),
    }


def _place(letter: Dead) -> str:
    return f"{letter.topic}/{letter.partition}/{letter.offset}"


async def _found(operator: Operator, text: str) -> Dead:
    wanted = place(text)
    for letter in await operator.dead(wanted[0]):
        if (letter.topic, letter.partition, letter.offset) == wanted:
            return letter
    raise UsageError(f"there is no dead letter of {text}; `crawlctl dead ls --topic {wanted[0]}` lists those there are")


async def _show(arguments: argparse.Namespace, settings: Settings) -> None:
    async with operating(settings.kafka) as operator:
        letter = await _found(operator, arguments.place)
        parts = [contents(letter.topic, payload) for payload in await operator.payloads(letter)]
    row = _row(letter)
    if arguments.json:
        write_json({**row, "contents": parts})
        return
    fields: dict[str, Any] = {name: row[name] for name in ("why", "parked_at", "by", "retried_at", "bytes")}
    write_record(row["place"], fields)
    for part in parts:
        for message in part["messages"]:
            write_json(message)
        if "head" in part:
            sys.stdout.write(f"first bytes of what cannot be read: {part['head']}\n")


async def _retry(arguments: argparse.Namespace, settings: Settings) -> None:
    process = f"crawlctl-{socket.gethostname()}-{os.getpid()}"
    async with operating(settings.kafka) as operator:
        if arguments.place:
            letters: Sequence[Dead] = [await _found(operator, arguments.place)]
        else:
            letters = await _letters(operator, arguments.topic)
        refused = 0
        for letter in letters:
            why = not_sent(letter, again=arguments.again)
            if not why:
                try:
                    await operator.retry(letter, process, time.time())
                except UsageError as error:
                    why = str(error)
            done_before = letter.retried_at and not arguments.again and not arguments.place
            refused += bool(why) and not done_before
            _said(letter, why, as_json=arguments.json)
    if not letters and not arguments.json:
        sys.stdout.write("no dead letters\n")
    if refused:
        raise PisauraError(f"{refused} of {len(letters)} dead letters were not sent again; each says why")


def not_sent(letter: Dead, *, again: bool) -> str:
    """Why a letter is not sent again; empty if it is."""
    if letter.topic in ORDERS:
        return ORDER
    if letter.retried_at and not again:
        return f"it was sent again at {iso(letter.retried_at)}; --again does so once more"
    if not any(kept.size for kept in letter.kept):
        return "nothing of it was kept"
    return ""


def _said(letter: Dead, why: str, *, as_json: bool) -> None:
    if as_json:
        write_json({"place": _place(letter), "sent": not why, "why": why})
    else:
        sys.stdout.write(one_line(f"{_place(letter)}: {'not sent: ' + why if why else 'sent again'}") + "\n")


_RUN: Final = {"ls": _ls, "show": _show, "retry": _retry}
