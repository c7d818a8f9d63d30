"""fetchers.pages: what a page or a redirect leads to, split by partition (design, rules 1 and 6)."""

import pytest

from contracts.messages import Discovery, LinkKind, OrderItem, Purpose
from contracts.sites import bucket_of, partition_of
from contracts.urls import host_id, unref, url_id
from fetchers.pages import Found, content_key, links, redirect, reference
from fetchers.recent import MEDIA_PAGES, Recent

HOST = "a.example"
ITEM = OrderItem("http://a.example/dir/page?q", url_id("http://a.example/dir/page?q"), LinkKind.PAGE, depth=2)
MOST = 2048
PARTITIONS = 4096
HOME = partition_of(bucket_of(HOST), PARTITIONS)


def raw(kind: LinkKind, flags: int = 0) -> int:
    return kind << 1 | flags


def found(raws: dict[str, int], recent: Recent | None = None, partitions: int = 1, partition: int = 0) -> Found:
    return links(ITEM, HOST, ITEM.url, raws, recent or Recent(), 100.0, partition, partitions, MOST)


def urls(*discoveries: Discovery) -> set[str]:
    return {
        f"http{'s' if group.https else ''}://{group.host}{link.path}"
        for discovery in discoveries
        for group in discovery.groups
        for link in group.links
    }


def test_links_are_joined_and_keep_kind_and_flags() -> None:
    (discovery,) = found(
        {"x.html": raw(LinkKind.PAGE, 1), "/i.png": raw(LinkKind.MEDIA), "#top": raw(LinkKind.PAGE)}
    ).own
    assert urls(discovery) >= {"http://a.example/dir/x.html", "http://a.example/i.png"}
    told = {link.path: (link.kind, link.flags, link.url_id) for group in discovery.groups for link in group.links}
    assert told["/dir/x.html"] == (LinkKind.PAGE, 1, url_id("http://a.example/dir/x.html"))
    assert told["/i.png"][:2] == (LinkKind.MEDIA, 0)
    assert (discovery.purpose, discovery.depth, discovery.found_at) == (Purpose.LINK, 3, 100.0)
    assert unref(discovery.parent) == (bucket_of(HOST), host_id(HOST), ITEM.url_id)


def test_links_of_the_orders_own_partition_ride_with_the_outcome() -> None:
    """Rule 6: only links to other partitions travel in [urls]."""
    hosts = [f"{letter}.test" for letter in "bcdefgh"]
    result = found({f"http://{host}/": raw(LinkKind.PAGE) for host in [*hosts, HOST]}, None, PARTITIONS, HOME)
    assert urls(*result.own) == {"http://a.example/"}
    assert urls(*(discovery for _, discovery in result.others)) == {f"http://{host}/" for host in hosts}
    for partition, discovery in result.others:
        assert {partition_of(group.bucket, PARTITIONS) for group in discovery.groups} == {partition}


def test_media_of_other_partitions_is_told_to_the_frontier_of_the_page() -> None:
    host = next(f"h{n}.test" for n in range(100) if partition_of(bucket_of(f"h{n}.test"), 4))
    assert found({f"http://{host}/a.jpg": raw(LinkKind.MEDIA)}, partitions=4).far_media
    assert not found({f"http://{host}/a": raw(LinkKind.PAGE)}, partitions=4).far_media
    assert not found({f"http://{host}/a.jpg": raw(LinkKind.MEDIA)}).far_media


def test_what_cannot_be_fetched_is_counted_by_reason() -> None:
    result = found({"mailto:x@y": raw(LinkKind.PAGE), "ftp://a.example/": raw(LinkKind.PAGE), "ok": raw(LinkKind.PAGE)})
    assert result.refused == {"scheme": 2}
    assert urls(*result.own) == {"http://a.example/dir/ok"}


def test_a_page_learns_only_what_was_acked() -> None:
    """Rule 6: a link enters a recent-seen cache only after its ack."""
    recent, raws = Recent(), {"next": raw(LinkKind.PAGE)}
    first = found(raws, recent)
    assert urls(*found(raws, recent).own) == urls(*first.own)
    recent.learn(first.directory, first.plain, first.media)
    assert found(raws, recent).own == []


def test_media_is_told_of_until_enough_pages_have_shown_it() -> None:
    recent, raws = Recent(), {"i.png": raw(LinkKind.MEDIA)}
    for _ in range(MEDIA_PAGES):
        shown = found(raws, recent)
        assert urls(*shown.own) == {"http://a.example/dir/i.png"}
        recent.learn(shown.directory, shown.plain, shown.media)
    assert found(raws, recent).own == []


def test_a_redirect_is_a_found_url_one_hop_further() -> None:
    """Rule 1: a fetcher follows no redirect."""
    item = OrderItem(ITEM.url, ITEM.url_id, LinkKind.MEDIA, depth=2, hops=1, chain=[b"c" * 16], found_on=[b"f" * 26])
    result, text = redirect(item, HOST, "../new#x", 100.0, 0, 1, MOST)
    assert text == "http://a.example/new"
    (discovery,) = result.own
    assert (discovery.purpose, discovery.depth, discovery.hops) == (Purpose.REDIRECT, 2, 2)
    assert (discovery.chain, discovery.found_on) == ([b"c" * 16, item.url_id], [b"f" * 26])
    assert [link.kind for group in discovery.groups for link in group.links] == [LinkKind.MEDIA]
    assert discovery.parent == reference(item, HOST)


def test_a_redirect_to_another_partition_travels() -> None:
    result, _ = redirect(ITEM, HOST, "https://b.test/", 100.0, HOME, PARTITIONS, MOST)
    assert (result.own, [partition for partition, _ in result.others]) == (
        [],
        [partition_of(bucket_of("b.test"), PARTITIONS)],
    )


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("ftp://x/", "scheme"),
        ("http://u:p@x/", "credentials"),
        ("http://x:25/", "blocked_port"),
        ("/x" * 4000, "url_too_long"),
    ],
)
def test_a_redirect_that_cannot_be_followed_is_refused_by_name(location: str, reason: str) -> None:
    result, text = redirect(ITEM, HOST, location, 100.0, 0, 1, MOST)
    assert (result.own, result.others, result.refused) == ([], [], {reason: 1})
    assert text.startswith(f"({reason}")
    assert "u:p" not in text  # what is refused for its credentials must not be kept with them


def test_a_content_key_tells_whether_a_page_changed() -> None:
    assert content_key(b"a") == content_key(bytearray(b"a")) != content_key(b"b")
    assert len(content_key(b"")) == 16
