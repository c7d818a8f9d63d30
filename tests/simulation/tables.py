"""What a model of the crawl database stores, and its transactions, each at one instant: the same answers as those of
`backends.postgres`, from dictionaries. Times are kept in milliseconds, as there."""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final

from msgspec.structs import replace

from backends.postgres.crawl_store import REMEMBERED, RESTS
from backends.postgres.packing import FOUND_ON
from backends.postgres.permits import grant
from backends.postgres.rows import millis
from contracts.crawl import (
    FAR,
    Claim,
    Committed,
    HostQueue,
    HostRow,
    Lease,
    NewUrl,
    OriginRow,
    Ownership,
    PartitionRow,
    PermitRelease,
    PermitRequest,
    Pick,
    QueueItem,
    QueueRow,
    SiteRow,
    Transaction,
    UrlUpdate,
)
from contracts.errors import Stale
from contracts.notes import Control
from contracts.sites import partition_of

Key = tuple[int, int]
STRAINED: Final = 60_000
STRAINED_FOR: Final = 600_000
"""Milliseconds within which three strained sites count, and for how long (queries/strain_addresses.sql)."""
SITES_KEPT: Final = 8
LANES: Final = 5


def seconds(stored: int) -> float:
    """A stored time as the frontier knows it."""
    return stored / 1000


