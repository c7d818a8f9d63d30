"""Playbooks of the machine: these events at these times, exactly those commands.

`Play` drives a machine over `Store`, which answers as the crawl database would (times in milliseconds, duplicates dropped,
fences held), and `spell` writes a command down in a line. A fetcher is played by the test: `play.resolved(order)`,
`play.robots(order, body)`, `play.fetched(order)`, `play.silence(seconds)`.
"""

from collections.abc import Iterable, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.crawl import (
    FAR,
    Claim,
    Committed,
    HostQueue,
    HostRow,
    Lease,
    NewUrl,
    OriginRow,
    PermitRequest,
    Pick,
    QueueItem,
    QueueRow,
    SiteRow,
    Transaction,
    UrlState,
)
from contracts.messages import (
    Discovery,
    Link,
    LinkGroup,
    LinkKind,
    Message,
    Order,
    OrderEnd,
    OrderKind,
    Outcome,
    OutcomeBatch,
    Purpose,
    Result,
)
from contracts.notes import Control
from contracts.refusals import Refusal
from contracts.settings import LimitSettings, Politeness, Recrawl, Settings
from contracts.sites import bucket_of
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS, OUTCOMES, URLS
from contracts.urls import host_id, parse, ref, url_id
from frontier.events import (
    Ack,
    Claimed,
    Command,
    Commit,
    ControlsChanged,
    Done,
    Event,
    HostsLoaded,
    LoadDueHosts,
    LoadHosts,
    LoadQueue,
    PermitsTaken,
    Publish,
    QueueLoaded,
    TakePermits,
    Woken,
)
from frontier.machine import Machine

NOW = 1_800_000_000.0
SETTINGS = Settings(
    politeness=Politeness(delay=1.0, jitter=0.0),
    limits=LimitSettings(),
    recrawl=Recrawl(enabled=False),
)
ROOM = {ORDERS_PAGES: 50, ORDERS_MEDIA: 50, ORDERS_RECHECKS: 50}
ALLOW_ALL = b"User-agent: *\nDisallow:\n"


def tuned(**groups: dict[str, Any]) -> Settings:
    """`SETTINGS` with some keys of some groups changed: `tuned(politeness={"delay": 0.0})`."""
    return replace(SETTINGS, **{name: replace(getattr(SETTINGS, name), **keys) for name, keys in groups.items()})


def ms(seconds: float) -> int:
    return round(seconds * 1000)


def identity(url: str) -> bytes:
    return url_id(url)


def discovery(
    urls: Iterable[str],
    *,
    purpose: Purpose = Purpose.LINK,
    kind: LinkKind = LinkKind.PAGE,
    on: str = "",
    depth: int = 1,
    hops: int = 0,
    chain: Sequence[str] = (),
    found_on: Sequence[bytes] = (),
    flags: int = 0,
) -> Discovery:
    """URLs as they are found, `on` a page."""
    groups: dict[tuple[bool, str], list[Link]] = {}
    for text in urls:
        url = parse(text)
        assert not isinstance(url, Refusal), text
        groups.setdefault((url.https, url.host), []).append(Link(url.path, url_id(url.text), kind, flags))
    parent = b""
    if on:
        page = parse(on)
        assert not isinstance(page, Refusal)
        parent = ref(bucket_of(page.host), host_id(page.host), url_id(page.text))
    return Discovery(
        purpose, parent, depth, NOW, [LinkGroup(*key, bucket_of(key[1]), links) for key, links in groups.items()],
        hops, [identity(each) for each in chain], list(found_on),
    )  # fmt: skip


@dataclass
class Row:
    """A stored URL."""

    new: NewUrl
    state: int = 0
    tries: int = 0
    lost: int = 0
    fetched_at: float = 0.0
    interval: float = 0.0
    etag: str = ""
    last_modified: str = ""
    content_key: bytes = b""
    why: str = ""
    found_on: list[bytes] = field(default_factory=list)

    def item(self, lane: int, due: int, media: bool) -> QueueItem:
        _, _, url, https, path, kind, depth, hops, *_ = self.new
        return QueueItem(
            lane, due / 1000, url, media, https, path, kind, depth, hops, self.tries, self.lost, self.fetched_at,
            self.interval, self.etag, self.last_modified, self.content_key, list(self.found_on), self.state,
        )  # fmt: skip


