"""What the processes of a cluster said of themselves in the last seconds: read from [heartbeats], in no group, in bounded time."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any, Final

from msgspec import Struct

from backends.kafka.peeking import Start, peek
from contracts.errors import PisauraError
from contracts.notes import Heartbeat
from contracts.settings import Settings
from contracts.topics import HEARTBEATS
from crawlctl.output import one_line
from crawlctl.units import write_seconds

WITHIN: Final = 10.0
"""Seconds of heartbeats that are read, so that there are several of each process: rates need two."""
SECONDS: Final = 3.0
"""Longest time that brokers have for it: whoever asks waits for more than this."""
HEADER: Final = ("role", "process", "up", "heard", "skew", "counts")


class Heard(Struct, frozen=True):
    """Heartbeats in the order of their arrival, when the last of each process arrived (unix seconds, by the brokers), and why
    there are none, if the brokers could not be asked."""

    beats: list[Heartbeat]
    arrived: dict[str, float]
    note: str = ""


async def latest(settings: Settings, *, within: float = WITHIN, seconds: float = SECONDS) -> Heard:
    """The heartbeats of the last seconds. Never fails: `note` says why brokers could not be asked."""
    if not settings.kafka.bootstrap:
        return Heard([], {}, "processes are not listed: kafka.bootstrap is not set")
    beats: list[Heartbeat] = []
    arrived: dict[str, float] = {}
    since = time.time() - within - settings.cluster.heartbeat - settings.cluster.max_skew
    try:
        async with asyncio.timeout(seconds), aclosing(peek(settings.kafka, HEARTBEATS, 0, Start(since=since))) as found:
            async for record in found:
                for message in record.messages:
                    if isinstance(message, Heartbeat):
                        beats.append(message)
                        arrived[message.process] = record.at
    except TimeoutError:
        return Heard(beats, arrived, f"processes may be missing: the brokers have not answered within {seconds:g} s")
    except PisauraError as error:
        return Heard(beats, arrived, f"processes are not listed: {error}")
    return Heard(beats, arrived)


def with_ages(rows: Iterable[Mapping[str, Any]], heard: Heard, now: float) -> list[dict[str, Any]]:
    """Rows of `crawlctl.members.processes`, each with the `age` of its process' last word in seconds, by the brokers' clock."""
    ages = {process: round(max(0.0, now - at), 1) for process, at in heard.arrived.items()}
    return [{**row, "age": ages.get(row["process"])} for row in rows]


def lines(rows: Iterable[Mapping[str, Any]], heard: Heard, now: float) -> list[str]:
    """A table for people: a line for each row of `with_ages`, below a heading; only the heading's place tells columns apart."""
    started = {beat.process: beat.started_at for beat in heard.beats}
    cells = [HEADER]
    for row in rows:
        up = write_seconds(max(0, round(now - started[row["process"]]))) if row["process"] in started else ""
        counts = "  ".join(f"{value:.12g} {name}" for name, value in sorted(row["counts"].items()))
        waits = f"waits: {row['waits_for']}" if row["waits_for"] else ""
        said = "; ".join(part for part in (counts, waits) if part)
        heard_at = "" if row["age"] is None else f"{row['age']:.0f}s ago"
        cells.append((row["role"], one_line(row["process"]), up, heard_at, f"{row['skew']:+.3f}s", one_line(said)))
    if len(cells) == 1:
        return []
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
