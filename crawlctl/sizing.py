"""What a wanted rate of crawling needs, from what one page, one picture and one known URL cost (`costs`). Pure arithmetic.

More of what is wanted never needs less of anything.
"""

from math import ceil
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from contracts.settings import Settings
from contracts.topics import DIGESTS, TOPICS
from crawlctl.costs import COSTS, Costs

DAY: Final = 86_400
BLOCK: Final = 8_192
"""Bytes of a Postgres block."""
BUCKETS: Final = 4_096
"""Most partitions there can be (design, section 1)."""
LEAST_PARTITIONS: Final = 16
MOST: Final = 1e9
MOST_URLS: Final = 1e15
CONNECTIONS: Final = 3
"""Of a frontier process to its database: its steps, its leases, and the loop that makes one of them the clerk."""
HALVINGS: Final = 60
"""Steps in which the rate is found at which something is used up."""


class Wanted(Struct, frozen=True):
    """What is asked for. `known_urls` are those that the crawl remembers, pictures included."""

    pages_per_second: float = 3_000.0
    images_per_page: float = 10.0
    known_urls: float = 1e9

    @property
    def images(self) -> float:
        """Pictures a second."""
        return self.pages_per_second * self.images_per_page

    @property
    def fetched(self) -> float:
        """URLs fetched a second."""
        return self.pages_per_second + self.images

    @property
    def known_images(self) -> float:
        """Known URLs that are pictures, if they are found as they are fetched."""
        return self.known_urls * self.images_per_page / (1 + self.images_per_page)


class Need(Struct, frozen=True):
    """One line of the answer."""

    part: str
    name: str
    value: float
    unit: str
    note: str = ""


class Limit(Struct, frozen=True):
    """Something of which there can be only so much. `share`: needed of it over what there is; above 1 it does not go.

    It is used up at `until` (in `unit`: pages/s, or known URLs), all else being as wanted, None if never; `reach` is that
    over what is wanted. `then` is what helps.
    """

    part: str
    share: float
    until: float | None
    unit: str
    reach: float | None
    then: str


class Sizing(Struct, frozen=True):
    """The answer. `limits` begin with the first bottleneck."""

    needs: list[Need]
    limits: list[Limit]


class _Use(Struct, frozen=True):
    """A limit before it is known where it ends."""

    part: str
    share: float
    then: str
    by_urls: bool = False