class Store:
    """What the crawl database would answer."""

    def __init__(self, partitions: int = 1) -> None:
        self.epochs = dict.fromkeys(range(partitions), 0)
        self.offsets = {(topic, p): 0 for p in range(partitions) for topic in (URLS, OUTCOMES)}
        self.hosts: dict[int, HostRow] = {}
        self.sites: dict[tuple[int, str], SiteRow] = {}
        self.origins: dict[tuple[int, bool], OriginRow] = {}
        self.urls: dict[bytes, Row] = {}
        self.media: dict[bytes, Row] = {}
        self.queue: dict[tuple[int, int, int, bytes], bool] = {}
        self.leases: dict[bytes, Lease] = {}
        self.permits: dict[tuple[str, bytes], float] = {}
        self.rests: dict[str, float] = {}
        self.address_sites: set[tuple[str, str]] = set()
        self.counters: dict[str, int] = {}
        self.commits = 0

    def claim(self) -> list[Claim]:
        for partition in self.epochs:
            self.epochs[partition] += 1
        self.permits = {key: until for key, until in self.permits.items() if key[1] in self.leases}
        return [Claim(p, e, self.offsets[URLS, p], self.offsets[OUTCOMES, p]) for p, e in self.epochs.items()]

    def _beside(self, rows: list[HostRow], sites: Iterable[tuple[int, str]] = ()) -> tuple[Any, Any, Any]:
        origins = [
            OriginRow(o.bucket, o.host_id, o.https, o.state)
            for o in self.origins.values()
            if o.host_id in {row.host_id for row in rows}
        ]
        keys = {(row.bucket, row.site) for row in rows} | set(sites)
        return deepcopy(rows), origins, [deepcopy(self.sites[key]) for key in keys if key in self.sites]

    def load_hosts(self, command: LoadHosts) -> HostsLoaded:
        rows = [self.hosts[key] for _, key in command.keys if key in self.hosts]
        return HostsLoaded(*self._beside(rows, command.sites))

    def load_due_hosts(self, command: LoadDueHosts) -> HostsLoaded:
        def ready(row: HostRow) -> int:
            return ms(max(row.due_at, row.next_at, row.paused_until))

        due = [r for r in self.hosts.values() if r.queued > 0 and ms(command.after) < ready(r) <= ms(command.until)]
        due.sort(key=ready)
        if len(due) >= command.limit:
            last = ready(due[command.limit - 1])
            due = [row for row in due if ready(row) <= last]
        return HostsLoaded(*self._beside(due), complete=len(due) < command.limit)

    def item(self, host: int, key: tuple[int, int, int, bytes]) -> QueueItem | None:
        media = self.queue[key]
        row = (self.media if media else self.urls).get(key[3])
        return row.item(key[1], key[2], media) if row else None

    def load_queue(self, picks: Sequence[Pick], now: float) -> list[HostQueue]:
        found = []
        for pick in picks:
            keys = sorted(key for key in self.queue if key[0] == pick.host_id)
            items: list[QueueItem] = []
            for lane in range(5):
                due = [key for key in keys if key[1] == lane and key[2] <= ms(now)][: pick.limit]
                items += [item for key in due if (item := self.item(pick.host_id, key)) is not None]
            later = [key[2] for key in keys if key[2] > ms(now)]
            found.append(HostQueue(pick.bucket, pick.host_id, items, min(later) / 1000 if later else FAR))
        return found

    def load_items(self, rows: Iterable[QueueRow]) -> list[QueueItem]:
        keys = [(row[1], row[2], ms(row[3]), row[4]) for row in rows]
        return [item for key in keys if key in self.queue and (item := self.item(key[0], key)) is not None]

    def take_permits(self, requests: Sequence[PermitRequest], now: float) -> PermitsTaken:
        granted: set[bytes] = set()
        later: dict[str, float] = {}
        for request in requests:
            group = request.address
            out = sum(1 for (address, _), until in self.permits.items() if address == group and until > now)
            rest = self.rests.get(group, 0.0)
            if out or rest > now:
                later[group] = rest if rest > now else now + 1.0
            else:
                self.permits[group, request.order_id] = request.until
                granted.add(request.order_id)
        return PermitsTaken(frozenset(granted), later)

    def commit(self, t: Transaction) -> Committed:
        self.commits += 1
        for fence in t.fences:
            assert self.epochs[fence.partition] == fence.epoch
            for topic, old, new in (
                (URLS, fence.urls_from, fence.urls_to),
                (OUTCOMES, fence.outcomes_from, fence.outcomes_to),
            ):
                assert self.offsets[topic, fence.partition] == old
                self.offsets[topic, fence.partition] = new
        new_by_host: dict[int, int] = {}
        for table, rows in ((self.urls, t.urls), (self.media, t.media)):
            for row in rows:
                if row[2] in self.urls or row[2] in self.media:
                    if row[2] in self.media:
                        pages = self.media[row[2]].found_on
                        pages.extend(page for page in row[8] if page not in pages and len(pages) < 8)
                    continue
                table[row[2]] = Row(row, found_on=list(row[8]))
                self.queue[row[1], row[10], ms(row[11]), row[2]] = table is self.media
                new_by_host[row[1]] = new_by_host.get(row[1], 0) + 1
                self.counters["state:0"] = self.counters.get("state:0", 0) + 1
        for update in t.updates:
            known = (self.media if update.media else self.urls)[update.url_id]
            known.lost = 0 if update.fetched_at > known.fetched_at else known.lost
            for name in ("state", "tries", "fetched_at", "interval", "etag", "last_modified", "content_key", "why"):
                setattr(known, name, getattr(update, name))
        for _, _, url in t.moved:
            self.media[url] = self.urls.pop(url)
        for lost in t.lost:
            (self.media if lost[5] else self.urls)[lost[4]].lost += 1
        for key in t.dequeue:
            self.queue.pop((key[1], key[2], ms(key[3]), key[4]), None)
        for queued in t.enqueue:
            self.queue[queued[1], queued[2], ms(queued[3]), queued[4]] = queued[5]
        for order in t.ended:
            self.leases.pop(order, None)
        for lease in t.leases:
            assert lease.order_id not in self.leases
            self.leases[lease.order_id] = lease
        self.address_sites.update(t.address_sites)
        for release in t.releases:
            self.permits.pop((release.address, release.order_id), None)
            self.rests[release.address] = max(self.rests.get(release.address, 0.0), release.next_at)
        for origin in t.origins:
            stored = self.origins.get((origin.host_id, origin.https))
            body = origin.body if origin.body is not None else stored.body if stored else b""
            self.origins[origin.host_id, origin.https] = OriginRow(
                origin.bucket, origin.host_id, origin.https, origin.state, body
            )
        for site in t.sites:
            self.sites[site.bucket, site.site] = deepcopy(site)
        for host in t.hosts:
            self.hosts[host.host_id] = deepcopy(host)
        for (_, name), by in t.counters.items():
            self.counters[name] = self.counters.get(name, 0) + by
        return Committed(new_by_host)

    def states(self) -> dict[str, int]:
        """URLs by the name of their state, as rows."""
        names = [UrlState(row.state).name.lower() for table in (self.urls, self.media) for row in table.values()]
        return {name: names.count(name) for name in names}


