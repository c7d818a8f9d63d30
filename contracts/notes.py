"""What travels beside the crawl itself: operators' controls, what processes say of themselves, what could not be handled.

Structs of the log like those of `contracts.messages`, which names them all.
"""

from msgspec import Struct


class Control(Struct, frozen=True, array_like=True):
    """An operator's order to every role: pause, resume, delay, block, unblock, recall. `target` is a host or a network."""

    verb: str
    target: str
    value: str = ""
    why: str = ""
    until: float = 0.0


class Heartbeat(Struct, frozen=True, array_like=True):
    """What a process says of itself every few seconds. The broker's time of its arrival tells how far its clock is off.

    `process` is unique for one run of one process; `counts` are totals since its start by names of ours; `waits_for` is why
    it is not ready, empty if it is.
    """

    role: str
    process: str
    host: str
    started_at: float
    sent_at: float
    skew: float = 0.0
    counts: dict[str, float] = {}
    waits_for: str = ""
    leaving: bool = False


class DeadLetter(Struct, frozen=True, array_like=True):
    """A message that a reader could not handle: where it lay, why it was parked, when and by whom; `payload` as it was read.

    `retried_at` is set in a second letter of the same place, with an empty payload, once somebody has sent it again.
    """

    topic: str
    partition: int
    offset: int
    why: str
    process: str
    parked_at: float
    payload: bytes
    retried_at: float = 0.0