class _Sheet:
    """Needs and uses as they are worked out."""

    def __init__(self, wanted: Wanted, settings: Settings, costs: Costs) -> None:
        self._settings = settings
        self.needs: list[Need] = []
        self.uses: list[_Use] = []
        self.shards, self.hashers = self._processes(wanted, costs)
        self._web(wanted, costs)
        self._kafka(wanted, costs)
        self._crawl(wanted, costs)
        self._vault(wanted, costs)

    def _add(self, part: str, *lines: tuple[str, float, str] | tuple[str, float, str, str]) -> None:
        self.needs += [Need(part, *line) for line in lines]

    def _processes(self, w: Wanted, c: Costs) -> tuple[int, int]:
        """Shards and hashers."""
        fetching = (w.pages_per_second * c.fetcher_page + w.images * c.fetcher_image) * c.cluster_cpu_ratio
        steering = (w.fetched * c.frontier_fetched + _new(w, c) * c.frontier_new) * c.cluster_cpu_ratio
        hashing, decoding = w.images * c.hasher_image, w.images * c.decode
        fetchers, shards, hashers, decoders = (_whole(cpu / c.busy) for cpu in (fetching, steering, hashing, decoding))
        hosts = self._hosts(w, c)
        digest, orders = ceil(decoders / fetchers), ceil(hosts / fetchers)
        wide = max(LEAST_PARTITIONS, 2 * fetchers, 2 * hashers, 4 * shards)
        memory = fetchers * c.fetcher_memory + decoders * c.worker_memory + shards * c.frontier_memory
        memory += hosts * c.host_memory + hashers * c.hasher_memory + w.images * c.request * c.image_size
        self._add(
            "processes",
            ("fetchers", fetchers, "processes", f"a core each; workers.digest = {digest}, workers.orders = caps.connections = {orders}"),
            ("digest workers", decoders, "processes", "inside the fetchers"),
            ("frontier shards", shards, "processes", "a core each"),
            ("hashers", hashers, "processes", "a core each"),
            ("notices", 1, "processes"),
            ("partitions", min(BUCKETS, 1 << (wide - 1).bit_length()), "partitions", "cluster.partitions, fixed when it is made"),
            ("decode cores", decoding, "cores"),
            ("cores in all", fetching + steering + hashing + decoding, "cores", "Kafka and Postgres aside"),
            ("memory in all", memory / 1e9, "GB", "Kafka and Postgres aside"),
        )  # fmt: skip
        for name, cpu in (("fetchers", fetching), ("frontier shards", steering), ("hashers", hashing)):
            self.uses.append(
                _Use(f"{name}: one a partition", cpu / c.busy / BUCKETS, "a second cluster with other sites")
            )
        return shards, hashers

    def _hosts(self, w: Wanted, c: Costs) -> float:
        """Hosts at a time: each is asked once in a delay and the time of a request."""
        return w.fetched * (self._settings.politeness.delay + c.request)

    def _web(self, w: Wanted, c: Costs) -> None:
        hosts = self._hosts(w, c)
        self._add(
            "web",
            ("requests", w.fetched, "1/s", f"each known URL once in {w.known_urls / w.fetched / DAY:.1f} days"),
            ("bits in", 8 * (w.pages_per_second * c.page_size + w.images * c.image_size) / 1e9, "Gbit/s"),
            ("hosts at a time", hosts, "hosts", "fewer cannot be asked so often: politeness.delay"),
            ("connections", hosts, "connections", "one a host, kept between requests"),
            ("DNS queries", 2 * hosts / c.address, "1/s", "A and AAAA; new hosts come on top"),
        )

    def _kafka(self, w: Wanted, c: Costs) -> None:
        copies, kept, orders = self._settings.kafka.replication, TOPICS[DIGESTS].retention, w.fetched / c.order_urls
        records = w.pages_per_second * c.page_records + w.images * c.image_records + orders
        sent = w.pages_per_second * c.page_bytes + w.images * c.image_bytes
        load = copies * max(sent / c.broker_bytes, records / c.broker_records)
        self._add(
            "Kafka",
            ("orders", orders, "1/s", "a record each"),
            ("records in", records, "1/s", "before copies"),
            ("in", sent / 1e6, "MB/s", "before copies"),
            ("written", copies * sent / 1e6, "MB/s", f"{copies} copies"),
            ("out", copies * sent / 1e6, "MB/s", f"once to readers, {copies - 1} times to other brokers"),
            ("brokers", max(copies, _whole(load)), "brokers"),
            ("disk a day", copies * sent * DAY / 1e9, "GB"),
            ("disk in all", copies * sent * kept / 1e9, "GB", f"{kept // DAY} days, orders too"),
        )
        self.uses.append(_Use(f"Kafka: {copies} brokers, one a copy", load / copies, "more brokers"))

    def _crawl(self, w: Wanted, c: Costs) -> None:
        new, table = _new(w, c), w.known_urls * (c.url_disk - c.url_index)
        wal = w.fetched * c.fetched_wal + new * c.new_wal
        wal += _first_changes(new, w.known_urls * c.url_index, c) + _first_changes(w.fetched, table, c)
        queued = min(w.known_urls, c.queue_days * DAY * w.fetched)
        grown = (w.pages_per_second * c.kept_urls + w.images) * c.url_disk
        self._postgres(
            "crawl", c, rows=w.fetched * c.fetched_rows + new * c.new_rows, wal=wal,
            cpu=w.fetched * c.fetched_cpu + new * c.new_cpu, index=w.known_urls * c.url_index,
            disk=w.known_urls * c.url_disk + queued * c.queue_disk, grown=grown,
            connections=self.shards * CONNECTIONS,
        )  # fmt: skip

    def _vault(self, w: Wanted, c: Costs) -> None:
        index = w.known_images * c.sighting_index
        self._postgres(
            "vault", c, rows=w.images * c.sighting_rows,
            wal=w.images * c.sighting_wal + _first_changes(2 * w.images, index, c), cpu=w.images * c.sighting_cpu,
            index=index, disk=w.known_images * c.sighting_disk, grown=w.images * c.sighting_disk,
            connections=self.hashers * self._settings.postgres.hasher_connections,
        )  # fmt: skip

    def _postgres(
        self, name: str, c: Costs, *, rows: float, wal: float, cpu: float, index: float, disk: float, grown: float,
        connections: int,
    ) -> None:  # fmt: skip
        part = f"Postgres {name}"
        self._add(
            part,
            ("rows written", rows, "1/s"),
            ("WAL", wal / 1e6, "MB/s", "with whole blocks after checkpoints"),
            ("WAL a day", wal * DAY / 1e9, "GB", "what an archive takes"),
            ("cores", cpu, "cores"),
            ("connections", connections, "connections"),
            ("memory for indexes", index / 1e9, "GB"),
            ("disk a day", grown * DAY / 1e9, "GB", "while nothing is fetched again"),
            ("disk in all", disk / 1e9, "GB", "for the known URLs, WAL aside"),
        )
        more = (
            "several servers, distributed by bucket" if name == "crawl" else "several servers, or fewer sightings kept"
        )
        self.uses += [
            _Use(f"{part}: WAL of one server", wal / c.postgres_wal, more),
            _Use(f"{part}: cores of one server", cpu / c.postgres_cores, more),
            _Use(f"{part}: memory of one server", index / c.postgres_memory, more, by_urls=True),
        ]


