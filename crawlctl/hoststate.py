"""What a host waits for: one word for its state, and why. The words of `status`, `hosts` and `explain`."""

from collections.abc import Sequence
from typing import Final

from contracts.crawl import FAR
from contracts.refusals import Refusal
from frontier.controls import Controls

OPTED_OUT: Final = "opted_out"
PAUSED: Final = "paused"
DUE: Final = "due"
BACKING_OFF: Final = "backing_off"
WAITING: Final = "waiting"
LATER: Final = "later"
DONE: Final = "done"
STATES: Final = {
    DUE: "its turn has come",
    WAITING: "waits for its turn, less than a minute",
    BACKING_OFF: "waits after an error",
    LATER: "nothing to do for a minute or more",
    PAUSED: "paused by an operator",
    OPTED_OUT: "not to be crawled",
    DONE: "nothing queued",
}
SOON: Final = 60.0
"""Seconds from which a turn counts as later; also how long `run --until-idle` waits for one."""


def host_state(
    words: Controls,
    host: str,
    addresses: Sequence[str],
    now: float,
    *,
    queued: int,
    next_at: float,
    due_at: float,
    errors: int,
    why: str,
) -> tuple[str, str, float]:
    """(state, why, until when it lasts; 0.0: now, `FAR`: for good) of a host's row, by operators' words at `now`."""
    block = words.block_of(host, addresses, now)
    if isinstance(block, Refusal):
        return OPTED_OUT, block.evidence, FAR
    word = words.word_on(host, now)
    if word.paused_until > now:
        return PAUSED, word.paused_why, word.paused_until
    if queued <= 0:
        return DONE, "", FAR
    ready_at = max(next_at, due_at)
    if ready_at <= now:
        return DUE, "", 0.0
    if next_at > now and (errors > 0 or why):
        return BACKING_OFF, why or "errors", ready_at
    return (LATER if ready_at > now + SOON else WAITING), "", ready_at
