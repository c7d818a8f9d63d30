"""The hosts in memory and the order in which their turns come: a heap by time, then by priority with age.

A host is on the workbench once; its entry in a heap is void when its `turn` has moved on. Nothing here grows with the number of
a host's URLs.
"""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Final

from msgspec import Struct

from contracts.crawl import FAR, HostRow, Lane, SiteRow
from contracts.errands import RecheckErrand
from contracts.messages import Discovery
from contracts.refusals import Refusal
from frontier.robots import RobotsState
from frontier.traps import HostTraps

HEAD_START: Final = {
    Lane.SEEDS: 300.0,
    Lane.NEAR_MATCH: 120.0,
    Lane.MATCHED_SITE: 60.0,
    Lane.FRESH_HOST: 30.0,
    Lane.REST: 0.0,
}
"""Seconds by which a host's best lane goes before a host of the lowest lane that was ready at the same time. Whoever
waits longer than that goes first all the same, so that no host starves."""


VOID_SHARE: Final = 4
VOID_LEAST: Final = 1_000
"""Entries a host, and entries at least, above which void ones are thrown out before their time: a host that backs off for
hours while links to it are found has a new entry with each step."""


class Asked(Struct):
    """A re-check that waits for its host's turn, or is out. `lost`: orders with it that never came back; `free_at` is from when on
    politeness allowed it (0.0: not known before it is issued)."""

    path: str
    url_id: bytes
    https: bool
    errand: RecheckErrand
    lost: int = 0
    free_at: float = 0.0


class Host:
    """A host in memory: its row, and what is only known while this process serves it."""

    __slots__ = (
        "asked",
        "behind",
        "denied_until",
        "errands",
        "hold",
        "most",
        "orders",
        "quiet_until",
        "rechecks",
        "refusal",
        "robots",
        "robots_lost",
        "robots_wait",
        "row",
        "since",
        "site",
        "stored_at",
        "traps",
        "turn",
        "waits_at",
    )

    def __init__(self, row: HostRow, site: SiteRow, traps: HostTraps) -> None:
        self.row = row
        self.site = site
        self.traps = traps
        self.robots: dict[bool, RobotsState] = {}
        self.robots_wait: dict[bool, float] = {}
        self.robots_lost: dict[bool, int] = {}
        self.orders: set[bytes] = set()
        self.most = 1
        self.errands: deque[Discovery] = deque()
        self.rechecks: dict[bytes, Asked] = {}
        self.turn = 0
        self.asked = False
        self.hold = 0.0
        self.since = 0.0
        self.waits_at = ""
        self.stored_at = FAR
        self.quiet_until = 0.0
        self.denied_until = 0.0
        self.behind = 0.0
        self.refusal: Refusal | None = None

    @property
    def ready_at(self) -> float:
        """When an order could be issued: FAR if nothing is queued, or as many are out as may be."""
        if self.asked or len(self.orders) >= (1 if self.row.errors else self.most):
            return FAR
        wanted = 0.0 if self.errands or self.rechecks else self.row.due_at
        return max(wanted, self.row.next_at, self.row.paused_until, self.hold, self.quiet_until)

    @property
    def row_ready_at(self) -> float:
        """When its turn comes by its row: errands and holds are only known here."""
        return max(self.row.due_at, self.row.next_at, self.row.paused_until)

    @property
    def stored_ready_at(self) -> float:
        """When its turn comes at the earliest by what is stored: not all that its row says by now was written."""
        return min(self.stored_at, self.row_ready_at)

    def stored(self) -> None:
        """The row is as the store has it, or will have it with this transaction."""
        self.stored_at = self.row_ready_at


