"""The model of the crawl database answers as Postgres does, whatever is asked of both."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any, Final

import asyncpg
import pytest
from msgspec.structs import replace

from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from contracts.crawl import (
    Claim,
    Fence,
    HostRow,
    Lease,
    NewUrl,
    OriginRow,
    PermitRelease,
    PermitRequest,
    Pick,
    QueueKey,
    QueueRow,
    SiteRow,
    Transaction,
    UrlState,
    UrlUpdate,
)
from contracts.errors import Stale
from contracts.messages import OrderKind
from tests.postgres import Database
from tests.simulation.store import ModelStore
from tests.simulation.tables import Partition, Tables

NOW: Final = 1_800_000_000.0
PARTITIONS: Final = 4
HOSTS: Final = [(bucket, number) for bucket in (3, 1500, 2500, 4000) for number in (-7, 42)]
ADDRESSES: Final = ["192.0.2.1", "192.0.2.2", "2001:db8::/64"]
SHARDS: Final = ["a", "b", "c"]
OPERATIONS: Final = 120


class Operations:
    """Random operations, and what both stores are expected to hold by then as far as that makes better ones."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.now = NOW
        self.epochs: dict[int, Claim] = {}
        self.queue: dict[bytes, QueueRow] = {}
        self.orders: list[bytes] = []
        self.number = 0

    def time(self) -> float:
        return self.now + self.chance.choice([-5.0, 0.0, 0.0, 0.25, 3.0, 70.0])

    def uid(self, host: tuple[int, int]) -> bytes:
        """A URL belongs to one host."""
        return (100 * HOSTS.index(host) + self.chance.randrange(8)).to_bytes(16, "big")

    def new(self, host: tuple[int, int]) -> NewUrl:
        c = self.chance
        pages = [c.randrange(12).to_bytes(26, "big") for _ in range(c.randint(0, 3))]
        number = self.uid(host)
        return (
            *host,
            number,
            c.random() < 0.5,
            f"/{number[-1]}",
            c.choice([0, 2]),
            1,
            0,
            pages,
            NOW,
            c.randrange(5),
            self.time(),
        )

    def update(self, row: QueueRow) -> UrlUpdate:
        c = self.chance
        return UrlUpdate(
            row[0], row[1], row[4], row[5], c.choice(list(UrlState)), 200, c.randrange(4), self.time(), c.choice([0.4, 60.0, 1e12]),
            c.choice(["", '"e"']), "", b"k" * 16, c.choice([5, 2**40]), c.choice(["", "why"]),
        )  # fmt: skip

    def host(self, key: tuple[int, int]) -> HostRow:
        c = self.chance
        return HostRow(
            *key, f"h{key[1]}.test", "site.test", NOW, self.time(), self.time(), c.randrange(5), c.randrange(3), 1, 0, "",
            c.random(), c.choice([-1.0, 1.1]), 0.3, c.choice([0.0, self.time()]), "", c.sample(ADDRESSES, 2), self.time(),
        )  # fmt: skip

    def transaction(self) -> Transaction:
        c = self.chance
        mine = c.sample(sorted(self.epochs), min(len(self.epochs), c.randint(1, 2)))
        t = Transaction()
        for partition in mine:
            claim = self.epochs[partition]
            on = c.randrange(3)
            stale = c.random() < 0.1
            t.fences.append(
                Fence(partition, claim.epoch + stale, claim.urls_offset, claim.urls_offset + on, claim.outcomes_offset, claim.outcomes_offset)
            )  # fmt: skip
        hosts = [host for host in HOSTS if c.random() < 0.5]
        t.hosts = [self.host(host) for host in hosts]
        t.urls = [self.new(c.choice(HOSTS)) for _ in range(c.randint(0, 4))]
        t.media = [self.new(c.choice(HOSTS)) for _ in range(c.randint(0, 4))]
        taken = c.sample(sorted(self.queue.values()), min(len(self.queue), c.randint(0, 4)))
        t.updates = [self.update(row) for row in {row[:2] + row[4:]: row for row in taken}.values()]
        t.moved = [(row[0], row[1], row[4]) for row in taken if not row[5] and c.random() < 0.3]
        t.dequeue = [key(row) for row in taken]
        t.enqueue = [(row[0], row[1], c.randrange(5), self.time(), row[4], row[5]) for row in taken if c.random() < 0.7]
        t.lost = [row for row in taken if c.random() < 0.3]
        t.sites = [SiteRow(host[0], "site.test", c.randrange(9), c.randrange(2)) for host in hosts if host[1] > 0]
        t.origins = [
            OriginRow(*c.choice(HOSTS), c.random() < 0.5, b"s%d" % c.randrange(9), c.choice([None, b"body", b"other"]))
            for _ in range(2)
        ]
        for _ in range(c.randint(0, 2)):
            self.number += 1
            order = self.number.to_bytes(16, "big")
            host = c.choice(HOSTS)
            keys = [row for row in taken if row[:2] == host]
            t.leases.append(
                Lease(order, mine[0], 1, *host, "h.test", OrderKind.PAGES, c.choice(ADDRESSES), self.time(), self.time(), keys)
            )  # fmt: skip
            self.orders.append(order)
        t.ended = c.sample(self.orders, min(len(self.orders), c.randint(0, 2)))
        t.ended = [order for order in t.ended if order not in {lease.order_id for lease in t.leases}]
        t.address_sites = [(c.choice(ADDRESSES), f"s{c.randrange(30)}") for _ in range(c.randint(0, 4))]
        t.releases = [
            PermitRelease(c.choice(ADDRESSES), c.choice(self.orders or [b"?"]), self.time(), f"s{c.randrange(4)}", c.random() < 0.4, c.random() < 0.5)
            for _ in range(c.choice([0, 0, 1]))
        ]  # fmt: skip
        t.counters = {(mine[0], f"n{c.randrange(3)}"): c.randint(-2, 5)}
        return t


