"""The deciding core of the frontier: (event, now, chance) -> commands. No I/O, no clock, no chance of its own.

A step begins with `Woken` and runs until `Done`; in between the machine may ask for hosts, for what they have due, and for
permits at their addresses. What a step changes is one transaction; orders are published only after it is committed. If
anything fails, the machine is thrown away and a new one starts from the store.
"""

from typing import Final

from contracts.crawl import FAR, Pick, Transaction
from contracts.messages import Discovery, HostMatched, OrderKind, OutcomeBatch, Purpose
from contracts.settings import Settings
from contracts.sites import bucket_of, site_of
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS, OUTCOMES, URLS, lane_of
from contracts.urls import host_id
from frontier import errands, issue, rechecks, results
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
    LoadHosts,
    LoadQueue,
    PermitsTaken,
    Publish,
    QueueLoaded,
    Released,
    TakePermits,
    Woken,
)
from frontier.intake import hosts_of
from frontier.orders import Draft, permit_requests
from frontier.pace import Pace
from frontier.policy import Policy
from frontier.residents import HORIZON, Residents
from frontier.shard import Shard
from frontier.workbench import Host

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
        self.residents = Residents(self.shard)
        self._step: Woken | None = None
        self._picks: list[tuple[Host, Pick]] = []
        self._drafts: list[Draft] = []
        self._room: dict[str, int] = {}
        self._taken: Claimed | None = None
        self._wanted: list[str] = []
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
            case Released():
                self.residents.end(event.partitions)
                return []
            case HostsLoaded():
                return self._hosts_loaded(event, now, chance)
            case QueueLoaded():
                return self._queue_loaded(event, now)
            case PermitsTaken():
                return self._permits_taken(event, now)
            case Done():
                return self._done(event, now)
            case ControlsChanged():
                self.residents.hear(event.controls, now)
                return []

    # -- taking over ------------------------------------------------------------------------------------------------

    def _claimed(self, event: Claimed, now: float) -> list[Command]:
        for claim in event.claims:
            self.shard.epochs[claim.partition] = claim.epoch
            self.shard.offsets[URLS, claim.partition] = claim.urls_offset
            self.shard.offsets[OUTCOMES, claim.partition] = claim.outcomes_offset
        self.residents.begin([claim.partition for claim in event.claims], now)
        keys = sorted({(lease.bucket, lease.host_id) for lease in event.leases})
        if not keys:
            return self.residents.page(now)
        self._taken = event
        return [LoadHosts(keys, [])]

    # -- one step ---------------------------------------------------------------------------------------------------

    def _woken(self, event: Woken, now: float, chance: float) -> list[Command]:
        self._step = event
        self._room = dict(event.room)
        self.shard.rules.parsed = event.parsed
        results.expire(self.shard, now, event.unbegun)
        wanted: dict[str, None] = {}
        for _, _, message in (*event.messages, *event.ahead):
            for name in hosts_of(message):
                if name not in self.shard.bench.hosts:
                    wanted[name] = None
        self._wanted = list(wanted)
        if wanted:
            keys = [(bucket_of(name), host_id(name)) for name in wanted]
            return [LoadHosts(keys, [(bucket_of(name), site_of(name)) for name in wanted])]
        return self._apply(now, chance)

    def _hosts_loaded(self, event: HostsLoaded, now: float, chance: float) -> list[Command]:
        self.residents.place(event.hosts, event.origins, event.sites, now)
        if self._step is not None:
            self.residents.know(self._wanted, now)
            return self._apply(now, chance)
        if self.residents.paged(event):
            return []
        if self._taken is not None:
            self.residents.adopt(self._taken, now)
            self._taken = None
        return self.residents.page(now)

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
                case Discovery(purpose=Purpose.LINK | Purpose.SEED | Purpose.REDIRECT):
                    admit(shard, message, now)
                case Discovery(purpose=Purpose.RECHECK):
                    rechecks.receive(shard, message, now)
                case HostMatched():
                    shard.matched(message.host)
                case _:
                    shard.totals["unexpected_messages"] += 1
        self.pace.spent(0, shard.totals["bytes"] - before)
        return self._pick(now) if self._step.last else []

    def _pick(self, now: float) -> list[Command]:
        shard = self.shard
        room = self._room
        budget = self.pace.allowance(now)
        self._picks, self._drafts = [], []
        away = 0
        for host in shard.bench.ready(now, lambda: room.get(ORDERS_RECHECKS, 0) > 0):
            if host.row.host in shard.unsettled:
                continue  # the store does not know yet what came of it; its turn comes with the commit
            full = room.get(ORDERS_PAGES, 0) + room.get(ORDERS_MEDIA, 0) <= len(self._picks)
            if budget <= 0 or (not host.rechecks and (full or away >= LOOKED_AT or self.exhausted)):
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
                budget -= len(made.out.rechecks)
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
            lane = lane_of(draft.order)
            self._room[lane] = self._room.get(lane, 0) - 1
            self._drafts.append(draft)
        self._picks = []
        return self._ask(now)

    def _ask(self, now: float) -> list[Command]:
        if requests := permit_requests(self._drafts):
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
            rechecks.put_back(shard, host, draft.out, denied=True)
            if draft.order.kind is not OrderKind.RECHECKS:
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
        soft = self._step.flush or now - self._written_at >= WRITE_SOFT
        hosts = shard.bench.written(all_of_them=soft)
        if soft:
            self._written_at = now
        for host in hosts:
            row = host.row
            if host.traps.changed:
                row.traps = host.traps.to_bytes()
            # Counts may be a second old after a crash; only an empty queue ends a host's turns.
            if row.queued < (least := 1 if row.due_at < FAR else 0):
                shard.queued_urls += least - row.queued
                row.queued = least
        tx.at, tx.hosts = now, [host.row for host in hosts]
        tx.sites = list({id(host.site): host.site for host in hosts}.values())
        offsets = self._step.offsets
        if not (offsets or hosts or tx.leases or tx.ended or tx.dequeue or tx.counters or shard.messages):
            self._step = None
            return self.residents.page(now)
        touched = {partition for _, partition in offsets} | {lease.partition for lease in tx.leases}
        touched |= {shard.partition(row.bucket) for row in tx.hosts} | {partition for partition, _ in tx.counters}
        touched |= {shard.partition(key[0]) for key in tx.dequeue}
        tx.fences = [shard.fence(partition, offsets) for partition in sorted(touched)]
        return [Commit(tx, shard.messages)]

    def _done(self, event: Done, now: float) -> list[Command]:
        assert self._step is not None
        shard = self.shard
        committed(shard, event.committed.new_by_host)
        self.spent = shard.issued
        for host in shard.unsettled.values():
            shard.bench.schedule(host)
        shard.unsettled = {}
        commands: list[Command] = []
        if shard.orders:
            commands.append(Publish(shard.orders))
        if self._step.offsets:
            commands.append(Ack(self._step.offsets))
        shard.tx, shard.orders, shard.messages, self._step = Transaction(), [], [], None
        self.residents.evict()
        return commands + self.residents.page(now)

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
            self.residents.covers(now + HORIZON - 5.0) and self.shard.bench.next_at() > now + HORIZON
        )