class Workbench:
    """All hosts in memory, at most about `limit`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._turn = 0
        self.hosts: dict[str, Host] = {}
        self.sites: dict[tuple[int, str], SiteRow] = {}
        self.dirty: dict[str, Host] = {}
        self.soft: dict[str, Host] = {}
        self._waiting: list[tuple[float, int, str]] = []
        self._ready: list[tuple[float, int, str]] = []
        self._first: list[tuple[float, int, str]] = []

    def add(self, host: Host) -> None:
        """Put a host on the workbench."""
        self.hosts[host.row.host] = host
        self.schedule(host)

    def remove(self, host: Host) -> None:
        """Take a host off the workbench; its entries in the heaps are void."""
        name = host.row.host
        del self.hosts[name]
        self.dirty.pop(name, None)
        self.soft.pop(name, None)

    def site(self, bucket: int, site: str) -> SiteRow:
        """The one row of a site that all its hosts share."""
        return self.sites.setdefault((bucket, site), SiteRow(bucket, site))

    def schedule(self, host: Host) -> None:
        """Enter the host's next turn; any earlier entry is void."""
        self._turn += 1  # never given twice, or else entries of a host that was forgotten would count again
        host.turn = self._turn
        at = host.ready_at
        if at < FAR:
            heappush(self._waiting, (at, host.turn, host.row.host))
            if len(self._waiting) > VOID_SHARE * len(self.hosts) + VOID_LEAST:
                self._waiting = [entry for entry in self._waiting if self._current(entry[1], entry[2])]
                heapify(self._waiting)

    def touch(self, host: Host, *, soft: bool = False) -> None:
        """Note that the host's row must be written: with this transaction, or `soft`, with one of the next second."""
        (self.soft if soft else self.dirty)[host.row.host] = host

    def written(self, *, all_of_them: bool) -> list[Host]:
        """The hosts to write now."""
        if all_of_them:
            self.dirty.update(self.soft)
            self.soft = {}
        hosts = list(self.dirty.values())
        for host in hosts:
            self.soft.pop(host.row.host, None)
            host.stored()
        self.dirty = {}
        return hosts

    def _current(self, turn: int, name: str) -> Host | None:
        host = self.hosts.get(name)
        return host if host is not None and host.turn == turn else None

    def ready(self, now: float, first: Callable[[], bool] = lambda: True) -> Iterator[Host]:
        """Hosts whose turn it is, best first. Each one taken must be scheduled again by the caller.

        Those with re-checks go before all others, for as long as `first` says that there is room for them.
        """
        while self._waiting and self._waiting[0][0] <= now:
            at, turn, name = heappop(self._waiting)
            if host := self._current(turn, name):
                heappush(self._first if host.rechecks else self._ready, (self._rank(host, at), turn, name))
        while self._first and first():
            _, turn, name = heappop(self._first)
            if host := self._current(turn, name):
                yield host
        while self._ready:
            _, turn, name = heappop(self._ready)
            if host := self._current(turn, name):
                yield host

    def put_back(self, host: Host) -> None:
        """A host taken from `ready` that could not be served now keeps its place."""
        entry = (self._rank(host, host.ready_at), host.turn, host.row.host)
        heappush(self._first if host.rechecks else self._ready, entry)

    def _rank(self, host: Host, at: float) -> float:
        """By when it was ready (`since`: before its address turned it away) and by its best lane."""
        return min(at, host.since or at) - HEAD_START[Lane(host.row.lane)]

    def next_at(self) -> float:
        """When the next host's turn comes; 0.0 if one waits already; FAR if none does."""
        for heap in (self._first, self._ready):
            while heap and self._current(heap[0][1], heap[0][2]) is None:
                heappop(heap)
            if heap:
                return 0.0
        while self._waiting and self._current(self._waiting[0][1], self._waiting[0][2]) is None:
            heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else FAR

    def due(self, now: float) -> int:
        """About how many hosts' turns have come."""
        return len(self._first) + len(self._ready) + sum(1 for entry in self._waiting if entry[0] <= now)

    def evict(self) -> list[Host]:
        """Forget hosts until the limit holds, those whose turn comes last first; their rows are in the store."""
        if len(self.hosts) < self.limit:
            return []
        idle = [host for host in self.hosts.values() if self._forgettable(host)]
        idle.sort(key=lambda host: -host.stored_ready_at)
        gone = idle[: len(self.hosts) - self.limit * 9 // 10]
        for host in gone:
            del self.hosts[host.row.host]
        if len(self.sites) > 2 * self.limit:
            used = {(host.row.bucket, host.row.site) for host in self.hosts.values()}
            self.sites = {key: site for key, site in self.sites.items() if key in used}
        return gone

    def _forgettable(self, host: Host) -> bool:
        return (
            not host.orders
            and not host.asked
            and not host.errands
            and not host.rechecks
            and host.row.host not in self.dirty
            and host.row.host not in self.soft
        )