def spell(command: Command) -> str:
    """A command in a line."""
    match command:
        case LoadHosts(keys=keys):
            return f"load {len(keys)} hosts"
        case LoadDueHosts(until=until, after=after):
            return f"load hosts due after {max(after - NOW, -1):g} by {until - NOW:g}"
        case LoadQueue(picks=picks):
            return "load queues of " + ", ".join(str(pick.limit) for pick in picks)
        case TakePermits(requests=requests):
            return "take permits at " + ", ".join(request.address for request in requests)
        case Commit(transaction=t, messages=messages):
            parts = [
                f"{sign}{name} {len(rows)}"
                for name, sign, rows in (
                    ("urls", "+", t.urls), ("media", "+", t.media), ("leases", "+", t.leases), ("ended", "-", t.ended),
                    ("queue", "-", t.dequeue), ("queue", "+", t.enqueue), ("lost", "+", t.lost), ("moved", "+", t.moved),
                )
                if rows
            ]  # fmt: skip
            sent = [f"after {topic} {type(m).__name__}" for topic, _, m in messages]
            return " ".join(["commit", *parts, *sent])
        case Publish(orders=orders):
            return "publish " + ", ".join(f"{o.kind} {o.host}" for o in orders)
        case Ack(offsets=offsets):
            return "ack " + ", ".join(f"{topic} {offset}" for (topic, _), offset in sorted(offsets.items()))