def single(number: float) -> float:
    """A number as a column of type real keeps it."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def rounded(time: float) -> float:
    """A time to the millisecond."""
    return seconds(millis(time))


@dataclass
class Partition:
    """A row of `partitions`."""

    owner: str = ""
    epoch: int = 0
    lease_until: int = 0
    urls: int = 0
    outcomes: int = 0


@dataclass
class Url:
    """A row of `urls` or `media_urls`."""

    https: bool
    path: str
    kind: int
    depth: int
    hops: int
    found_on: list[bytes]
    found_at: int
    state: int = 0
    status: int = 0
    tries: int = 0
    lost: int = 0
    fetched_at: int = 0
    interval: int = 0
    etag: str = ""
    last_modified: str = ""
    content_key: bytes = b""
    size: int = 0
    why: str = ""


@dataclass
class Address:
    """A row of `addresses`."""

    sites: set[str] = field(default_factory=set)
    next_at: int = 0
    strained_until: int = 0
    strained_sites: list[str] = field(default_factory=list)
    strained_since: int = 0


@dataclass
class Tables:
    """All that is stored. `clock` is what addresses go by (None: the clock of whoever asks). `busy` names the addresses that another shard is looking at (SKIP LOCKED); `heard` is told of each
    transaction before it is applied, with the name of its shard."""

    partitions: dict[int, Partition] = field(default_factory=dict)
    shards: dict[str, int] = field(default_factory=dict)
    hosts: dict[Key, HostRow] = field(default_factory=dict)
    sites: dict[tuple[int, str], SiteRow] = field(default_factory=dict)
    origins: dict[tuple[int, int, bool], OriginRow] = field(default_factory=dict)
    urls: dict[tuple[int, int, bytes], Url] = field(default_factory=dict)
    media: dict[tuple[int, int, bytes], Url] = field(default_factory=dict)
    queue: dict[Key, dict[tuple[int, int, bytes], bool]] = field(default_factory=dict)
    leases: dict[bytes, Lease] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    permits: dict[tuple[str, bytes], int] = field(default_factory=dict)
    counters: dict[tuple[int, str], int] = field(default_factory=dict)
    controls: list[tuple[int, Control]] = field(default_factory=list)
    clock: Callable[[], float] | None = None
    busy: Callable[[str], bool] = lambda address: False
    heard: Callable[[Transaction, str], None] = lambda transaction, owner: None

    # -- partitions -------------------------------------------------------------------------------------------------

    def renew(self, owner: str, now: float, lease: float) -> Ownership:
        self.shards[owner] = millis(now + lease)
        for row in self.partitions.values():
            if row.owner == owner:
                row.lease_until = millis(now + lease)
        return Ownership(
            [PartitionRow(n, p.owner, p.epoch, seconds(p.lease_until)) for n, p in sorted(self.partitions.items())],
            sorted(name for name, until in self.shards.items() if until >= millis(now)),
        )

    def claim(self, owner: str, now: float, lease: float, partitions: Sequence[int]) -> list[Claim]:
        claims = []
        for number in sorted(set(partitions) & self.partitions.keys()):
            row = self.partitions[number]
            if row.lease_until < millis(now) or row.owner == owner:
                row.owner, row.epoch, row.lease_until = owner, row.epoch + 1, millis(now + lease)
                claims.append(Claim(number, row.epoch, row.urls, row.outcomes))
        if claims:
            if all(row.owner == owner for row in self.partitions.values()):
                soon = millis(now + RESTS) + self._ahead(now)
                self.permits = {k: until for k, until in self.permits.items() if k[1] in self.leases or until <= soon}
            self._forget_shards("", millis(now - REMEMBERED))
        return claims

    def release(self, owner: str, partitions: Sequence[int], leaving: bool) -> None:
        for number in partitions:
            row = self.partitions.get(number)
            if row is not None and row.owner == owner:
                row.owner, row.lease_until = "", 0
        if leaving:
            self._forget_shards(owner, 0)

    def _forget_shards(self, owner: str, before: int) -> None:
        self.shards = {name: until for name, until in self.shards.items() if name != owner and until >= before}

    # -- reading ----------------------------------------------------------------------------------------------------

    def load_hosts(
        self, keys: Sequence[Key], sites: Sequence[tuple[int, str]]
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        return self._beside([self.hosts[key] for key in keys if key in self.hosts], sites)

    def _beside(
        self, hosts: list[HostRow], sites: Sequence[tuple[int, str]] = ()
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        keys = dict.fromkeys([*((host.bucket, host.site) for host in hosts), *sites])
        return (
            [replace(host, addresses=list(host.addresses)) for host in hosts],
            [replace(origin, body=None) for origin in self.load_robots([(h.bucket, h.host_id) for h in hosts])],
            [replace(self.sites[key]) for key in keys if key in self.sites],
        )

    def load_due_hosts(
        self, partitions: Sequence[int], of: int, until: float, limit: int, after: float
    ) -> tuple[list[HostRow], list[OriginRow], list[SiteRow]]:
        due = [
            (at, key)
            for key, row in self.hosts.items()
            if row.queued > 0
            and millis(after) < (at := millis(max(row.due_at, row.next_at, row.paused_until))) <= millis(until)
            and partition_of(row.bucket, of) in partitions
        ]
        first = nsmallest(limit, due)
        last = first[-1][0] if first else 0
        return self._beside([self.hosts[key] for at, key in sorted(due) if at <= last])

    def load_queue(self, picks: Sequence[Pick], now: float) -> list[HostQueue]:
        return [self._host_queue(pick, millis(now)) for pick in picks]

    def _host_queue(self, pick: Pick, now: int) -> HostQueue:
        rows = self.queue.get((pick.bucket, pick.host_id), {})
        items: list[QueueItem] = []
        for lane in range(LANES):
            due = sorted(row for row in rows if row[0] == lane and row[1] <= now)[: pick.limit]
            found = (self._item((pick.bucket, pick.host_id, *row), rows[row]) for row in due)
            items += [item for item in found if item is not None]
        later = min((row[1] for row in rows if row[1] > now), default=None)
        return HostQueue(pick.bucket, pick.host_id, items, FAR if later is None else seconds(later))

    def _item(self, key: tuple[int, int, int, int, bytes], media: bool) -> QueueItem | None:
        bucket, host, lane, due, url_id = key
        u = (self.media if media else self.urls).get((bucket, host, url_id))
        if u is None:
            return None
        return QueueItem(
            lane, seconds(due), url_id, media, u.https, u.path, u.kind, u.depth, u.hops, u.tries, u.lost,
            seconds(u.fetched_at), float(u.interval), u.etag, u.last_modified, u.content_key, list(u.found_on), u.state,
        )  # fmt: skip

    def load_items(self, rows: Sequence[QueueRow]) -> list[QueueItem]:
        found = (
            self._item((b, h, lane, millis(due), u), media)
            for b, h, lane, due, u, media in rows
            if (lane, millis(due), u) in self.queue.get((b, h), {})
        )
        return [item for item in found if item is not None]

    def load_robots(self, keys: Sequence[Key]) -> list[OriginRow]:
        places = ((*key, https) for key in keys for https in (False, True))
        return [self.origins[place] for place in places if place in self.origins]

    def load_leases(self, partitions: Sequence[int]) -> list[Lease]:
        return [lease for lease in self.leases.values() if lease.partition in partitions]

    def read_controls(self, after: int) -> tuple[int, list[Control]]:
        newer = [(number, control) for number, control in self.controls if number > after]
        return (newer[-1][0] if newer else after), [control for _, control in newer]

    def control(self, control: Control) -> None:
        """An operator's word; the newest on a target is the last."""
        number = max((number for number, _ in self.controls), default=0) + 1
        others = [(n, c) for n, c in self.controls if (c.verb, c.target) != (control.verb, control.target)]
        self.controls = [*others, (number, control)]

    # -- writing ----------------------------------------------------------------------------------------------------

    def take_permits(
        self, requests: Sequence[PermitRequest], now: float, address_sites: int, most: int
    ) -> tuple[set[bytes], dict[str, float]]:
        ahead = self._ahead(now)
        at = millis(now) + ahead
        rows = []
        for name in sorted({request.address for request in requests} & self.addresses.keys()):
            if not self.busy(name):
                out = sum(1 for (address, _), until in self.permits.items() if address == name and until > at)
                row = self.addresses[name]
                rows.append((name, len(row.sites), row.next_at, row.strained_until, out))
        looked_at = {row[0] for row in rows}
        self.permits = {key: until for key, until in self.permits.items() if key[0] not in looked_at or until > at}
        granted, later = grant(rows, requests, at, address_sites, most)
        for request in granted:
            self.permits.setdefault((request.address, request.order_id), millis(request.until) + ahead)
        return {request.order_id for request in granted}, {name: seconds(at - ahead) for name, at in later.items()}

    def _ahead(self, now: float) -> int:
        """Milliseconds by which the clock that addresses go by is ahead of the shard's, at `now`."""
        return 0 if self.clock is None else millis(self.clock()) - millis(now)

    def stale(self, transaction: Transaction) -> list[int]:
        """The partitions of the transaction whose fences do not hold."""
        return [
            f.partition
            for f in transaction.fences
            if (row := self.partitions.get(f.partition)) is None
            or (row.epoch, row.urls, row.outcomes) != (f.epoch, f.urls_from, f.outcomes_from)
        ]

    def commit(self, t: Transaction, owner: str) -> Committed:
        if lost := self.stale(t):
            raise Stale(f"partitions {lost} are not ours any more")
        assert not self.leases.keys() & {lease.order_id for lease in t.leases}, "an order id twice"
        self.heard(t, owner)
        for fence in t.fences:
            row = self.partitions[fence.partition]
            row.urls, row.outcomes = fence.urls_to, fence.outcomes_to
        new, _ = self._insert(t.urls, media=False)
        new_media, known = self._insert(t.media, media=True)
        self._found_on(known)
        for update in t.updates:
            self._update(update)
        for key in t.moved:
            if (moved := self.urls.pop(key, None)) is not None:
                self.media.setdefault(key, moved)
        for bucket, host, _, _, url_id, media in t.lost:
            if (lost_url := (self.media if media else self.urls).get((bucket, host, url_id))) is not None:
                lost_url.lost += 1
        for bucket, host, lane, due, url_id in t.dequeue:
            self.queue.get((bucket, host), {}).pop((lane, millis(due), url_id), None)
        for bucket, host, lane, due, url_id, media in (*new, *new_media, *t.enqueue):
            self.queue.setdefault((bucket, host), {}).setdefault((lane, millis(due), url_id), media)
        for order_id in t.ended:
            self.leases.pop(order_id, None)
        for lease in t.leases:
            keys: list[QueueRow] = [(b, h, lane, rounded(due), u, m) for b, h, lane, due, u, m in lease.keys]
            times = {"issued_at": rounded(lease.issued_at), "deadline": rounded(lease.deadline)}
            self.leases[lease.order_id] = replace(lease, keys=keys, **times)
        for name, site in t.address_sites:
            self.addresses.setdefault(name, Address()).sites.add(site)
        for release in t.releases:
            self._release(release, self._ahead(t.at))
        self._origins(t.origins)
        for row_of_site in t.sites:
            self.sites[row_of_site.bucket, row_of_site.site] = replace(row_of_site)
        for host_row in t.hosts:
            self._host(host_row)
        return self._count(t, [*new, *new_media])

    def _insert(self, rows: list[NewUrl], media: bool) -> tuple[list[QueueRow], list[NewUrl]]:
        queue: list[QueueRow] = []
        known: list[NewUrl] = []
        for row in rows:
            bucket, host, url_id, https, path, kind, depth, hops, found_on, found_at, lane, due = row
            key = (bucket, host, url_id)
            if key in self.urls or key in self.media:
                known.append(row)
                continue
            pages = list(found_on[:FOUND_ON])
            table = self.media if media else self.urls
            table[key] = Url(https, path, kind, depth, hops, pages, millis(found_at))
            queue.append((bucket, host, lane, due, url_id, media))
        return queue, known

    def _found_on(self, known: Iterable[NewUrl]) -> None:
        more: dict[tuple[int, int, bytes], set[bytes]] = {}
        for row in known:
            if (url := self.media.get(row[:3])) is not None and len(url.found_on) < FOUND_ON:
                more.setdefault(row[:3], set()).update(set(row[8]) - set(url.found_on))
        for key, pages in more.items():
            self.media[key].found_on = (self.media[key].found_on + sorted(pages))[:FOUND_ON]

    def _update(self, u: UrlUpdate) -> None:
        row = (self.media if u.media else self.urls).get((u.bucket, u.host_id, u.url_id))
        if row is None:
            return
        if millis(u.fetched_at) > row.fetched_at:
            row.lost = 0
        row.state, row.status, row.tries, row.fetched_at = int(u.state), u.status, u.tries, millis(u.fetched_at)
        row.interval, row.size = min(round(u.interval), 2**31 - 1), min(u.size, 2**31 - 1)
        row.etag, row.last_modified, row.content_key, row.why = u.etag, u.last_modified, u.content_key, u.why

    def _release(self, release: PermitRelease, ahead: int) -> None:
        key, next_at = (release.address, release.order_id), millis(release.next_at) + ahead
        if not release.rests:
            self.permits.pop(key, None)
        elif key in self.permits:
            self.permits[key] = next_at
        if (row := self.addresses.get(release.address)) is None:
            return
        row.next_at = max(row.next_at, next_at)
        if not release.strain:
            return
        over, again = row.strained_since < next_at - STRAINED, release.site in row.strained_sites
        if not over and len(row.strained_sites) >= 2 and not again:
            row.strained_until = next_at + STRAINED_FOR
        if over:
            row.strained_sites, row.strained_since = [release.site], next_at
        elif not again:
            row.strained_sites = [*row.strained_sites, release.site][:SITES_KEPT]

    def _origins(self, origins: list[OriginRow]) -> None:
        for origin in origins:
            key = (origin.bucket, origin.host_id, origin.https)
            stored = self.origins[key].body if key in self.origins else b""
            self.origins[key] = replace(origin, body=origin.body or stored)

    def _host(self, row: HostRow) -> None:
        key = (row.bucket, row.host_id)
        stored = self.hosts.get(key)
        times = {name: rounded(getattr(row, name)) for name in ("next_at", "due_at", "paused_until", "addresses_until")}
        times["found_at"] = stored.found_at if stored else rounded(row.found_at)
        numbers = {name: single(getattr(row, name)) for name in ("mean", "delay", "crawl_delay")}
        self.hosts[key] = replace(row, addresses=list(row.addresses), **times, **numbers)

    def _count(self, t: Transaction, new: list[QueueRow]) -> Committed:
        new_by_host: dict[int, int] = {}
        for row in new:
            new_by_host[row[1]] = new_by_host.get(row[1], 0) + 1
        for key, value in t.counters.items():
            if value:
                self.counters[key] = self.counters.get(key, 0) + value
        if t.fences and new:
            first = (t.fences[0].partition, "state:0")
            self.counters[first] = self.counters.get(first, 0) + len(new)
        return Committed(new_by_host)
