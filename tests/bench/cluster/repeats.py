"""What share of repeated links never reaches the log, on a web whose pages repeat most of what they link.

A link is a place on a page, each counted once a page; a repeat is one to a URL that the log has carried since the run began, a
minute before at most. What the log carried is read from the log itself: links in [urls], and those that outcomes bring along.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from backends.postgres.connection import close, connect
from backends.postgres.operator import OperatorStore
from contracts.codec import decode_all
from contracts.messages import Discovery, LinkKind, Message, OutcomeBatch
from contracts.settings import Politeness, Settings
from contracts.topics import OUTCOMES, URLS
from crawlctl.roles.loops import describe
from crawlctl.state import State
from crawlctl.wiring import Embedded
from tests.bench.cluster.crawl import Crawl
from tests.bench.sizes import settings
from tests.cluster.services import Own
from tests.fakeweb.bench import build_bench
from tests.fakeweb.model import Answer, Resource, World
from tests.fakeweb.web import FakeWeb, free_ports
from tests.pictures import picture

ICONS: Final = 12
"""Pictures that every page of a host shows."""
DELAY: Final = 0.25
"""Seconds between two requests to a host: acks take 0.2 s in a cluster, and politeness more than that on the real web."""
LONGEST: Final = 180.0


class Dense:
    """A bench host's pages with the same icons on each."""

    def __init__(self, inner: Any, icon: bytes) -> None:
        self._inner = inner
        self._icon = icon
        self._shown = "".join(f'<img src="/icons/{n}.png" alt="">' for n in range(ICONS)).encode()

    def __call__(self, path: str) -> Resource | None:
        if path.startswith("/icons/"):
            return Answer(self._icon, "image/png")
        answer = self._inner(path)
        if isinstance(answer, Answer):
            return Answer(answer.body.replace(b"<main>\n", b"<main>\n" + self._shown, 1))
        return None


def dense(hosts: int, pages: int) -> World:
    """So many hosts of so many pages."""
    world = build_bench(hosts=hosts, pages=pages, ports=free_ports())
    for number, host in enumerate(world.hosts.values()):
        host.dynamic = Dense(host.dynamic, _png(number))
    return world


def _png(seed: int) -> bytes:
    file = BytesIO()
    picture(seed, 64, 64).save(file, "PNG")
    return file.getvalue()


@dataclass
class Carried:
    """Links that a log carried: how many of each kind, and of how many URLs."""

    pages: int = 0
    media: int = 0
    page_urls: set[bytes] = field(default_factory=set)
    media_urls: set[bytes] = field(default_factory=set)

    def take(self, messages: Iterable[object]) -> None:
        """Count the links of some messages."""
        for message in messages:
            if isinstance(message, Discovery):
                self._discovery(message)
            elif isinstance(message, OutcomeBatch):
                for outcome in message.outcomes:
                    for found in outcome.links:
                        self._discovery(found)

    def _discovery(self, found: Discovery) -> None:
        if not found.parent:
            return  # seeds
        for group in found.groups:
            media = [link.url_id for link in group.links if link.kind is LinkKind.MEDIA]
            pages = [link.url_id for link in group.links if link.kind is not LinkKind.MEDIA]
            self.media += len(media)
            self.pages += len(pages)
            self.media_urls.update(media)
            self.page_urls.update(pages)


@dataclass(frozen=True)
class Share:
    """Of links `met` on pages, `carried` by the log, to so many different `urls`."""

    met: int
    carried: int
    urls: int

    @property
    def dropped(self) -> float:
        """Share of the repeats that the log did not carry."""
        return dropped(self.met, self.carried, self.urls)


def dropped(met: int, carried: int, urls: int) -> float:
    """Each URL is carried once at least; all else that was met are repeats, and all else that was carried are repeats let through."""
    repeats = met - urls
    return 1.0 - (carried - urls) / repeats if repeats > 0 else 1.0


async def embedded(world: World) -> tuple[Share, Carried]:
    """In one process."""
    carried = Carried()
    async with FakeWeb(world, keep_log=False) as web:
        wanted = settings(web.nameserver)
        wanted = Settings(
            user_agent=wanted.user_agent,
            politeness=Politeness(delay=DELAY, slow_factor=0.0),
            addresses=wanted.addresses,
        )
        with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder:
            async with State(Path(folder) / "state", wanted, exclusive=True, create=True) as state:
                connection = await connect(state.server.dsn("crawl", "pisaura_frontier"))
                await OperatorStore(connection).add_seeds(world.seeds(), time.time())
                await close(connection)
                system = Embedded(state, wanted)
                send = system.bus.send

                def counted(topic: str, partition: int, messages: Sequence[Message]) -> Any:
                    carried.take(messages)
                    return send(topic, partition, messages)

                setattr(system.bus, "send", counted)  # noqa: B010
                await system.start()
                try:
                    await _until_idle(system)
                    met, _ = system.fetcher.repeats
                finally:
                    await system.finish()
    return _share(met, carried), carried


async def _until_idle(system: Embedded) -> None:
    ends, looks = time.monotonic() + LONGEST, 0
    while looks < 20:
        if (failure := system.failed()) is not None:
            raise describe(failure)
        if time.monotonic() > ends:
            raise RuntimeError(f"the crawl is not done within {LONGEST:g} s")
        looks = looks + 1 if system.idle() else 0
        await asyncio.sleep(0.1)


async def cluster(world: World, roles: dict[str, int], partitions: int) -> tuple[Share, Carried]:
    """In a cluster."""
    wanted: dict[str, dict[str, Any]] = {
        "politeness": {"delay": f"{round(DELAY * 1000)}ms", "slow_factor": 0},
        "cluster": {"partitions": partitions},
    }
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as name:
        folder = Path(name)
        async with Own(folder) as services, Crawl(folder, world, services, roles, wanted) as crawl:
            await crawl.cluster.begin()
            await crawl.cluster.until_idle(LONGEST)
            look = await crawl.look()
            carried = Carried()
            await _read(services.bootstrap, partitions, carried)
    return _share(round(look.met), carried), carried


async def _read(bootstrap: str, partitions: int, carried: Carried) -> None:
    places = [TopicPartition(topic, number) for topic in (URLS, OUTCOMES) for number in range(partitions)]
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await reader.start()
    try:
        reader.assign(places)
        ends = await reader.end_offsets(places)
        await reader.seek_to_beginning(*places)
        left = {place for place, end in ends.items() if end}
        while left:
            for place, records in (await reader.getmany(*left, timeout_ms=1_000)).items():
                for record in records:
                    carried.take(decode_all(record.value))
                if records and records[-1].offset + 1 >= ends[place]:
                    left.discard(place)
    finally:
        await reader.stop()


def _share(met: int, carried: Carried) -> Share:
    return Share(met, carried.pages + carried.media, len(carried.page_urls | carried.media_urls))
