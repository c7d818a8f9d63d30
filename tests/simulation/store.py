"""A shard's way to the model of the crawl database: `contracts.store.CrawlStore` over `Tables`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

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
from tests.simulation.tables import Tables

T = TypeVar("T")
Hosts = tuple[list[HostRow], list[OriginRow], list[SiteRow]]


class Link(Protocol):
    """Carries a transaction to the database and its answer back; `name` is for the log of events."""

    def __call__(self, name: str, work: Callable[[], T]) -> Awaitable[T]: ...


async def at_once(name: str, work: Callable[[], T]) -> T:
    """A link without delay or faults."""
    return work()


class ModelStore:
    """One connection. Of writes the database learns who made them: `commit` is handed the name that claimed."""

    def __init__(self, tables: Tables, link: Link = at_once) -> None:
        self._tables, self._link = tables, link
        self._owner = ""

    async def renew(self, owner: str, now: float, lease: float) -> Ownership:
        self._owner = owner
        return await self._link("renew", lambda: self._tables.renew(owner, now, lease))

    async def claim(self, owner: str, now: float, lease: float, partitions: Sequence[int]) -> list[Claim]:
        self._owner = owner
        return await self._link("claim", lambda: self._tables.claim(owner, now, lease, partitions))

    async def release(self, owner: str, partitions: Sequence[int], *, leaving: bool = False) -> None:
        await self._link("release", lambda: self._tables.release(owner, partitions, leaving))

    async def load_hosts(self, keys: Sequence[tuple[int, int]], sites: Sequence[tuple[int, str]] = ()) -> Hosts:
        return await self._link("load_hosts", lambda: self._tables.load_hosts(keys, sites))

    async def load_due_hosts(
        self, partitions: Sequence[int], of: int, until: float, limit: int, after: float = -1.0
    ) -> Hosts:
        return await self._link("load_due", lambda: self._tables.load_due_hosts(partitions, of, until, limit, after))

    async def load_queue(self, picks: Sequence[Pick], now: float) -> list[HostQueue]:
        return await self._link("load_queue", lambda: self._tables.load_queue(picks, now))

    async def load_robots(self, keys: Sequence[tuple[int, int]]) -> list[OriginRow]:
        return await self._link("load_robots", lambda: self._tables.load_robots(keys))

    async def load_items(self, rows: Sequence[QueueRow]) -> list[QueueItem]:
        return await self._link("load_items", lambda: self._tables.load_items(rows))

    async def load_leases(self, partitions: Sequence[int]) -> list[Lease]:
        return await self._link("load_leases", lambda: self._tables.load_leases(partitions))

    async def take_permits(
        self, requests: Sequence[PermitRequest], now: float, address_sites: int, most: int
    ) -> tuple[set[bytes], dict[str, float]]:
        return await self._link("permits", lambda: self._tables.take_permits(requests, now, address_sites, most))

    async def commit(self, transaction: Transaction) -> Committed:
        owner = self._owner
        return await self._link("commit", lambda: self._tables.commit(transaction, owner))

    async def read_controls(self, after: int) -> tuple[int, list[Control]]:
        return await self._link("controls", lambda: self._tables.read_controls(after))

    async def close(self) -> None:
        """Nothing to let go of."""
