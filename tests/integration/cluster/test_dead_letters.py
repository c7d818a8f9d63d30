"""What nobody can handle is put aside with its reason, holds up nothing, and is sent again once its cause is gone."""

import time
from typing import Any, Final

import pytest

from contracts.codec import VERSION, bundle, encode_all
from contracts.messages import DigestRecord, Discovery, HostMatched, Link, LinkGroup, MediaDigests, Message, Purpose
from contracts.sites import bucket_of, partition_of
from contracts.topics import DIGESTS, MATCHES, ORDERS_PAGES, OUTCOMES, URLS
from contracts.urls import url_id
from crawlctl.times import iso
from tests.cluster.cluster import PARTITIONS, Cluster
from tests.cluster.services import Own
from tests.fakeweb.model import Answer
from tests.fakeweb.pages import page
from tests.integration.cluster.records import sending
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
GARBAGE: Final = b"\x00 no bundle"
NEWER: Final = bundle([bytes([VERSION + 1, 1, 0x90])])
READ: Final = (URLS, OUTCOMES, DIGESTS, MATCHES, ORDERS_PAGES)
"""Every topic that some role reads and handles."""


def found(host: str, path: str) -> Discovery:
    """A URL that travels as a link does."""
    url = f"http://{host}{path}"
    return Discovery(
        Purpose.SEED, b"", 0, time.time(), [LinkGroup(False, host, bucket_of(host), [Link(path, url_id(url))])]
    )


def sighting(size: int) -> DigestRecord:
    """A sighting; no column holds the largest sizes."""
    digest = size.to_bytes(32, "big")
    return DigestRecord(digest, b"sealed", digest, digest[:20], digest[:16], size, 1e9, MediaDigests("image/png"))


async def letters(cluster: Cluster) -> list[dict[str, Any]]:
    """What `crawlctl dead ls` prints."""
    ended = await cluster.verb("dead", "ls", "--json")
    assert ended.code == 0, ended.err
    return ended.json()


async def test_poison_is_put_aside_and_sent_again_when_its_cause_is_gone(cluster: Cluster, services: Own) -> None:
    sites = Sites(cluster, "healthy", 4, 10, pictures=True)
    host = cluster.world.host("poisoned.test")
    host.put("/late", Answer(page("Late", "<p>Sent again.</p>")))
    partition = partition_of(bucket_of(host.netloc), PARTITIONS)
    await cluster.query("ALTER TABLE urls ADD CONSTRAINT poison CHECK (path <> '/late')")
    began = time.time()
    wrong: dict[str, Message] = {
        URLS: sighting(1), OUTCOMES: sighting(2), MATCHES: sighting(3), ORDERS_PAGES: sighting(4), DIGESTS: HostMatched("a.test", 1)
    }  # fmt: skip
    async with sending(services) as producer:

        async def send(topic: str, value: bytes) -> None:
            await producer.put(topic, partition if topic != MATCHES else 0, value).future

        for topic in READ:
            for value in (GARBAGE, NEWER, encode_all([wrong[topic]])):
                await send(topic, value)
        await send(URLS, encode_all([found(host.netloc, "/late")]))
        await send(DIGESTS, encode_all([sighting(2**63)]))
    await sites.seed()
    await sites.finished()

    async def all_aside() -> bool:
        return len(await letters(cluster)) >= 3 * len(READ) + 2

    await cluster.until(all_aside, "all to be put aside")
    aside = await letters(cluster)
    for topic in READ:
        mine = [each for each in aside if each["topic"] == topic]
        assert len(mine) == 3 + (topic in (URLS, DIGESTS)), mine
        assert sum("newer" in each["why"] for each in mine) == 1, mine
        assert all(
            each["why"] and each["by"] and each["partition"] == (partition if topic != MATCHES else 0) for each in mine
        )
    assert all(each["parked_at"] >= iso(began) for each in aside)
    assert await cluster.query("SELECT 1 FROM urls WHERE path = '/late'") == []

    await cluster.query("ALTER TABLE urls DROP CONSTRAINT poison")
    (late,) = [each for each in aside if "CheckViolation" in each["why"]]
    shown = await cluster.verb("dead", "show", late["place"], "--json")
    assert "/late" in shown.out and shown.json()[0]["topic"] == URLS
    again = await cluster.verb("dead", "retry", late["place"])
    assert again.code == 0, again.err

    async def fetched() -> bool:
        return host.url("/late") in {entry.url for entry in cluster.requests()}

    await cluster.until(fetched, "the page whose link was put aside")
    (order,) = [each for each in aside if each["topic"] == ORDERS_PAGES and "newer" in each["why"]]
    refused = await cluster.verb("dead", "retry", order["place"])
    assert refused.code == 1 and "never sent again" in refused.out
    await cluster.until_idle()
