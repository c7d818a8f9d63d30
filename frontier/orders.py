"""An order for one host: what it asks for, of whom, until when and within which limits (design, rules 1, 5 and 7)."""

from hashlib import blake2b
from typing import Final

from contracts.crawl import FAR, Lease, PermitRequest, QueueItem, QueueRow
from contracts.errands import RecheckErrand, RobotsErrand
from contracts.messages import Limits, LinkKind, Order, OrderItem, OrderKind
from contracts.settings import LimitSettings
from contracts.sites import address_group
from contracts.topics import ORDERS_PAGES
from contracts.urls import origin_of, robots_of, url_id
from frontier.politeness import base_delay
from frontier.shard import Out, Shard
from frontier.workbench import Host

REISSUE: Final = 5.0
"""Seconds after an order's deadline until its URLs go out again."""
MOMENT: Final = 0.2
"""Seconds until a host asks again for what was not to be had."""
MEDIA: Final = (OrderKind.MEDIA, OrderKind.RECHECKS)
"""Orders for pictures and videos."""


def limits_of(settings: LimitSettings, kind: OrderKind) -> Limits:
    """What one request of an order may cost."""
    body, total = settings.page_bytes, settings.total
    if kind in MEDIA:
        body, total = settings.media_bytes, settings.media_total
    elif kind is OrderKind.ROBOTS:
        body = settings.robots_bytes
    return Limits(body, settings.header_bytes, total, settings.first_byte, settings.min_rate, settings.expansion)


class Draft:
    """An order that waits for its permit."""

    __slots__ = ("group", "host", "order", "out")

    def __init__(self, host: Host, order: Order, out: Out, group: str) -> None:
        self.host, self.order, self.out, self.group = host, order, out, group


def delay_of(shard: Shard, host: Host) -> float:
    """Seconds between requests to a host. A crawl-delay above the limit refuses the host, so nothing waits for it."""
    politeness, asked = shard.settings.politeness, host.row.crawl_delay
    return base_delay(politeness, host.row.delay, asked if asked <= politeness.max_crawl_delay else 0.0)


def draft(
    shard: Shard,
    host: Host,
    kind: OrderKind,
    items: list[QueueItem],
    now: float,
    address: str,
    wanted: list[OrderItem] | None = None,
    errand: RobotsErrand | None = None,
    until: float = FAR,
) -> Draft:
    """An order for one host. `wanted` are items that have no queue row (robots.txt). It ends by `until` at the latest."""
    row, settings = host.row, shard.settings
    partition = shard.partition(row.bucket)
    epoch = shard.epochs[partition]
    shard.sequence += 1
    order_id = blake2b(f"{partition} {epoch} {shard.sequence}".encode(), digest_size=16).digest()
    limits = limits_of(settings.limits, kind)
    start_by = now + settings.limits.order_start
    deadline = min(until, start_by + settings.limits.order_run + limits.total_seconds)
    delay = delay_of(shard, host)
    order = Order(
        order_id=order_id, partition=partition, epoch=epoch, kind=kind, host=row.host, address=address, issued_at=now,
        start_by=start_by, deadline=deadline, delay=delay, parallel=settings.politeness.parallel,
        user_agent=settings.user_agent, limits=limits, items=wanted or [_order_item(shard, row.host, item) for item in items],
        errand=errand, slow_factor=settings.politeness.slow_factor, max_delay=settings.politeness.max_delay,
    )  # fmt: skip
    keys: list[QueueRow] = [(row.bucket, row.host_id, i.lane, i.due_at, i.url_id, i.media) for i in items]
    lease = Lease(
        order_id, partition, epoch, row.bucket, row.host_id, row.host, kind, address, now, deadline, keys
    )  # fmt: skip
    group = address_group(address) if address else ""
    return Draft(host, order, Out(lease, {item.url_id: item for item in items}, group), group)


def _order_item(shard: Shard, host: str, item: QueueItem) -> OrderItem:
    return OrderItem(
        origin_of(item.https, host) + item.path, item.url_id, LinkKind(item.kind), item.depth, item.etag, item.last_modified,
        "", item.hops, shard.chains.get(item.url_id, []), item.found_on,
    )  # fmt: skip


def has_room(host: Host, room: dict[str, int], now: float) -> bool:
    """Whether the lane of pages takes one more order; if not, the host asks again in a moment."""
    if room.get(ORDERS_PAGES, 0) > 0:
        return True
    host.hold = now + MOMENT
    return False


def resolve_draft(shard: Shard, host: Host, now: float, recheck: RecheckErrand | None = None) -> Draft:
    """The order for a host's addresses. Its one item stands for the look-up."""
    return draft(shard, host, OrderKind.RESOLVE, [], now, "", [OrderItem("", b"", LinkKind.PAGE, recheck=recheck)])


def robots_draft(shard: Shard, host: Host, https: bool, now: float, recheck: RecheckErrand | None = None) -> Draft:
    """The order for an origin's robots.txt."""
    url = robots_of(https, host.row.host)
    item = OrderItem(url, url_id(url), LinkKind.ROBOTS, recheck=recheck)
    made = draft(shard, host, OrderKind.ROBOTS, [], now, address_for(shard, host), [item])
    made.out.https = https
    return made


def address_for(shard: Shard, host: Host) -> str:
    """The address to connect to: the next one after each error, and one where no order of the host is out if there is any."""
    addresses, first = host.row.addresses, host.row.errors
    in_turn = [addresses[(first + n) % len(addresses)] for n in range(len(addresses))]
    if not host.orders:
        return in_turn[0]
    used = [shard.out[order_id].lease.address for order_id in host.orders]
    return min(in_turn, key=used.count)


def permit_requests(drafts: list[Draft]) -> list[PermitRequest]:
    """What the drafts ask of their addresses; resolving asks nothing."""
    return [
        PermitRequest(d.group, d.order.order_id, d.order.deadline + REISSUE, d.host.most)
        for d in drafts
        if d.order.address
    ]
