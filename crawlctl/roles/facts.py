"""What processes without a database must know of it: facts that the clerk tells in [controls], as words of their own verbs."""

from collections.abc import Callable, Sequence
from typing import Final

from backends.kafka.log import KafkaLog
from contracts.notes import Control
from contracts.sites import psl_sha256
from contracts.topics import CONTROLS

PSL: Final = "psl"
"""Which Public Suffix List decides buckets: its SHA-256."""
PARTITIONS: Final = "partitions"
"""How many partitions there are."""

TOGETHER: Final = 1_000
POLL_SECONDS: Final = 1.0


def told(partitions: int) -> list[Control]:
    """What the clerk tells."""
    return [Control(PSL, "", psl_sha256()), Control(PARTITIONS, "", str(partitions))]


async def hear(log: KafkaLog, take: Callable[[list[Control]], None]) -> None:
    """Hand on all of [controls] from its beginning, and what is added, for ever."""
    consumer = log.whole(CONTROLS)
    try:
        while True:
            if records := await consumer.poll(TOGETHER, POLL_SECONDS):
                take([record.message for record in records if isinstance(record.message, Control)])
    finally:
        await consumer.close()


class Facts:
    """What a process was told so far. `partitions` is 0 until then."""

    def __init__(self) -> None:
        self.partitions = 0
        self._psl = ""

    def take(self, words: Sequence[Control]) -> None:
        """Take in words in their order; those of other verbs are for others."""
        for word in words:
            if word.verb == PSL:
                self._psl = word.value
            elif word.verb == PARTITIONS and word.value.isascii() and word.value.isdigit():
                self.partitions = int(word.value[:9])

    def against(self) -> str:
        """Why nothing may be sent by partition; empty if it may."""
        if not self._psl or not self.partitions:
            return "no frontier process has told in [controls] how the cluster is divided; start one"
        if self._psl != psl_sha256():
            return (
                "this release has another Public Suffix List than the cluster's database, and would send links to the wrong "
                "partitions; run the release that the frontier runs"
            )
        return ""
