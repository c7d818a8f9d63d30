"""What operators say, as it bears on a fetcher's orders. The frontier heeds the same words by itself (`frontier.controls`)."""

from collections.abc import Sequence

from contracts.messages import Order
from contracts.notes import Control
from contracts.ports import Clock
from frontier.controls import Controls


class Words:
    """All words so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._controls = Controls()

    def take(self, words: Sequence[Control]) -> None:
        """Take in words in their order."""
        self._controls.take(words)

    def unwanted(self, order: Order) -> bool:
        """Whether operators want no request of this order: its host is paused or opted out, by name, parent domain or network."""
        now = self._clock()
        addresses = [order.address] if order.address else []
        if self._controls.block_of(order.host, addresses, now):
            return True
        return self._controls.word_on(order.host, now).paused_until > now
