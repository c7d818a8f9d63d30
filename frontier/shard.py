"""What a shard knows and has under way: the state that the machine's parts share. All of it can be loaded again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from heapq import heapify, heappush

from msgspec import Struct

from contracts.crawl import Fence, HostRow, Lease, QueueItem, SiteRow, Transaction
from contracts.messages import Discovery, Message, Order
from contracts.refusals import Reason, Refusal
from contracts.settings import PRODUCT_TOKEN, Settings
from contracts.sites import bucket_of, partition_of, site_of
from contracts.topics import OUTCOMES, URLS
from contracts.urls import host_id
from frontier.policy import Policy
from frontier.robotstxt import Robots, parse
from frontier.traps import HostTraps
from frontier.workbench import Asked, Host, Workbench

CHAINS = 100_000
"""Redirected URLs whose chain is kept."""


class Out(Struct):
    """An order that is out: its lease, its items by url_id, and what it is for. `group` is the unit of its permit.

    `done`: the answer of an order without items (resolve, robots) was taken. `adopted`: it went out before we took over; for
    whom it asked for a robots.txt is not stored, but the host's own are known by their ids. `lasted`: seconds of its last request.
    """

    lease: Lease
    items: dict[bytes, QueueItem]
    group: str
    https: bool = False
    errand: Discovery | None = None
    rechecks: dict[bytes, Asked] = {}
    free_at: float = 0.0
    strain: bool = False
    done: bool = False
    adopted: bool = False
    lasted: float = 0.0


class Seen:
    """URLs met lately, in two generations of bounded size. A forgotten one only costs a look into the database."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()

    def add(self, url_id: bytes) -> bool:
        """Remember; True if it was new."""
        if url_id in self._young:
            return False
        new = url_id not in self._old
        self._young.add(url_id)
        if len(self._young) >= self._half:
            self._old, self._young = self._young, set()
        return new

    def __contains__(self, url_id: bytes) -> bool:
        return url_id in self._young or url_id in self._old

    def forget(self, url_ids: Iterable[bytes]) -> None:
        """What was not committed was not seen."""
        for url_id in url_ids:
            self._young.discard(url_id)
            self._old.discard(url_id)


def fingerprint(body: bytes) -> bytes:
    """By what a parsed robots.txt is handed in."""
    return blake2b(body, digest_size=16).digest()


class Rules:
    """Parsed robots.txt files by (host, https), within a bounded weight of octets. Large ones come parsed from outside."""

    def __init__(self, limit: int = 256 * 1024 * 1024) -> None:
        self._limit = limit
        self._weight = 0
        self._kept: dict[tuple[str, bool], Robots] = {}
        self.parsed: Mapping[bytes, Robots] = {}

    def __contains__(self, key: tuple[str, bool]) -> bool:
        return key in self._kept

    def get(self, host: str, https: bool) -> Robots | None:
        """The rules, if they are in memory."""
        return self._kept.get((host, https))

    def put(self, host: str, https: bool, body: bytes) -> Robots:
        """Parse (or take as parsed) and remember; the oldest ones make room."""
        rules = (self.parsed.get(fingerprint(body)) if self.parsed else None) or parse(body, PRODUCT_TOKEN)
        old = self._kept.pop((host, https), None)
        self._weight += rules.weight - (old.weight if old else 0)
        self._kept[host, https] = rules
        while self._weight > self._limit and len(self._kept) > 1:
            self._weight -= self._kept.pop(next(iter(self._kept))).weight
        return rules

    def drop(self, host: str, https: bool) -> None:
        """Forget an origin's rules."""
        if (old := self._kept.pop((host, https), None)) is not None:
            self._weight -= old.weight


