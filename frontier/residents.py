"""The hosts that a shard holds in memory: loaded as they come due, adopted with the orders they have out, forgotten for want of room."""

from collections.abc import Iterable, Sequence
from typing import Final

from contracts.crawl import FAR, HostRow, OriginRow, QueueItem, QueueRow, SiteRow
from contracts.notes import Control
from contracts.sites import address_group
from frontier import results, robots
from frontier.events import Claimed, Command, HostsLoaded, LoadDueHosts
from frontier.orders import delay_of
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


class Residents:
    """Which hosts of the store are on the shard's workbench, and from when on the others have to be loaded."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self._asked: LoadDueHosts | None = None
        self._loaded_until: dict[int, float] = {}
        self._ours_since: dict[int, float] = {}
        self._paged_at = 0.0

    def begin(self, partitions: Iterable[int], now: float) -> None:
        """Partitions that are ours from now on, of which nothing is in memory."""
        for partition in partitions:
            self._loaded_until[partition] = -1.0
            self._ours_since[partition] = now

    def end(self, partitions: frozenset[int]) -> None:
        """Partitions that are not ours any more: forget them with all their hosts."""
        for partition in partitions:
            del self._loaded_until[partition], self._ours_since[partition]
        self.shard.forget(partitions)

    def page(self, now: float) -> list[Command]:
        """Load the next hosts that come due, as far as they are not known to be in memory and there is room for them: of the
        partitions of which least is loaded."""
        bench = self.shard.bench
        least = min(self._loaded_until.values(), default=FAR)
        if least >= now + HORIZON or now - self._paged_at < PAGE_EVERY or len(bench.hosts) >= bench.limit:
            return []
        these = sorted(partition for partition, until in self._loaded_until.items() if until == least)
        self._paged_at = now
        self._asked = LoadDueHosts(these, now + AHEAD, min(PAGE_IN, bench.limit - len(bench.hosts)), least)
        return [self._asked]

    def paged(self, event: HostsLoaded) -> bool:
        """Whether these hosts, by now in memory, are the answer to `page`."""
        asked, self._asked = self._asked, None
        if asked is None:
            return False
        last = max((max(row.due_at, row.next_at, row.paused_until) for row in event.hosts), default=0.0)
        for partition in asked.partitions:
            self._loaded_until[partition] = asked.until if event.complete else max(asked.after, last)
        self.evict()
        return True

    def covers(self, until: float) -> bool:
        """Whether every host that is due by then is in memory."""
        return min(self._loaded_until.values(), default=FAR) >= until

    def place(
        self, hosts: Sequence[HostRow], origins: Sequence[OriginRow], sites: Sequence[SiteRow], now: float
    ) -> None:
        """Put stored hosts on the workbench, with their sites and robots.txt; those that are there stay as they are."""
        shard = self.shard
        for site in sites:
            shard.place_site(site)
        placed: dict[int, Host] = {}
        for row in hosts:
            if row.host not in shard.bench.hosts:
                placed[row.host_id] = shard.place(row)
                placed[row.host_id].stored()
                self._leave_alone(placed[row.host_id])
                shard.queued_urls += row.queued
                if self._control(placed[row.host_id], now):
                    shard.bench.schedule(placed[row.host_id])
        for origin in origins:
            if origin.host_id in placed:
                placed[origin.host_id].robots[origin.https] = robots.decode(origin.state)

    def _leave_alone(self, host: Host) -> None:
        """Whoever had the host before wrote its next turn by another clock: it is left alone for its delay from when it became
        ours, since all that ended before ended before that."""
        since = self._ours_since.get(self.shard.partition(host.row.bucket), -1.0)
        if self.shard.settings.kafka.bootstrap and since > 0.0:
            host.quiet_until = since + delay_of(self.shard, host)
            self.shard.bench.schedule(host)

    def know(self, names: Sequence[str], now: float) -> None:
        """Hosts that the store does not know either."""
        for name in names:
            if name not in self.shard.bench.hosts:
                self._control(self.shard.new_host(name, now), now)

    def adopt(self, taken: Claimed, now: float) -> None:
        """Orders that were out when we took over: lost if their fetcher is gone or they were never sent, waited for if not."""
        known = {item.url_id: item for item in taken.items}
        for lease in taken.leases:
            host = self.shard.bench.hosts.get(lease.host)
            if host is None:  # it had no row, since it only had another's robots.txt to fetch
                host = self.shard.new_host(lease.host, now)
                self._control(host, now)
            # What is not queued there any more was settled before we took over: another outcome of it is a duplicate.
            items = {key[4]: known.get(key[4]) or _unknown(key) for key in lease.keys if taken.void or key[4] in known}
            out = Out(lease, items, address_group(lease.address) if lease.address else "", adopted=True)
            if taken.void or lease.order_id in taken.unsent:
                self.shard.issued += len(items)
                results.lose(self.shard, out, now, taken.suspects if taken.void else frozenset())
            else:
                self.shard.adopt(host, out)

    def evict(self) -> None:
        """Forget hosts that do not fit, and from when on others have to be loaded again."""
        for host in self.shard.bench.evict():
            self.shard.queued_urls -= host.row.queued
            self.shard.stop_waiting(host)
            partition = self.shard.partition(host.row.bucket)
            self._loaded_until[partition] = min(self._loaded_until[partition], host.stored_ready_at - 0.002)

    def hear(self, controls: Sequence[Control], now: float) -> None:
        """Operators' words."""
        self.shard.policy.control(controls)
        if any(control.verb in ("pause", "resume") for control in controls):
            self._loaded_until = dict.fromkeys(self._loaded_until, -1.0)  # hosts that were not due may be so now
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


def _unknown(key: QueueRow) -> QueueItem:
    """A URL of which only its place in the queue is known: enough for an order that is lost anyway."""
    _, _, lane, due_at, url_id, media = key
    return QueueItem(lane, due_at, url_id, media, True, "/", 0, 0, 0, 0, 0, 0.0, 0.0, "", "", b"", [])
