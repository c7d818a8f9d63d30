"""`crawlctl topics`: make the log's topics, compare them with the table that they must follow, list them, look into one."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Mapping
from contextlib import aclosing
from typing import Any, Final

from backends.kafka import topics
from backends.kafka.brokers import Brokers, Group, asking
from backends.kafka.peeking import Start, peek
from backends.kafka.wanted import Difference
from backends.postgres.inspection import Held, inspecting
from contracts.errors import PisauraError, Unavailable, UsageError
from contracts.settings import Settings
from contracts.topics import DEAD_LETTERS, OUTCOMES, TOPICS, URLS
from crawlctl.arguments import add_json, add_verb, hush
from crawlctl.letters import shown
from crawlctl.output import json_line, one_line, write_json, write_table
from crawlctl.times import iso
from crawlctl.units import count, write_size

SECONDS: Final = 120.0
"""Longest time that brokers may take for making topics, or for answering about all of them."""
NAME: Final = "crawlctl-topics"

CREATE: Final = """\
Partitions are those of cluster.partitions, which must be those that the crawl database was made with, if postgres.crawl is
set and migrated. Copies are kafka.replication, of which kafka.min_insync must be written. What is there is kept: settings may
be raised, never lowered. Exit code 1 if something still differs; what to do about it is said."""
PEEK: Final = """\
One line a message: partition, offset, time, bytes of its record, and the message as JSON. Messages of one record have one
offset. What cannot be read is shown as Unreadable, with the reason. Joins no group and commits nothing."""
LAST: Final = 10
CHECK: Final = "Exit code 1 if anything differs."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    look = add_verb(verbs, "peek", "show messages of one topic as JSON; sealed things stay sealed", PEEK)
    look.add_argument(
        "topic",
        metavar="TOPIC",
        choices=(*TOPICS, *DEAD_LETTERS),
        help=f"{', '.join(TOPICS)}, or one of these with .dead",
    )
    look.add_argument("--partition", type=_number, metavar="N", help="only this partition; all if not given")
    begin = look.add_mutually_exclusive_group()
    begin.add_argument("--offset", type=_number, metavar="N", help="from this offset on")
    begin.add_argument(
        "--last", type=count, default=LAST, metavar="N", help=f"the last N records of each partition (default: {LAST})"
    )
    look.add_argument("--follow", action="store_true", help="go on with what comes, until Ctrl-C")
    for each in (
        look,
        add_verb(verbs, "create", "make the topics that are missing; may be run again, and by several at once", CREATE),
        add_verb(verbs, "check", "what of the topics differs from what it must be", CHECK),
        add_verb(verbs, "ls", "list the topics: records, bytes, and how far their readers are behind"),
    ):
        add_json(each)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, at least 0")
    return int(text)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command. PisauraError if topics differ from what they must be."""
    hush(arguments)
    if arguments.what == "peek":
        asyncio.run(_peek(arguments, settings))
    else:
        asyncio.run(_within(SECONDS, _RUN[arguments.what](arguments, settings)))
    return 0


async def _peek(arguments: argparse.Namespace, settings: Settings) -> None:
    start = Start(offset=arguments.offset, last=arguments.last)
    async with aclosing(
        peek(settings.kafka, arguments.topic, arguments.partition, start, follow=arguments.follow)
    ) as records:
        async for seen in records:
            for message in seen.messages:
                place = {"partition": seen.partition, "offset": seen.offset, "time": iso(seen.at), "bytes": seen.size}
                if arguments.json:
                    write_json({"topic": seen.topic, **place, "message": shown(message)})
                else:
                    sys.stdout.write(f"{' '.join(map(str, place.values()))} {json_line(shown(message))}\n")
            sys.stdout.flush()