def compute(wanted: Wanted, settings: Settings | None = None, costs: Costs = COSTS) -> Sizing:
    """What is needed for what is wanted, with these settings. ValueError for numbers that nobody can want."""
    w = wanted
    if not (0 < w.pages_per_second <= MOST and 0 <= w.images_per_page <= MOST and 0 <= w.known_urls <= MOST_URLS):
        raise ValueError("pages above 0, images and known URLs from 0, and none of them beyond the web there is")
    settings = settings or Settings()
    sheet = _Sheet(wanted, settings, costs)
    limits = [_limit(wanted, settings, costs, number, use) for number, use in enumerate(sheet.uses)]
    return Sizing(sheet.needs, sorted(limits, key=lambda limit: (limit.reach is None, limit.reach or 0.0)))


def _limit(wanted: Wanted, settings: Settings, costs: Costs, number: int, use: _Use) -> Limit:
    if use.by_urls:
        until = wanted.known_urls / use.share if use.share else None
        return Limit(use.part, use.share, until, "known URLs", 1 / use.share if use.share else None, use.then)
    low, high = 0.0, MOST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        at = _Sheet(replace(wanted, pages_per_second=middle), settings, costs).uses[number]
        low, high = (middle, high) if at.share < 1 else (low, middle)
    if high == MOST:
        return Limit(use.part, use.share, None, "pages/s", None, use.then)
    return Limit(use.part, use.share, high, "pages/s", high / wanted.pages_per_second, use.then)


def _new(w: Wanted, c: Costs) -> float:
    """URLs a second that nobody knew."""
    return w.pages_per_second * c.new_urls + w.images


def _first_changes(changes: float, size: float, c: Costs) -> float:
    """Bytes of WAL a second for whole blocks: each of a table's blocks at most once in a checkpoint (`size` in bytes)."""
    return min(changes, size / BLOCK / c.checkpoint) * c.full_page


def _whole(share: float) -> int:
    """Whole ones, at least one."""
    return max(1, ceil(share))