class Shard:
    """A shard's state and the transaction that is being made."""

    def __init__(self, settings: Settings, policy: Policy, partitions: int) -> None:
        self.settings = settings
        self.policy = policy
        self.partitions = partitions
        self.bench = Workbench(settings.workers.hosts)
        self.seen = Seen(settings.workers.seen)
        self.new_media = 0
        self.rules = Rules()
        self.epochs: dict[int, int] = {}
        self.offsets: dict[tuple[str, int], int] = {}
        self.out: dict[bytes, Out] = {}
        self.deadlines: list[tuple[float, bytes]] = []
        self.address_waiters: dict[str, dict[str, None]] = {}
        self.blocked: dict[str, float] = {}
        self.unsettled: dict[str, Host] = {}
        self.chains: dict[bytes, list[bytes]] = {}
        self.issued = 0
        self.sequence = 0
        self.pages_left: int | None = None
        self.tx = Transaction()
        self.orders: list[Order] = []
        self.messages: list[tuple[str, int, Message]] = []
        self.totals: Counter[str] = Counter()
        self.candidates: dict[str, int] = {}
        self.queued_urls = 0
        self.rechecks = 0

    def partition(self, bucket: int) -> int:
        """The partition of a bucket."""
        return partition_of(bucket, self.partitions)

    def fence(self, partition: int, offsets: Mapping[tuple[str, int], int]) -> Fence:
        """The fence of a partition in this transaction: our epoch, and how far it is read now."""
        before = self.offsets[URLS, partition], self.offsets[OUTCOMES, partition]
        self.offsets |= {key: offset for key, offset in offsets.items() if key[1] == partition}
        after = self.offsets[URLS, partition], self.offsets[OUTCOMES, partition]
        return Fence(partition, self.epochs[partition], before[0], after[0], before[1], after[1])

    def count(self, bucket: int, name: str, by: int = 1) -> None:
        """Add to a counter of the bucket's partition, in this transaction."""
        key = (self.partition(bucket), name)
        self.tx.counters[key] = self.tx.counters.get(key, 0) + by
        self.totals[name] += by

    def refuse(self, bucket: int, refusal: Refusal | Reason, by: int = 1) -> None:
        """Count a refusal by its reason."""
        reason = refusal.reason if isinstance(refusal, Refusal) else refusal
        self.count(bucket, f"refused:{reason.value}", by)

    def new_host(self, name: str, now: float) -> Host:
        """A host that the store does not know. Its row is written only once a URL of it is admitted."""
        bucket = bucket_of(name)
        row = HostRow(bucket, host_id(name), name, site_of(name), now)
        return self.place(row)

    def place(self, row: HostRow) -> Host:
        """Put a host on the workbench."""
        host = Host(row, self.bench.site(row.bucket, row.site), HostTraps.from_bytes(row.traps))
        host.most = self.policy.orders_out(row.host)
        self.bench.add(host)
        return host

    def place_site(self, row: SiteRow) -> None:
        """Take over a stored site, unless it is in memory already."""
        self.bench.sites.setdefault((row.bucket, row.site), row)

    def matched(self, name: str) -> None:
        """A match was confirmed at a host."""
        host = self.bench.hosts[name]
        host.row.matches += 1
        host.site.matches += 1
        self.bench.touch(host)

    def adopt(self, host: Host, out: Out) -> None:
        """An order that was out when we took over: its host waits for its end or its deadline."""
        self.out[out.lease.order_id] = out
        heappush(self.deadlines, (out.lease.deadline, out.lease.order_id))
        host.orders.add(out.lease.order_id)
        self.bench.schedule(host)

    def postpone(self, now: float) -> None:
        """Orders that are overdue count from now: the log was not read for a while, and what came of them may be in it."""
        self.deadlines = [(max(at, now), order_id) for at, order_id in self.deadlines if order_id in self.out]
        heapify(self.deadlines)

    def forget(self, partitions: frozenset[int]) -> None:
        """Partitions that are not ours any more. Whoever holds them now reads what was written of them, and waits for their
        orders."""
        gone = [host for host in self.bench.hosts.values() if self.partition(host.row.bucket) in partitions]
        for host in gone:
            self.bench.remove(host)
            self.queued_urls -= host.row.queued
            self.rechecks -= len(host.rechecks)
            for order_id in host.orders:
                self.out.pop(order_id, None)
            for https in (False, True):
                self.rules.drop(host.row.host, https)
        self.bench.sites = {
            key: site for key, site in self.bench.sites.items() if self.partition(key[0]) not in partitions
        }
        for names in self.address_waiters.values():
            for name in [name for name in names if name not in self.bench.hosts]:
                del names[name]
        self.address_waiters = {group: names for group, names in self.address_waiters.items() if names}
        for partition in partitions:
            del self.epochs[partition]
            del self.offsets[URLS, partition], self.offsets[OUTCOMES, partition]

    def wait_for(self, group: str, host: Host, until: float, now: float) -> None:
        """No permit at its address before `until`, unless an order there ends sooner; the host keeps its rank."""
        host.hold = host.denied_until = until
        host.since = host.since or now
        if host.waits_at != group:
            self.stop_waiting(host)
            host.waits_at = group
        self.address_waiters.setdefault(group, {})[host.row.host] = None

    def stop_waiting(self, host: Host) -> None:
        """The host waits at no address any more: it has its permit, goes to another address, or is forgotten."""
        if (names := self.address_waiters.get(host.waits_at)) is not None:
            names.pop(host.row.host, None)
            if not names:
                del self.address_waiters[host.waits_at]
        host.waits_at = ""

    def remember_chain(self, url_id: bytes, chain: list[bytes]) -> None:
        """By which redirects a URL was reached; forgotten ones only cost another hop around a loop."""
        self.chains[url_id] = chain
        if len(self.chains) > CHAINS:
            del self.chains[next(iter(self.chains))]

    def send_out(self, host: Host, order: Order, out: Out) -> None:
        """An order goes out: lease it now, publish it once that is committed."""
        self.tx.leases.append(out.lease)
        self.orders.append(order)
        self.out[order.order_id] = out
        heappush(self.deadlines, (order.deadline, order.order_id))
        host.orders.add(order.order_id)
        host.since = 0.0
        self.stop_waiting(host)
        if host.most > 1:
            self.bench.schedule(host)
