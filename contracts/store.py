"""The store that keeps the frontier's state: what `backends` implement over the rows of `contracts.crawl`."""

from collections.abc import Sequence
from typing import Protocol

from contracts.crawl import (
    Claim,
    Committed,
    HostQueue,
    HostRow,
    Lease,
    OriginRow,
    Ownership,
    PermitRequest,
    Pick,
    QueueItem,
    QueueRow,
    SiteRow,
    Transaction,
)
from contracts.notes import Control


class CrawlStore(Protocol):
    """The crawl database as the frontier uses it. Every method fails with Unavailable when the database is away."""

    async def renew(self, owner: str, now: float, lease: float) -> Ownership:
        """Say that we live, hold on to what is ours for another `lease` seconds, and see who holds what."""

    async def claim(self, owner: str, now: float, lease: float, partitions: Sequence[int]) -> list[Claim]:
        """Take those of these partitions that are ours already or whose owner's lease has run out; epoch + 1."""

    async def release(self, owner: str, partitions: Sequence[int], *, leaving: bool = False) -> None:
        """Give these partitions up, so that anybody may claim them at once; `leaving`: and count as a shard no more."""

    async def load_hosts(
        self, keys: Sequence[tuple[int, int]], sites: Sequence[tuple[int, str]] = ()
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        """Hosts by (bucket, host_id), with their origins, and the sites that they belong to or that `sites` names."""

    async def load_due_hosts(
        self, partitions: Sequence[int], of: int, until: float, limit: int, after: float = -1.0
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        """Hosts of these partitions (`of` so many in all) with something due after `after` and by `until`, the earliest first.

        At least `limit` of them if there are so many; all that are due at the same time as the last one.
        """

    async def load_queue(self, picks: Sequence[Pick], now: float) -> list[HostQueue]:
        """The due URLs of some hosts."""

    async def load_robots(self, keys: Sequence[tuple[int, int]]) -> list[OriginRow]:
        """The origins of some hosts, with their files."""

    async def load_items(self, rows: Sequence[QueueRow]) -> list[QueueItem]:
        """Queued URLs by their rows; those that are not known are missing."""

    async def load_leases(self, partitions: Sequence[int]) -> list[Lease]:
        """Orders that are out."""

    async def take_permits(
        self, requests: Sequence[PermitRequest], now: float, address_sites: int, most: int
    ) -> tuple[set[bytes], dict[str, float]]:
        """The order ids that were granted their address now, and when to ask again for the other addresses (rule 9)."""

    async def commit(self, transaction: Transaction) -> Committed:
        """Commit, or raise Stale if a fence does not hold."""

    async def close(self) -> None:
        """Let go of the connection; partitions stay ours until their lease runs out."""

    async def read_controls(self, after: int) -> tuple[int, list[Control]]:
        """Operators' controls since a sequence number, and the newest number."""
