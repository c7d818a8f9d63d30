"""What arrived for a shard: cut into slices, so that nobody waits long for the loop, and the robots.txt files worth parsing elsewhere."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from contracts.messages import Discovery, HostMatched, Message, OutcomeBatch
from contracts.ports import Record, Unreadable

SLICE: Final = 16
"""Outcomes that are applied before others may use the loop."""
LARGE_ROBOTS: Final = 64 * 1024
"""Octets above which a robots.txt is parsed in another process: some 40 ms for a hostile one of 500 KiB."""


def slices(records: Sequence[Record]) -> list[list[tuple[str, int, Message | Unreadable]]]:
    """What arrived, in its order, in parts of at most `SLICE` outcomes or other messages; at least one part."""
    parts: list[list[tuple[str, int, Message | Unreadable]]] = [[]]
    room = SLICE
    for record in records:
        pieces: list[Message | Unreadable] = [record.message]
        if isinstance(record.message, OutcomeBatch) and len(record.message.outcomes) > room:
            outcomes, ends = record.message.outcomes, record.message.ends
            cuts = [0, *range(room, len(outcomes), SLICE), len(outcomes)]
            pieces = [OutcomeBatch(outcomes[a:b], ends if b == cuts[-1] else []) for a, b in pairwise(cuts) if a < b]
        for piece in pieces:
            weight = max(1, len(piece.outcomes)) if isinstance(piece, OutcomeBatch) else 1
            if weight > room:
                parts.append([])
                room = SLICE
            parts[-1].append((record.topic, record.partition, piece))
            room -= weight
    return parts


def outcomes_in(records: Sequence[Record]) -> int:
    """How many outcomes arrived."""
    return sum(len(record.message.outcomes) for record in records if isinstance(record.message, OutcomeBatch))


def large_robots(records: Sequence[Record]) -> list[bytes]:
    """The large robots.txt files that arrived, from the origins themselves or at the end of their redirects."""
    bodies: list[bytes | None] = []
    for record in records:
        match record.message:
            case OutcomeBatch(outcomes=outcomes):
                bodies += [outcome.robots_body for outcome in outcomes]
            case Discovery(robots=errand) if errand is not None:
                bodies.append(errand.body)
    return [body for body in bodies if body is not None and len(body) > LARGE_ROBOTS]


def hosts_of(message: Message | Unreadable) -> list[str]:
    """Hosts that must be in memory before a message is applied."""
    match message:
        case OutcomeBatch():
            return [group.host for outcome in message.outcomes for found in outcome.links for group in found.groups]
        case Discovery():
            return [group.host for group in message.groups]
        case HostMatched():
            return [message.host]
        case _:
            return []


def in_our_time(batch: OutcomeBatch, now: float) -> OutcomeBatch:
    """A batch whose fetcher has a clock of its own, with all times by ours: as if the newest of them were just now.

    Nothing in it can have happened later than that by our clock, however far apart the two are: no host is asked too soon.
    Durations, and what lies between the times of one batch, stay as they are.
    """
    times = [outcome.ended_at for outcome in batch.outcomes] + [end.ended_at for end in batch.ends if end.requests]
    if not times:
        return batch
    by = now - max(times)
    return OutcomeBatch(
        [
            replace(
                outcome,
                started_at=outcome.started_at + by,
                ended_at=outcome.ended_at + by,
                retry_at=outcome.retry_at + by if outcome.retry_at else 0.0,
            )
            for outcome in batch.outcomes
        ],
        [replace(end, ended_at=end.ended_at + by) if end.requests else end for end in batch.ends],
    )