async def _within(seconds: float, work: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError as error:
        raise Unavailable(f"the brokers have not answered within {seconds:g} s; try again") from error


async def partitions(settings: Settings) -> int:
    """The partitions of this cluster. UsageError if the crawl database was made with another number than the settings say."""
    wanted = settings.cluster.partitions
    if settings.postgres.crawl:
        async with inspecting(settings.postgres.crawl) as inspection:
            made = await inspection.settled()
        if made is not None and made != wanted:
            raise UsageError(
                f"cluster.partitions = {wanted}, but the crawl database was made with {made}, and both must agree: set "
                f"cluster.partitions = {made}"
            )
    return wanted


async def _create(arguments: argparse.Namespace, settings: Settings) -> None:
    done, left = await topics.create(settings.kafka, await partitions(settings))
    if arguments.json:
        write_json({"done": done, "left": [_plain(one) for one in left]})
    else:
        sys.stdout.write("".join(f"{one_line(line)}\n" for line in done) or "nothing was missing\n")
        _show(left)
    _complain(left)


async def _check(arguments: argparse.Namespace, settings: Settings) -> None:
    found = await topics.check(settings.kafka, await partitions(settings))
    if arguments.json:
        for one in found:
            write_json(_plain(one))
    elif found:
        _show(found)
    else:
        sys.stdout.write(f"all of {len(TOPICS) + len(DEAD_LETTERS)} topics are as they must be\n")
    _complain(found)


def _complain(left: list[Difference]) -> None:
    if left:
        names = len({one.topic for one in left})
        raise PisauraError(
            f"{names} topics are not as they must be ({len(left)} differences); what to do is said above"
        )


def _plain(one: Difference) -> dict[str, str]:
    return {"topic": one.topic, "setting": one.what, "wanted": one.wanted, "found": one.found, "do": one.mend}


def _show(differences: list[Difference]) -> None:
    if not differences:
        return
    rows = [_plain(one) for one in differences]
    write_table(
        ("topic", "setting", "wanted", "found"),
        [[row[name] for name in ("topic", "setting", "wanted", "found")] for row in rows],
    )
    advice = dict.fromkeys(f"{row['topic']}: {row['do']}" for row in rows)
    sys.stdout.write("\nwhat to do:\n" + "".join(f"  {one_line(line)}\n" for line in advice))


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    held = await _read_by_shards(settings)
    async with asking(settings.kafka, NAME) as brokers:
        rows = await _rows(brokers, held)
    if arguments.json:
        for row in rows:
            write_json(row)
        return
    write_table(
        ("topic", "parts", "records", "bytes", "read by", "behind"),
        [
            (
                row["topic"], row["partitions"] or "missing", row["records"],
                "" if row["bytes"] is None else _size(row["bytes"]),
                f"{row['readers']} ({row['members'] or 0})" if row["readers"] else "", row["behind"],
            )
            for row in rows
        ],
    )  # fmt: skip


def _size(size: int) -> str:
    """Bytes, roughly."""
    unit = next((unit for unit in (1 << 30, 1 << 20, 1 << 10) if size >= unit), 1)
    return write_size(size // unit * unit)


async def _rows(brokers: Brokers, held: list[Held]) -> list[dict[str, Any]]:
    """A row for each topic of the tables; None for what is not known."""
    there = (await brokers.about()).topics
    counts = {name: there[name][0] for name in (*TOPICS, *DEAD_LETTERS) if name in there}
    ranges = await brokers.ranges(counts)
    sizes = await brokers.sizes(counts)
    rows = []
    for name, topic in (TOPICS | DEAD_LETTERS).items():
        parts, copies = there.get(name, (0, None))
        mine = [ranges[name, partition] for partition in range(parts)]
        group = await brokers.group(name, ranges) if topic.group and parts else None
        rows.append(
            {
                "topic": name, "partitions": parts, "copies": copies,
                "records": sum(end - begin for begin, end in mine) if parts else None,
                "bytes": sizes.get(name),
                "begins": [begin for begin, _ in mine], "ends": [end for _, end in mine],
                **_readers(name, group, held, ranges),
            }
        )  # fmt: skip
    return rows


def _readers(
    topic: str, group: Group | None, held: list[Held], ranges: Mapping[tuple[str, int], tuple[int, int]]
) -> dict[str, Any]:
    """Who reads a topic and how many records are still to be read."""
    if group is not None:
        return {"readers": TOPICS[topic].group, "state": group.state, "members": group.members, "behind": group.lag}
    if topic in (URLS, OUTCOMES):
        done = {row.partition: row.urls_offset if topic == URLS else row.outcomes_offset for row in held}
        ends = {partition: end for (name, partition), (_, end) in ranges.items() if name == topic}
        behind = (
            sum(max(0, end - done[partition]) for partition, end in ends.items())
            if done.keys() >= ends.keys()
            else None
        )
        return {
            "readers": "frontier",
            "state": None,
            "members": len({row.owner for row in held if row.owner}) or None,
            "behind": behind,
        }
    return {"readers": None, "state": None, "members": None, "behind": None}


async def _read_by_shards(settings: Settings) -> list[Held]:
    """How far frontier shards have read, which is in Postgres; empty if that is not to be had."""
    if not settings.postgres.crawl:
        return []
    try:
        async with inspecting(settings.postgres.crawl) as inspection:
            return await inspection.partitions() if await inspection.settled() else []
    except PisauraError as error:
        sys.stderr.write(f"crawlctl: warning: how far the frontier has read is not known: {one_line(str(error))}\n")
        return []


_RUN: Final = {"create": _create, "check": _check, "ls": _ls}
