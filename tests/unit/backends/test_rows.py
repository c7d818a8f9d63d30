"""backends.postgres.rows: what tables keep, and what structs say."""

from backends.postgres.rows import (
    host_row,
    host_values,
    lease_of,
    lease_values,
    millis,
    queue_item,
    text,
    update_values,
)
from contracts.crawl import HostRow, Lease, UrlState, UrlUpdate
from contracts.messages import OrderKind

NOW = 1_800_000_000.123

HOST_COLUMNS = [
    "bucket",
    "host_id",
    "host",
    "site",
    "found_at",
    "next_at",
    "due_at",
    "lane",
    "queued",
    "urls",
    "fetched",
    "errors",
    "why",
    "mean",
    "delay",
    "paused_until",
    "paused_why",
    "addresses",
    "addresses_until",
    "matches",
    "traps",
    "crawl_delay",
]
LEASE_COLUMNS = [
    "order_id",
    "partition",
    "epoch",
    "bucket",
    "host_id",
    "host",
    "kind",
    "address",
    "issued_at",
    "deadline",
    "lanes",
    "dues",
    "url_ids",
    "medias",
]


def test_times_are_milliseconds() -> None:
    assert millis(NOW) == 1_800_000_000_123


def test_what_postgres_cannot_keep_in_a_text_is_replaced() -> None:
    assert (text("a\0b"), text("\udc80"), text("plain ü")) == ("a\ufffdb", "?", "plain ü")


def test_a_host_comes_back_as_it_went() -> None:
    host = HostRow(
        7, -3, "h.test", "test", NOW, next_at=NOW + 1, due_at=NOW, queued=3, addresses=["192.0.2.1", "::1"], traps=b"t"
    )
    row = dict(zip(HOST_COLUMNS, host_values(host), strict=True))
    assert host_row({**row, "addresses": row["addresses"].split(" ")}) == host


def test_a_lease_comes_back_as_it_went() -> None:
    keys = [(7, -3, 4, NOW, b"u" * 16, False), (7, -3, 1, NOW + 1, b"v" * 16, True)]
    lease = Lease(b"o" * 16, 1, 2, 7, -3, "h.test", OrderKind.MEDIA, "192.0.2.1", NOW, NOW + 30, keys)
    assert lease_of(dict(zip(LEASE_COLUMNS, lease_values(lease), strict=True))) == lease


def test_a_queued_url_in_seconds() -> None:
    item = queue_item((4, 1_000, b"u", True, True, "/", 1, 2, 3, 0, 0, 2_500, 60, '"e"', "then", b"k", [b"p"], 0))
    assert (item.due_at, item.fetched_at, item.interval, item.etag, item.found_on) == (1.0, 2.5, 60.0, '"e"', [b"p"])


def test_what_does_not_fit_a_column_is_cut() -> None:
    update = UrlUpdate(7, -3, b"u", False, UrlState.FETCHED, 200, 0, NOW, 1e12, "", "", b"", 2**40, "why\0")
    values = update_values(update)
    assert (values[7], values[11], values[12]) == (2**31 - 1, 2**31 - 1, "why\ufffd")
