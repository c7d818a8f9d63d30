"""Keeps replies in memory, as the vault does by key."""

from collections.abc import Sequence

from contracts.errors import Unavailable
from contracts.notices import Arrived, KeptReply


class Keeper:
    """`contracts.notices.Replies`. `away`: the vault does not answer."""

    def __init__(self) -> None:
        self.kept: dict[bytes, Arrived] = {}
        self.times = 0
        self.away = False

    async def keep(self, arrived: Arrived, now: float) -> int:
        if self.away:
            raise Unavailable("the vault is away")
        self.times += 1
        self.kept.setdefault(arrived.key, arrived)
        return list(self.kept).index(arrived.key) + 1

    async def to_carry(self, limit: int) -> Sequence[KeptReply]:
        return []

    async def carried(self, reply_ids: Sequence[int]) -> None:
        return None