class Play:
    """One machine over one store. `now` moves only when the test says so."""

    def __init__(
        self,
        settings: Settings = SETTINGS,
        *,
        limit: int | None = None,
        store: Store | None = None,
        void: bool = True,
        now: float = NOW,
        unsent: frozenset[bytes] = frozenset(),
    ) -> None:
        self.store = store or Store()
        self.now = now
        self.machine = Machine(settings, 1, limit)
        self.said: list[str] = []
        self.orders: list[Order] = []
        self.given: set[bytes] = set()
        self.messages: list[tuple[str, int, Message]] = []
        self.next_offset = dict(self.store.offsets)
        leases = list(self.store.leases.values())
        items = [] if void else self.store.load_items(key for lease in leases for key in lease.keys)
        self._run(Claimed(self.store.claim(), leases, void, None, items, unsent))

    def _answer(self, command: Command) -> Event | None:
        match command:
            case LoadHosts():
                return self.store.load_hosts(command)
            case LoadDueHosts():
                return self.store.load_due_hosts(command)
            case LoadQueue(picks=picks, robots=robots):
                files = [o for o in self.store.origins.values() if (o.bucket, o.host_id) in set(robots)]
                return QueueLoaded(self.store.load_queue(picks, self.now), files)
            case TakePermits(requests=requests):
                return self.store.take_permits(requests, self.now)
            case Commit(transaction=transaction, messages=messages):
                self.messages += messages
                return Done(self.store.commit(transaction))
            case Publish(orders=orders):
                self.orders += orders
                return None
            case Ack():
                return None

    def _run(self, event: Event) -> None:
        todo = self.machine.handle(event, self.now)
        while todo:
            command = todo.pop(0)
            self.said.append(spell(command))
            answer = self._answer(command)
            if answer is not None:
                todo.extend(self.machine.handle(answer, self.now))

    def step(
        self, *messages: Message, room: dict[str, int] | None = None, unbegun: Set[bytes] = frozenset()
    ) -> list[Order]:
        """One step with these messages; the orders that it let out. `said` has its commands."""
        self.said, before = [], len(self.orders)
        offsets: dict[tuple[str, int], int] = {}
        records = []
        for message in messages:
            key = (OUTCOMES if isinstance(message, OutcomeBatch) else URLS, 0)
            self.next_offset[key] += 1
            offsets[key] = self.next_offset[key]
            records.append((*key, message))
        self._run(Woken(records, offsets, ROOM if room is None else room, unbegun=unbegun))
        return self.orders[before:]

    def mail(self) -> list[Order]:
        """A step with the messages that the machine sent to its own partition."""
        sent, self.messages = [message for _, _, message in self.messages], []
        return self.step(*sent)

    def wait(self, seconds: float) -> list[Order]:
        """A step so much later."""
        self.now += seconds
        return self.step()

    def settle(self, steps: int = 3) -> list[Order]:
        """Steps until nothing new is let out at this very time."""
        before = len(self.orders)
        for _ in range(steps):
            self.step()
        return self.orders[before:]

    def control(self, *controls: Control) -> None:
        """Operators' words."""
        self._run(ControlsChanged(controls))

    def seed(self, *urls: str) -> list[Order]:
        """Seeds, and the step after their commit."""
        self.step(discovery(urls, purpose=Purpose.SEED, depth=0))
        return self.step()

    # -- the fetcher's part -----------------------------------------------------------------------------------------

    def end(self, order: Order, outcomes: Sequence[Outcome], requests: int | None = None) -> list[Order]:
        """Outcomes with the end mark of their order."""
        return self.step(
            OutcomeBatch(list(outcomes), [self.mark(order, len(outcomes) if requests is None else requests)])
        )

    def mark(self, order: Order, requests: int) -> OrderEnd:
        """An end mark, now."""
        return OrderEnd(order.order_id, order.host, order.address, self.now if requests else 0.0, requests)

    def outcome(self, order: Order, n: int = 0, result: Result = Result.FETCHED, **more: Any) -> Outcome:
        """The outcome of an order's n-th item: took 0.1 s and ended now."""
        status = {Result.FETCHED: 200, Result.REDIRECT: 301, Result.NOT_MODIFIED: 304}.get(result, 0)
        facts: dict[str, Any] = {"status": status, "bytes_read": 100, **more}
        return Outcome(order.order_id, order.items[n].url_id, result, self.now - 0.1, self.now, **facts)

    def resolved(self, order: Order, *addresses: str, ttl: float = 3600.0) -> list[Order]:
        """Addresses were found."""
        assert order.kind is OrderKind.RESOLVE
        found = list(addresses) or ["192.0.2.1"]
        return self.end(order, [self.outcome(order, addresses=found, ttl=ttl, bytes_read=0)], 0)

    def robots(self, order: Order, body: bytes = ALLOW_ALL, **more: Any) -> list[Order]:
        """robots.txt was fetched."""
        assert order.kind is OrderKind.ROBOTS
        return self.end(order, [self.outcome(order, robots_body=body, **more)])

    def fetched(self, order: Order, **more: Any) -> list[Order]:
        """All items were fetched."""
        return self.end(order, [self.outcome(order, n, **more) for n in range(len(order.items))])

    def open(self, *urls: str, address: str = "192.0.2.1", robots: bytes = ALLOW_ALL) -> Order:
        """Seeds of one host up to its first order of pages."""
        self.seed(*urls)
        self.resolved(self.until_order(), address)
        self.robots(self.until_order(), robots)
        order = self.until_order()
        assert order.kind in (OrderKind.PAGES, OrderKind.MEDIA), order.kind
        return order

    def take(self) -> list[Order]:
        """The orders that are out and were not taken before."""
        out = self.machine.shard.out
        new = [order for order in self.orders if order.order_id in out and order.order_id not in self.given]
        self.given |= {order.order_id for order in new}
        return new

    def until_order(self, most: float = 30.0) -> Order:
        """The one order that is out and was not asked for before; time goes by until there is one."""
        until = self.now + most
        while self.now <= until:
            if new := self.take():
                assert len(new) == 1, [(o.kind, o.host) for o in new]
                return new[0]
            self.now += 0.1
            self.step()
        raise AssertionError(
            f"no order within {most} s; hosts: {[h.row for h in self.machine.shard.bench.hosts.values()]}"
        )

    def host(self, name: str) -> HostRow:
        """A host's row in memory."""
        return self.machine.shard.bench.hosts[name].row

    def row(self, url: str) -> Row:
        """A stored URL."""
        key = identity(url)
        return self.store.urls.get(key) or self.store.media[key]


def paths(order: Order) -> list[str]:
    """The URLs of an order without their origin."""
    return ["/" + item.url.split("/", 3)[3] for item in order.items]
