"""What providers say becomes opinions: a loop of every hasher of a cluster, and of Shield itself over a state."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from backends.postgres.vault_opinions import ProviderOpinions
from contracts.ports import Clock

OPINIONS_EVERY: Final = 1.0
"""Seconds between two looks at what was said."""


def hand_on(pool: Any, clock: Clock, counts: Counter[str] | None = None) -> Callable[[], Awaitable[None]]:
    """One look, over a pool of the hasher's database role; what was handed on is counted as `opinions`."""
    opinions = ProviderOpinions(pool)

    async def step() -> None:
        said = await opinions.hand_on(clock())
        if counts is not None:
            counts["opinions"] += said

    return step
