"""What the machine is told and what it asks for. `frontier.service` turns one into the other."""

from collections.abc import Container, Mapping, Sequence

from msgspec import Struct

from contracts.crawl import (
    Claim,
    Committed,
    HostQueue,
    HostRow,
    Lease,
    OriginRow,
    PermitRequest,
    Pick,
    QueueItem,
    SiteRow,
    Transaction,
)
from contracts.messages import Message, Order
from contracts.notes import Control
from contracts.ports import Unreadable
from frontier.robotstxt import Robots


class Claimed(Struct, frozen=True):
    """Partitions that are ours now, and the orders that were out there. `void`: their fetcher is gone for certain.

    `suspects` are the URLs that can have killed it, if that is known; only they count as lost. If the fetcher is not gone,
    `items` are the URLs that these orders hold. `unsent` are orders that were never published, since it was unclear whether
    they were committed.
    """

    claims: Sequence[Claim]
    leases: Sequence[Lease]
    void: bool
    suspects: frozenset[bytes] | None = None
    items: Sequence[QueueItem] = ()
    unsent: frozenset[bytes] = frozenset()


class Woken(Struct, frozen=True):
    """Messages to digest, how far each (topic, partition) is read after them, and how many orders each lane may take.

    `parsed` holds large robots.txt files that were parsed elsewhere, by the `fingerprint` of their bodies. A step may come in
    slices, so that nobody waits long for the loop: only the `last` one ends in orders and a transaction.
    """

    messages: Sequence[tuple[str, int, Message | Unreadable]]
    offsets: Mapping[tuple[str, int], int]
    room: Mapping[str, int]
    parsed: Mapping[bytes, Robots] = {}
    last: bool = True
    flush: bool = False
    """Write all that is not written yet: partitions are about to be given up."""
    unbegun: Container[bytes] = frozenset()
    """Orders that the log did not take in time, or that no fetcher took from it: if they are lost, no fetcher died of them."""
    ahead: Sequence[tuple[str, int, Message | Unreadable]] = ()
    """Messages of the step's other slices: their hosts are loaded with those of the first one, at once."""


class Released(Struct, frozen=True):
    """Partitions that are not ours any more: forget what is known of them. Everything about them was written."""

    partitions: frozenset[int]


class HostsLoaded(Struct, frozen=True):
    """Rows of the hosts asked for; those unknown to the store are missing. `complete`: the store has no more that are due."""

    hosts: Sequence[HostRow]
    origins: Sequence[OriginRow]
    sites: Sequence[SiteRow]
    complete: bool = True


class QueueLoaded(Struct, frozen=True):
    """What the picked hosts have due, and the robots.txt files asked for; `parsed` as in `Woken`."""

    queues: Sequence[HostQueue]
    robots: Sequence[OriginRow] = ()
    parsed: Mapping[bytes, Robots] = {}


class PermitsTaken(Struct, frozen=True):
    """Orders that may go to their address, and when to ask again for addresses that refused one."""

    granted: frozenset[bytes]
    later: Mapping[str, float]


class Done(Struct, frozen=True):
    """The transaction is committed."""

    committed: Committed


class ControlsChanged(Struct, frozen=True):
    """Operators' words."""

    controls: Sequence[Control]


Event = Claimed | Woken | Released | HostsLoaded | QueueLoaded | PermitsTaken | Done | ControlsChanged


class LoadHosts(Struct, frozen=True):
    """Load hosts by (bucket, host_id), and sites by (bucket, site)."""

    keys: Sequence[tuple[int, int]]
    sites: Sequence[tuple[int, str]]


class LoadDueHosts(Struct, frozen=True):
    """Load hosts of some partitions that are due after `after` and by `until`: at least `limit` of them if there are so many,
    the earliest."""

    partitions: Sequence[int]
    until: float
    limit: int
    after: float = -1.0


class LoadQueue(Struct, frozen=True):
    """Load what some hosts have due, and the robots.txt files of others or the same by (bucket, host_id)."""

    picks: Sequence[Pick]
    robots: Sequence[tuple[int, int]] = ()


class TakePermits(Struct, frozen=True):
    """Ask for permits at server addresses."""

    requests: Sequence[PermitRequest]


class Commit(Struct, frozen=True):
    """Commit, or stop serving. `messages` (topic, partition, message) follow from what is committed and are sent before: once
    it is committed nobody would send them again."""

    transaction: Transaction
    messages: Sequence[tuple[str, int, Message]] = ()


class Publish(Struct, frozen=True):
    """Send orders, whose leases are committed."""

    orders: Sequence[Order]


class Ack(Struct, frozen=True):
    """What the offsets cover is committed."""

    offsets: Mapping[tuple[str, int], int]


Command = LoadHosts | LoadDueHosts | LoadQueue | TakePermits | Commit | Publish | Ack
