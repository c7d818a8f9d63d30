"""What operators say, as fetchers hear it: from the compacted topic [controls], read whole, since they need no database.

The frontier itself reads the table. A fact on which fetchers must agree with the database travels as a word of its own verb.
"""

from collections.abc import Sequence
from typing import Final

from contracts.messages import Control, Order
from contracts.ports import Clock
from contracts.sites import psl_sha256
from frontier.controls import Controls

PSL: Final = "psl"
"""The verb that tells which Public Suffix List decides buckets: its SHA-256 is the value."""


class Words:
    """What a fetcher was told, and what follows from it for orders."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._controls = Controls()
        self._psl = ""

    def take(self, words: Sequence[Control]) -> None:
        """Take in words in their order."""
        self._controls.take(words)
        for word in words:
            if word.verb == PSL:
                self._psl = word.value

    def unwanted(self, order: Order) -> bool:
        """Whether operators want no request of this order: its host is paused or opted out, by name, parent domain or network."""
        now = self._clock()
        addresses = [order.address] if order.address else []
        if self._controls.block_of(order.host, addresses, now):
            return True
        return self._controls.word_on(order.host, now).paused_until > now

    def disagreement(self) -> str:
        """Why no order may be taken: links would be sent to the wrong partitions. Empty if they would not."""
        if not self._psl:
            return "no frontier process has told in [controls] which Public Suffix List decides buckets; start one"
        if self._psl != psl_sha256():
            return (
                "this release has another Public Suffix List than the cluster's database, and would send links to the wrong "
                "partitions; run the release that the frontier runs"
            )
        return ""
