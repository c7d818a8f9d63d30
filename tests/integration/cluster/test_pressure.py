"""Who is behind slows those before him, and nobody else; what cannot be taken waits in Postgres."""

import time

import pytest

from contracts.topics import DIGESTS, ORDERS_PAGES
from tests.cluster.cluster import Cluster
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer
from tests.fakeweb.pages import img, links, page
from tests.integration.cluster.conftest import SETTINGS
from tests.integration.cluster.sites import Sites

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="package")]
BEHIND = SETTINGS["kafka"]["digests_behind"]
SHARDS = 2
HOSTS, PICTURES = 10, 40
AN_ORDER = 10
"""Pictures of one order: `limits.order_run` by the crawl-delay."""
STILL = 3.0


async def waiting(cluster: Cluster, topic: str) -> float:
    """Records of a topic that nobody has taken, as the shards know."""
    return sum(
        [(await process.metrics())[f'pisaura_log_messages{{topic="{topic}"}}'] for process in cluster.of("frontier")]
    )


async def test_without_hashers_media_stops_and_pages_go_on(cluster: Cluster) -> None:
    await cluster.stop("hasher1")
    sites = Sites(cluster, "gallery", HOSTS, 1, crawl_delay=0.3)
    gallery = Gallery(cluster.world)
    for host in sites.hosts:
        item = gallery.innocent()
        paths = [f"/p/{number}.{item.suffix}" for number in range(PICTURES)]
        for path in paths:
            gallery.put(host, path, item)
        body = links([each.url("/") for each in sites.hosts]) + "".join(
            img(path, ' width="256" height="192"') for path in paths
        )
        host.put("/", Answer(page(host.name, body)))
    await sites.seed()
    seen, since = 0, time.monotonic()

    async def still() -> bool:
        nonlocal seen, since
        if (now := len(sites.requests())) != seen:
            seen, since = now, time.monotonic()
        return seen > 2 * HOSTS and time.monotonic() - since > STILL

    await cluster.until(still, "media to stop")
    pictures = [entry for entry in sites.requests() if entry.path.startswith("/p/")]
    assert len(pictures) <= SHARDS * (BEHIND + 1) + HOSTS * AN_ORDER < HOSTS * PICTURES
    assert await waiting(cluster, DIGESTS) > BEHIND
    text = Sites(cluster, "text", 4, 10)
    await text.seed()

    async def read() -> bool:
        return not text.missing()

    await cluster.until(read, "pages of other sites")
    assert len([entry for entry in sites.requests() if entry.path.startswith("/p/")]) == len(pictures)
    await cluster.start("hasher1")
    await sites.finished()
    assert sites.twice() == {}


async def test_without_fetchers_orders_are_not_heaped_up(cluster: Cluster) -> None:
    fetchers = [process.name for process in cluster.of("fetcher")]
    await cluster.stop(*fetchers)
    sites = Sites(cluster, "patient", 240, 1)
    ended = await cluster.verb("seeds", "add", *(host.url("/") for host in sites.hosts))
    assert ended.code == 0, ended.err
    most = 0.0

    async def known() -> bool:
        nonlocal most
        most = max(most, await waiting(cluster, ORDERS_PAGES))
        (row,) = await cluster.query("SELECT count(*)::int AS n FROM hosts WHERE host LIKE 'patient%'")
        return bool(row["n"] == len(sites.hosts))

    await cluster.until(known, "all sites to be known")
    until = time.monotonic() + 2 * STILL

    async def later() -> bool:
        await known()
        return time.monotonic() > until

    await cluster.until(later, "orders that would be heaped up")
    assert 0 < most <= SHARDS * 50 < len(sites.hosts), "two seconds of the starts that a lane is taken to make at first"
    await cluster.start(*fetchers)
    await sites.finished()
    assert sites.twice() == {}
