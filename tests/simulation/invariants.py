"""What must hold in every run, judged from outside: by the requests that servers saw, and by what was written.

Clocks differ by up to twice the allowed skew. That is allowed for in the deadlines of orders, whose times are those of their
shard; not in the delay between two requests to a host, which is a promise to others (design, rule 2).
"""

from typing import TYPE_CHECKING, Final

from contracts.crawl import Lease, Transaction, UrlState
from contracts.messages import OrderKind
from contracts.refusals import Refusal
from contracts.urls import address_group, parse, url_id
from tests.simulation.loop import Process
from tests.simulation.web import ROBOTS, Exchange

if TYPE_CHECKING:
    from tests.simulation.world import World

MEDIA: Final = (OrderKind.MEDIA, OrderKind.RECHECKS)
"""Orders of which several may be out at a host of media."""
MILLI: Final = 0.002
"""Seconds by which stored times are rounded."""


class Judge:
    """Watches one run."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.broken: list[str] = []
        self.processes: dict[str, Process] = {}
        self.leases: dict[bytes, tuple[Lease, Process]] = {}
        self.ended: set[bytes] = set()
        self.lost: dict[bytes, int] = {}
        self.settled_until: dict[bytes, float] = {}

    def born(self, process: Process) -> None:
        """A process that may write."""
        self.processes[process.name] = process

    def _broken(self, what: str) -> None:
        self.broken.append(f"at {self.world.scheduler.time():.3f}: {what}")

    # -- what is written --------------------------------------------------------------------------------------------

    def committed(self, t: Transaction, owner: str) -> None:
        """A transaction that is about to be applied."""
        tables, process = self.world.tables, self.processes[owner]
        for fence in t.fences:
            row = tables.partitions[fence.partition]
            if row.owner not in (owner, "") or row.epoch != fence.epoch:
                self._broken(f"{owner} wrote to partition {fence.partition}, which {row.owner} holds")
        for order_id in t.ended:
            if order_id in self.ended or order_id not in self.leases:
                self._broken(f"order {order_id.hex()[:8]} ended twice, or never began")
            self.ended.add(order_id)
        for row_of_lost in t.lost:
            self.lost[row_of_lost[4]] = self.lost.get(row_of_lost[4], 0) + 1
            self.settled_until.pop(row_of_lost[4], None)
        for update in t.updates:
            if update.state is not UrlState.QUEUED:
                if self.settled_until.get(update.url_id, 0.0) > update.fetched_at > 0.0:
                    known = (tables.media if update.media else tables.urls).get(
                        (update.bucket, update.host_id, update.url_id)
                    )
                    self._broken(f"{update} was settled twice: {known}")
                self.settled_until[update.url_id] = update.fetched_at + update.interval
        for lease in t.leases:
            self.leases[lease.order_id] = (lease, process)
            others = [one for one in tables.leases.values() if one.host == lease.host and one.order_id not in t.ended]
            if len(others) >= (self._most(lease.host) if lease.kind in MEDIA else 1):
                self._broken(f"{len(others) + 1} orders are out at {lease.host}")

    # -- what servers saw -------------------------------------------------------------------------------------------

    def _requests(self) -> None:
        exchanges = sorted(self.world.web.exchanges, key=lambda one: one.start)
        lately: dict[str, list[Exchange]] = {}
        for one in exchanges:
            self._request(one)
            before = lately.setdefault(one.order.host, [])
            for other in before:
                if not self._may_meet(one, other):
                    self._apart(other, one)
            lately[one.order.host] = [*before[-7:], one]
        self._addresses(exchanges)

    def _may_meet(self, one: Exchange, other: Exchange) -> bool:
        """Whether policy lets several orders be out at this host, and these are two of them."""
        either = one.order.kind in MEDIA or other.order.kind in MEDIA
        return either and one.order.order_id != other.order.order_id and self._most(one.order.host) > 1

    def _most(self, host: str) -> int:
        politeness = self.world.scenario.settings.politeness
        return politeness.media_orders if host in politeness.media_hosts else 1

    def _apart(self, before: Exchange, one: Exchange) -> None:
        """The second of two requests to a host waits for its delay from the end of the first."""
        gap = one.start - self._end(before)
        if gap < self._delay(one.order.host, before, one) - MILLI:
            self._broken(
                f"{one.url} was requested at {one.start:.3f} by {one.process.name}, {gap:.3f} s after {before.url} by"
                f" {before.process.name} had ended"
            )

    def _end(self, one: Exchange) -> float:
        """When a request was over. A stopped process cannot close its socket at the deadline: what hangs there is in the kernel."""
        closes = one.order.deadline - one.process.skew - self.world.scheduler.epoch
        return max(one.start, min(one.until, closes))

    def _delay(self, host: str, before: Exchange, one: Exchange) -> float:
        site = self.world.web.sites[host]
        asked = site.crawl_delay if not (before.url.endswith(ROBOTS) or one.url.endswith(ROBOTS)) else 0.0
        return max(self.world.scenario.settings.politeness.delay, asked)

    def _request(self, one: Exchange) -> None:
        order, name = one.order, one.process.name
        lease, shard = self.leases.get(order.order_id, (None, None))
        said = f"{name} requested {one.url} at {one.start:.3f} for order {order.order_id.hex()[:8]}"
        if lease is None or shard is None:
            self._broken(f"{said}, which was never committed")
            return
        if one.process.name not in self.world.broker.taken_by(order.order_id):
            self._broken(f"{said}, whose offset it could not commit")
        deadline = order.deadline - self.world.scheduler.epoch
        if one.start > deadline - one.process.skew + MILLI:
            self._broken(f"{said}, after its deadline {deadline:.3f}")
        group = address_group(order.address)
        if not any(address_group(address) == group for address in self.world.web.sites[order.host].addresses):
            self._broken(f"{said} at {order.address}, which is not its address")

    def _addresses(self, exchanges: list[Exchange]) -> None:
        """At each address no more requests at a time than its permits."""
        settings = self.world.scenario.settings.politeness
        sites: dict[str, set[str]] = {}
        for site in self.world.scenario.sites:
            for address in site.addresses:
                sites.setdefault(address, set()).add(site.host.partition(".")[2])
        open_at: dict[str, list[Exchange]] = {}
        for one in exchanges:
            address = one.order.address
            now = [other for other in open_at.get(address, []) if self._end(other) > one.start]
            now.append(one)
            open_at[address] = now
            most = max(
                -(-len(sites[address]) // settings.address_sites), *(self._most(other.order.host) for other in now)
            )
            if len(now) > most:
                self._broken(f"{len(now)} requests at a time at {address}, at most {most}: {[one.url for one in now]}")

    # -- the end ----------------------------------------------------------------------------------------------------

    def verdict(self) -> list[str]:
        """All that was broken."""
        world = self.world
        for name, error in world.scheduler.errors:
            self._broken(f"{name} failed: {error!r}")
        self._requests()
        self.broken += world.asker.broken()
        if not self.broken:
            if not world.settled:
                self._broken(f"not settled: {self._left()}")
            else:
                self._nothing_lost()
                self._nothing_left()
                self._counts()
        return self.broken

    def _left(self) -> str:
        tables = self.world.tables
        rows = [
            url.path for table in (tables.urls, tables.media) for url in table.values() if url.state == UrlState.QUEUED
        ]
        return (
            f"{len(rows)} URLs queued ({rows[:5]}), {len(tables.leases)} orders out,"
            f" {len(self.lacking())} seeds not taken, re-checks without an answer: {[*self.world.asker.waiting.values()]}"
        )

    def lacking(self) -> list[str]:
        """Seeds that are not known."""
        tables = self.world.tables
        known = {key[2] for table in (tables.urls, tables.media) for key in table}
        return [seed for seed in self.world.scenario.seeds if url_id(seed) not in known]

    def _nothing_lost(self) -> None:
        """Every seed is known, and whatever a fetched page links or a redirect names; poison was really lost."""
        tables, web = self.world.tables, self.world.web
        known = {key[2] for table in (tables.urls, tables.media) for key in table}
        for table in (tables.urls, tables.media):
            for (bucket, host, identity), row in table.items():
                name = tables.hosts[bucket, host].host
                url = f"http{'s' * row.https}://{name}{row.path}"
                if row.state in (UrlState.FETCHED, UrlState.REDIRECT) and not url.endswith(ROBOTS):
                    page = web.page(url)
                    for link in [*page.links, *page.pictures, *([page.redirect] if page.redirect else [])]:
                        target = parse(link, url)
                        assert not isinstance(target, Refusal)
                        if url_id(target.text) not in known:
                            self._broken(f"{url} was fetched, but {target.text} that it leads to is lost")
                if row.state == UrlState.REFUSED and row.why.startswith("poison") and self.lost.get(identity, 0) < 3:
                    self._broken(f"{url} is called poison, but was lost {self.lost.get(identity, 0)} times")

    def _nothing_left(self) -> None:
        """The machines remember nothing of what is over."""
        for one in self.world.frontiers:
            machine = one.frontier.machine
            if machine is None:
                continue
            shard = machine.shard
            held = {
                "out": shard.out, "unsettled": shard.unsettled, "address_waiters": shard.address_waiters,
                "deadlines": shard.deadlines, "orders": shard.orders, "messages": shard.messages,
                "candidates": shard.candidates, "errands": [h for h in shard.bench.hosts.values() if h.errands],
                "robots_wait": [h for h in shard.bench.hosts.values() if h.robots_wait],
                "rechecks": [h for h in shard.bench.hosts.values() if h.rechecks] or shard.rechecks,
                "asked": [h for h in shard.bench.hosts.values() if h.asked or h.orders],
            }  # fmt: skip
            for name, what in held.items():
                if what:
                    self._broken(f"{one.process.name} still holds {name}: {what!r:.200}")
        for fetcher in self.world.fetchers:
            if fetcher.fetcher.out or fetcher.fetcher.items.held:
                self._broken(f"{fetcher.process.name} still has something in hand")

    def _counts(self) -> None:
        """Counters and hosts tell what is there."""
        tables = self.world.tables
        for state in UrlState:
            rows = sum(url.state == state for table in (tables.urls, tables.media) for url in table.values())
            told = sum(value for (_, name), value in tables.counters.items() if name == f"state:{int(state)}")
            if rows != told:
                self._broken(f"counters tell of {told} URLs in state {state.name}, and there are {rows}")
        queued: dict[bytes, int] = {}
        for key, rows_of_host in tables.queue.items():
            for row in rows_of_host:
                queued[row[2]] = queued.get(row[2], 0) + 1
            host = tables.hosts.get(key)
            if rows_of_host and (host is None or host.queued <= 0):
                self._broken(f"host {key} has URLs queued and does not know")
        for identity, times in queued.items():
            if times > 1:
                self._broken(f"{identity.hex()[:8]} is queued {times} times")
