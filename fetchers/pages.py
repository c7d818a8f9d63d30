"""From a fetched body to what travels on: a redirect or a page's links, joined, grouped by host and split by partition."""

from typing import Final

from msgspec import Struct
from xxhash import xxh3_128_digest

from contracts.join import Joiner
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, OrderItem, Purpose
from contracts.refusals import Refusal
from contracts.sites import bucket_of, partition_of
from contracts.urls import host_id, parse, ref, url_id
from fetchers.recent import Entry, Recent

KINDS: Final = tuple(LinkKind.PAGE if kind is LinkKind.REDIRECT else kind for kind in LinkKind)
"""By number; a page's own Refresh is a link to a page."""
_MEDIA: Final = int(LinkKind.MEDIA)


class Found(Struct):
    """What a page or a redirect leads to. `own` belongs to the order's partition, `others` to (partition, discovery).

    `directory`, `plain` and `media` are what enters the recent-seen cache once all of it is acked; `far_media`: some media is
    of other partitions.
    """

    own: list[Discovery] = []
    others: list[tuple[int, Discovery]] = []
    refused: dict[str, int] = {}
    directory: str = ""
    plain: list[Entry] = []
    media: list[Entry] = []
    far_media: bool = False


def reference(item: OrderItem, host: str) -> bytes:
    """The 26-byte reference of an item's URL."""
    return ref(bucket_of(host), host_id(host), item.url_id)


def redirect(
    item: OrderItem, host: str, location: str, now: float, partition: int, partitions: int, most: int
) -> tuple[Found, str]:
    """A redirect as a found URL of the same kind, one hop further, and its canonical text (why, if refused)."""
    url = parse(location, item.url, max_bytes=most)
    if isinstance(url, Refusal):
        return Found(refused={url.reason.value: 1}), f"({url})"
    bucket = bucket_of(url.host)
    group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(url.text), item.kind)])
    discovery = Discovery(
        Purpose.REDIRECT, reference(item, host), item.depth, now, [group], item.hops + 1, [*item.chain, item.url_id],
        item.found_on,
    )  # fmt: skip
    target = partition_of(bucket, partitions)
    found = Found(own=[discovery]) if target == partition else Found(others=[(target, discovery)])
    return found, url.text


def links(
    item: OrderItem,
    host: str,
    base: str,
    raws: dict[str, int],
    recent: Recent,
    now: float,
    partition: int,
    partitions: int,
    most: int,
) -> Found:
    """A page's links that were not met lately, joined to `base`. `raws` maps a raw attribute to its kind << 1 | flags."""
    directory = base[: base.rfind("/", 0, base.find("?") if "?" in base else len(base)) + 1]
    fresh = recent.fresh(directory, raws)
    if not fresh:
        return Found(directory=directory)
    groups, refused = Joiner(base, max_bytes=most).group((raw, KINDS[packed >> 1], packed & 1) for raw, packed in fresh)
    parent = reference(item, host)
    by_partition: dict[int, list[LinkGroup]] = {}
    for (https, name), found in groups.items():
        bucket = bucket_of(name)
        by_partition.setdefault(partition_of(bucket, partitions), []).append(LinkGroup(https, name, bucket, found))
    result = Found(refused={reason.value: count for reason, count in refused.items()}, directory=directory)
    for target, grouped in by_partition.items():
        discovery = Discovery(Purpose.LINK, parent, item.depth + 1, now, grouped)
        if target == partition:
            result.own.append(discovery)
        else:
            result.others.append((target, discovery))
            result.far_media = result.far_media or any(
                link.kind is LinkKind.MEDIA for group in grouped for link in group.links
            )
    result.plain = [entry for entry in fresh if entry[1] >> 1 != _MEDIA]
    result.media = [entry for entry in fresh if entry[1] >> 1 == _MEDIA]
    return result


def content_key(body: bytes | bytearray) -> bytes:
    """Tells whether a page changed (16 bytes). A server that makes two versions collide hides its own changes, as it could
    by answering 304: a fast hash will do."""
    return xxh3_128_digest(body)
