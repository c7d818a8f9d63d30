"""The deciding core of the frontier: (event, now, chance) -> commands. No I/O, no clock, no chance of its own.

A step begins with `Woken` and runs until `Done`; in between the machine may ask for hosts, for what they have due, and for
permits at their addresses. What a step changes is one transaction; orders are published only after it is committed. If
anything fails, the machine is thrown away and a new one starts from the store.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from contracts.crawl import FAR, Fence, HostRow, Lease, OriginRow, Pick, QueueItem, QueueRow, SiteRow, Transaction
from contracts.messages import Control, Discovery, HostMatched, Message, OrderKind, OutcomeBatch, Purpose
from contracts.settings import Settings
from contracts.sites import address_group, bucket_of, site_of
from contracts.topics import LANES, ORDERS_MEDIA, ORDERS_PAGES, OUTCOMES, URLS
from contracts.urls import host_id
from frontier import errands, issue, results, robots
from frontier.admission import admit, committed
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
from frontier.orders import Draft, permit_requests
from frontier.pace import Pace
from frontier.policy import Policy
from frontier.shard import Out, Shard
from frontier.workbench import Host

PAGE_IN: Final = 1_000
"""Hosts loaded from the store at a time."""
HORIZON: Final = 60.0
"""Seconds ahead for which due hosts are held in memory."""
AHEAD: Final = 75.0
"""Seconds ahead for which they are loaded, so that it need not be done in every step."""
PAGE_EVERY: Final = 0.2
"""Seconds between two pages."""
LOOKED_AT: Final = 200
"""Hosts of one step that are sent away since the lane of pages is full, before the step is called full."""
WRITE_SOFT: Final = 1.0
"""Seconds between writes of host rows in which only counts changed."""


class Machine:
    """One shard. `pages_limit` ends a run after so many URLs (None: no limit)."""

    def __init__(self, settings: Settings, partitions: int, pages_limit: int | None = None) -> None:
        self.shard = Shard(settings, Policy(settings), partitions)
        self.shard.pages_left = pages_limit
        self.pace = Pace(settings.caps)
        self._step: Woken | None = None
        self._picks: list[tuple[Host, Pick]] = []
        self._drafts: list[Draft] = []
        self._room: dict[str, int] = {}
        self._orphans: list[Lease] = []
        self._items: dict[bytes, QueueItem] = {}
        self._void = False
        self._suspects: frozenset[bytes] | None = None
        self._wanted: list[str] = []
        self._asked_until: float | None = None
        self._loaded_until = -1.0
        self._paged_at = 0.0
        self._written_at = 0.0
        self.spent = 0
        """URLs issued, as of the last commit."""

    def handle(self, event: Event, now: float, chance: float = 0.0) -> list[Command]:
        """What to do about an event. `chance` in 0..1 spreads retries."""
        match event:
            case Claimed():
                return self._claimed(event, now)
            case Woken():
                return self._woken(event, now, chance)
            case HostsLoaded():
                return self._hosts_loaded(event, now, chance)
            case QueueLoaded():
                return self._queue_loaded(event, now)
            case PermitsTaken():
                return self._permits_taken(event, now)
            case Done():
                return self._done(event, now)
            case ControlsChanged():
                self._controls(event.controls, now)
                return []

    # -- taking over ------------------------------------------------------------------------------------------------

    def _claimed(self, event: Claimed, now: float) -> list[Command]:
        for claim in event.claims:
            self.shard.epochs[claim.partition] = claim.epoch
            self.shard.offsets[URLS, claim.partition] = claim.urls_offset
            self.shard.offsets[OUTCOMES, claim.partition] = claim.outcomes_offset
        keys = sorted({(lease.bucket, lease.host_id) for lease in event.leases})
        self._orphans = list(event.leases)
        self._void, self._suspects, self._unsent = event.void, event.suspects, event.unsent
        self._items = {item.url_id: item for item in event.items}
        return [LoadHosts(keys, [])] if keys else self._page(now)

    def _page(self, now: float) -> list[Command]:
        """Load the next hosts that come due, as far as they are not known to be in memory and there is room for them."""
        bench = self.shard.bench
        if self._loaded_until >= now + HORIZON or now - self._paged_at < PAGE_EVERY or len(bench.hosts) >= bench.limit:
            return []
        self._paged_at, self._asked_until = now, now + AHEAD
        return [LoadDueHosts(now + AHEAD, min(PAGE_IN, bench.limit - len(bench.hosts)), self._loaded_until)]

    def _adopt(self, leases: Sequence[Lease], now: float) -> None:
        """Orders that were out when we took over: lost if their fetcher is gone, waited for if not."""
        for lease in leases:
            host = self.shard.bench.hosts.get(lease.host)
            if host is None:  # it had no row, since it only had another's robots.txt to fetch
                host = self.shard.new_host(lease.host, now)
                self._control(host, now)
            items = {key[4]: self._items.get(key[4]) or _unknown(key) for key in lease.keys}
            out = Out(lease, items, address_group(lease.address) if lease.address else "", adopted=True)
            if self._void or lease.order_id in self._unsent:
                self.shard.issued += len(items)
                results.lose(self.shard, out, now, self._suspects if self._void else frozenset())
            else:
                self.shard.adopt(host, out)

    # -- one step ---------------------------------------------------------------------------------------------------

    def _woken(self, event: Woken, now: float, chance: float) -> list[Command]:
        self._step = event
        self._room = dict(event.room)
        self.shard.rules.parsed = event.parsed
        results.expire(self.shard, now)
        wanted: dict[str, None] = {}
        for _, _, message in event.messages:
            for name in _hosts_of(message):
                if name not in self.shard.bench.hosts:
                    wanted[name] = None
        self._wanted = list(wanted)
        if wanted:
            keys = [(bucket_of(name), host_id(name)) for name in wanted]
            return [LoadHosts(keys, [(bucket_of(name), site_of(name)) for name in wanted])]
        return self._apply(now, chance)

    def _place(
        self, hosts: Sequence[HostRow], origins: Sequence[OriginRow], sites: Sequence[SiteRow], now: float
    ) -> None:
        shard = self.shard
        for site in sites:
            shard.place_site(site)
        placed: dict[int, Host] = {}
        for row in hosts:
            if row.host not in shard.bench.hosts:
                placed[row.host_id] = shard.place(row)
                shard.queued_urls += row.queued
                if self._control(placed[row.host_id], now):
                    shard.bench.schedule(placed[row.host_id])
        for origin in origins:
            if origin.host_id in placed:
                placed[origin.host_id].robots[origin.https] = robots.decode(origin.state)

    def _hosts_loaded(self, event: HostsLoaded, now: float, chance: float) -> list[Command]:
        self._place(event.hosts, event.origins, event.sites, now)
        if self._step is None:
            if self._asked_until is not None:
                last = max((max(row.due_at, row.next_at, row.paused_until) for row in event.hosts), default=0.0)
                self._loaded_until = self._asked_until if event.complete else max(self._loaded_until, last)
                self._asked_until = None
                self._evict()
                return []
            orphans, self._orphans = self._orphans, []
            self._adopt(orphans, now)
            return self._page(now)
        for name in self._wanted:
            if name not in self.shard.bench.hosts:
                self._control(self.shard.new_host(name, now), now)
        return self._apply(now, chance)

    def _apply(self, now: float, chance: float) -> list[Command]:
        assert self._step is not None
        shard = self.shard
        before = shard.totals["bytes"]
        for _, _, message in self._step.messages:
            match message:
                case OutcomeBatch():
                    results.apply(shard, message, now, chance)
                case Discovery(purpose=Purpose.ROBOTS | Purpose.ROBOTS_ANSWER) if message.groups and message.robots:
                    host = shard.bench.hosts[message.groups[0].host]
                    errands.receive(shard, host, message, now)
                    shard.bench.schedule(host)
                case Discovery(purpose=Purpose.LINK | Purpose.SEED | Purpose.REDIRECT | Purpose.RECHECK):
                    admit(shard, message, now)
                case HostMatched():
                    self._matched(shard.bench.hosts[message.host])
                case _:
                    shard.totals["unexpected_messages"] += 1
        self.pace.spent(0, shard.totals["bytes"] - before)
        return self._pick(now) if self._step.last else []

    def _matched(self, host: Host) -> None:
        host.row.matches += 1
        host.site.matches += 1
        self.shard.bench.touch(host)

    def _pick(self, now: float) -> list[Command]:
        shard = self.shard
        room = self._room
        budget = self.pace.allowance(now)
        self._picks, self._drafts = [], []
        away = 0
        for host in shard.bench.ready(now):
            if host.row.host in shard.unsettled:
                continue  # the store does not know yet what came of it; its turn comes with the commit
            full = room.get(ORDERS_PAGES, 0) + room.get(ORDERS_MEDIA, 0) <= len(self._picks)
            if full or away >= LOOKED_AT or budget <= 0 or self.exhausted:
                shard.bench.put_back(host)
                break
            made = issue.pick(host, shard, now, room)
            if isinstance(made, Pick):
                host.asked = True
                self._picks.append((host, made))
                budget -= made.limit
            elif made is not None:
                host.asked = True
                self._drafts.append(made)
            else:
                away += room.get(ORDERS_PAGES, 0) <= 0
                shard.bench.schedule(host)
        if self._picks:
            missing = [host for host, _ in self._picks if errands.rules_missing(shard, host)]
            return [LoadQueue([made for _, made in self._picks], [(h.row.bucket, h.row.host_id) for h in missing])]
        return self._ask(now)

    def _queue_loaded(self, event: QueueLoaded, now: float) -> list[Command]:
        self.shard.rules.parsed = event.parsed
        names = {host.row.host_id: host.row.host for host, _ in self._picks} if event.robots else {}
        for origin in event.robots:
            if origin.body:
                self.shard.rules.put(names[origin.host_id], origin.https, origin.body)
        for (host, made), queue in zip(self._picks, event.queues, strict=True):
            draft = issue.compose(host, queue, made.limit, self.shard, now, self._room)
            host.asked = False
            if draft is None:
                self.shard.bench.schedule(host)
                continue
            host.asked = True
            lane = LANES[draft.order.kind]
            self._room[lane] = self._room.get(lane, 0) - 1
            self._drafts.append(draft)
        self._picks = []
        return self._ask(now)

    def _ask(self, now: float) -> list[Command]:
        requests = permit_requests(self._drafts)
        if requests:
            return [TakePermits(requests)]
        return self._permits_taken(PermitsTaken(frozenset(), {}), now)

    def _permits_taken(self, event: PermitsTaken, now: float) -> list[Command]:
        shard = self.shard
        for draft in self._drafts:
            host = draft.host
            host.asked = False
            if not draft.order.address or draft.order.order_id in event.granted:
                shard.send_out(host, draft.order, draft.out)
                if draft.order.kind is not OrderKind.RESOLVE:
                    self.pace.spent(len(draft.order.items), 0)
                continue
            until = event.later.get(draft.group, now + 0.5)
            shard.blocked[draft.group] = until
            shard.wait_for(draft.group, host, until, now)
            shard.issued -= len(draft.out.items)
            host.row.due_at = min(host.row.due_at, now)
            if draft.out.errand is not None:
                host.errands.appendleft(draft.out.errand)
            shard.bench.schedule(host)
        self._drafts = []
        return self._commit(now)

    def _commit(self, now: float) -> list[Command]:
        assert self._step is not None
        shard = self.shard
        tx = shard.tx
        soft = now - self._written_at >= WRITE_SOFT
        hosts = shard.bench.written(all_of_them=soft)
        if soft:
            self._written_at = now
        for host in hosts:
            row = host.row
            if host.traps.changed:
                row.traps = host.traps.to_bytes()
            # Counts may be a second old after a crash. Only an empty queue ends a host's turns.
            if row.queued < (least := 1 if row.due_at < FAR else 0):
                shard.queued_urls += least - row.queued
                row.queued = least
        tx.hosts = [host.row for host in hosts]
        tx.sites = list({id(host.site): host.site for host in hosts}.values())
        offsets = self._step.offsets
        if not (offsets or hosts or tx.leases or tx.ended or tx.dequeue or tx.counters or shard.messages):
            self._step = None
            return self._page(now)
        touched = {partition for _, partition in offsets} | {lease.partition for lease in tx.leases}
        touched |= {shard.partition(row.bucket) for row in tx.hosts} | {partition for partition, _ in tx.counters}
        touched |= {shard.partition(key[0]) for key in tx.dequeue}
        tx.fences = [self._fence(partition, offsets) for partition in sorted(touched)]
        return [Commit(tx)]

    def _fence(self, partition: int, offsets: Mapping[tuple[str, int], int]) -> Fence:
        old_urls, old_outcomes = self.shard.offsets[URLS, partition], self.shard.offsets[OUTCOMES, partition]
        urls = offsets.get((URLS, partition), old_urls)
        outcomes = offsets.get((OUTCOMES, partition), old_outcomes)
        self.shard.offsets[URLS, partition], self.shard.offsets[OUTCOMES, partition] = urls, outcomes
        return Fence(partition, self.shard.epochs[partition], old_urls, urls, old_outcomes, outcomes)

    def _done(self, event: Done, now: float) -> list[Command]:
        assert self._step is not None
        shard = self.shard
        committed(shard, event.committed.new_by_host)
        self.spent = shard.issued
        for host in shard.unsettled.values():
            shard.bench.schedule(host)
        shard.unsettled = {}
        commands: list[Command] = []
        if shard.orders or shard.messages:
            commands.append(Publish(shard.orders, shard.messages))
        if self._step.offsets:
            commands.append(Ack(self._step.offsets))
        shard.tx, shard.orders, shard.messages, self._step = Transaction(), [], [], None
        self._evict()
        return commands + self._page(now)

    def _evict(self) -> None:
        """Forget hosts that do not fit, and from when on others have to be loaded again."""
        for host in self.shard.bench.evict():
            self.shard.queued_urls -= host.row.queued
            self._loaded_until = min(self._loaded_until, host.stored_ready_at - 0.002)

    # -- operators' words -------------------------------------------------------------------------------------------

    def _controls(self, controls: Sequence[Control], now: float) -> None:
        self.shard.policy.control(controls)
        if any(control.verb in ("pause", "resume") for control in controls):
            self._loaded_until = -1.0  # hosts that were not due may be so now
        for host in list(self.shard.bench.hosts.values()):
            if self._control(host, now):
                self.shard.bench.touch(host)
                self.shard.bench.schedule(host)

    def _control(self, host: Host, now: float) -> bool:
        """Apply what operators said about a host; True if that changed anything."""
        word = self.shard.policy.word_on(host.row.host, now)
        row = host.row
        new = (word.paused_until, word.paused_why, word.delay)
        if new == (row.paused_until, row.paused_why, row.delay) and host.hold == 0.0:
            return False
        row.paused_until, row.paused_why, row.delay = new
        host.hold = 0.0
        return True

    # -- questions --------------------------------------------------------------------------------------------------

    @property
    def exhausted(self) -> bool:
        """Whether the run's limit of URLs is reached."""
        return self.shard.pages_left is not None and self.shard.issued >= self.shard.pages_left

    def next_at(self, now: float) -> float:
        """When to wake without a message: a host's turn, a deadline, or a cap that lets go."""
        lost = self.shard.deadlines[0][0] + 5.0 if self.shard.deadlines else FAR
        turn = FAR if self.exhausted else self.shard.bench.next_at()
        if turn <= now:
            turn = max(now, self.pace.free_at(now))
        return min(turn, lost)

    def idle(self, now: float) -> bool:
        """Nothing is out, nothing is under way, and no host is due within the horizon."""
        if self.shard.out or self._step is not None:
            return False
        return self.exhausted or (
            self._loaded_until >= now + HORIZON - 5.0 and self.shard.bench.next_at() > now + HORIZON
        )


def _unknown(key: QueueRow) -> QueueItem:
    """A URL of which only its place in the queue is known: enough for an order that is lost anyway."""
    _, _, lane, due_at, url_id, media = key
    return QueueItem(lane, due_at, url_id, media, True, "/", 0, 0, 0, 0, 0, 0.0, 0.0, "", "", b"", [])


def _hosts_of(message: Message) -> list[str]:
    """Hosts that must be in memory before a message is applied."""
    match message:
        case OutcomeBatch():
            return [group.host for outcome in message.outcomes for found in outcome.links for group in found.groups]
        case Discovery():
            return [group.host for group in message.groups]
        case HostMatched():
            return [message.host]
        case _:
            return []
