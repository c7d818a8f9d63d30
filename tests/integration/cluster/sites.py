"""Sites that one test lets the shared cluster crawl, and what became of them."""

from collections import Counter
from typing import Final

from tests.cluster.cluster import Cluster
from tests.fakeweb.log import Entry
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer
from tests.fakeweb.sites import fill
from tests.fakeweb.truth import Fate

PATIENCE: Final = 120.0


class Sites:
    """`count` sites of `pages` pages each, in a ring; the first is the seed. `address`: where all of them are."""

    def __init__(
        self,
        cluster: Cluster,
        name: str,
        count: int,
        pages: int,
        *,
        pictures: bool = False,
        crawl_delay: float = 0.0,
        address: str = "",
    ) -> None:
        self.cluster = cluster
        world = cluster.world
        self.hosts = [world.host(f"{name}{number:02}.test", address=address) for number in range(count)]
        self.names = [host.netloc for host in self.hosts]
        gallery = Gallery(world)
        for number, host in enumerate(self.hosts):
            others = [self.hosts[(number + step) % count].url("/") for step in (1, 2, 4)]
            fill(host, gallery, pages, others, pictures=pictures)
            if crawl_delay:
                rules = f"User-agent: *\nCrawl-delay: {crawl_delay:g}\n".encode()
                host.robots(Answer(rules, "text/plain"), crawl_delay=crawl_delay)

    async def seed(self) -> None:
        """Give the cluster the first of them."""
        ended = await self.cluster.verb("seeds", "add", self.hosts[0].url("/"))
        assert ended.code == 0, ended.err

    def requests(self, since: float = 0.0) -> list[Entry]:
        """Requests to these sites that arrived after a moment of CLOCK_MONOTONIC."""
        names = set(self.names)
        return [entry for entry in self.cluster.requests() if entry.host in names and entry.arrival > since]

    def wanted(self) -> set[str]:
        """Every URL of them that must be requested."""
        names, told = set(self.names), self.cluster.world.truth.urls
        return {url for url, truth in told.items() if truth.fate is Fate.FETCH and url.split("/", 3)[2] in names}

    def missing(self) -> set[str]:
        """What was not requested yet."""
        return self.wanted() - {entry.url for entry in self.requests()}

    def twice(self) -> dict[str, int]:
        """What was requested more often than once, re-checks of media aside."""
        counts = Counter(entry.url for entry in self.requests() if not entry.recheck)
        return {url: count for url, count in counts.items() if count > 1}

    async def until_requested(self, count: int) -> None:
        """Wait until so many requests have come."""

        async def come() -> bool:
            return len(self.requests()) >= count

        await self.cluster.until(come, f"{count} requests", PATIENCE)

    async def finished(self) -> None:
        """Wait until the cluster has nothing more to do; then nothing of these sites is missing."""
        await self.cluster.until_idle(PATIENCE)
        assert self.missing() == set()