def key(row: QueueRow) -> QueueKey:
    """A row of the queue without its table."""
    return row[:5]


def spelt(answer: Any) -> Any:
    """An answer in which the order of what has none is fixed."""
    if isinstance(answer, tuple):
        return tuple(spelt(part) for part in answer)
    if isinstance(answer, list):
        return sorted(repr(spelt(part)) for part in answer)
    return answer


class Both:
    """Asks both stores, and compares."""

    def __init__(self, model: ModelStore, real: PostgresCrawlStore) -> None:
        self.model, self.real = model, real

    async def ask(self, name: str, *arguments: Any, ordered: bool = False, **named: Any) -> Any:
        answers: list[Any] = []
        for store in (self.model, self.real):
            try:
                answers.append(await getattr(store, name)(*arguments, **named))
            except Stale:
                answers.append("stale")
        one, other = answers if ordered else map(spelt, answers)
        assert one == other, (name, arguments)
        return answers[0]


@pytest.fixture
async def both(crawl_database: Database) -> AsyncIterator[Both]:
    dsn = crawl_database.dsn("pisaura_frontier")
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"INSERT INTO partitions (partition) SELECT generate_series(0, {PARTITIONS - 1})")
    await connection.close()
    tables = Tables(partitions={number: Partition() for number in range(PARTITIONS)})
    real = PostgresCrawlStore(await connect(dsn, hot=True))
    yield Both(ModelStore(tables), real)
    await real.close()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_asked_both_answer_alike(both: Both, seed: int) -> None:
    made = Operations(seed)
    chance = made.chance
    for _ in range(OPERATIONS):
        made.now += chance.choice([0.0, 0.1, 1.0, 6.0])
        partitions = chance.sample(range(PARTITIONS + 1), chance.randint(1, PARTITIONS))
        owner = chance.choice(SHARDS)
        match chance.choice(["renew", "claim", "release", "permits", "load", *["commit"] * 6]):
            case "renew":
                await both.ask("renew", owner, made.now, 10.0, ordered=True)
            case "claim":
                claims = await both.ask("claim", owner, made.now, 10.0, partitions, ordered=True)
                made.epochs |= {claim.partition: claim for claim in claims}
            case "release":
                await both.ask("release", owner, partitions, leaving=chance.random() < 0.5)
            case "permits":
                wishes = [
                    PermitRequest(chance.choice(ADDRESSES), b"w%d" % chance.randrange(99), made.now + 9.0)
                    for _ in range(3)
                ]
                await both.ask("take_permits", wishes, made.now, 8, 64, ordered=True)
            case "load":
                await compared(both, made)
            case "commit" if made.epochs:
                await committed(both, made)
    await compared(both, made)


async def committed(both: Both, made: Operations) -> None:
    """One transaction, and what it leaves to build the next one on."""
    t = made.transaction()
    if await both.ask("commit", t, ordered=True) == "stale":
        made.orders = [order for order in made.orders if order not in {lease.order_id for lease in t.leases}]
        return
    for fence in t.fences:
        claim = made.epochs[fence.partition]
        made.epochs[fence.partition] = replace(claim, urls_offset=fence.urls_to, outcomes_offset=fence.outcomes_to)
    made.orders = [order for order in made.orders if order not in t.ended]
    tables = both.model._tables
    made.queue = {
        row[2]: (*host, row[0], row[1] / 1000, row[2], media)
        for host, rows in sorted(tables.queue.items())
        for row, media in sorted(rows.items())
    }


async def compared(both: Both, made: Operations) -> None:
    """Everything that can be read."""
    now = made.now
    await both.ask("load_hosts", HOSTS, [(3, "site.test"), (3, "no.test")])
    for of, some in ((PARTITIONS, [0, 2]), (1, [0])):
        await both.ask("load_due_hosts", some, of, now, made.chance.randint(1, 9), now - 60.0)
    await both.ask("load_queue", [Pick(*host, made.chance.randint(1, 5)) for host in HOSTS], now, ordered=True)
    await both.ask("load_robots", HOSTS)
    rows = sorted(made.queue.values())
    await both.ask("load_items", [*rows, *((*row[:3], row[3] + 1.0, *row[4:]) for row in rows[:3])])
    leases = await both.ask("load_leases", list(range(PARTITIONS)))
    assert len(leases) <= made.number
    await both.ask("read_controls", 0)
