"""A frontier shard as a process: the shard, its clerk's loop, and a worker that parses large robots.txt files."""

import random
from collections.abc import Iterator
from typing import Final

from backends.postgres.connection import close, connect
from backends.postgres.crawl_setup import partitions_of
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.migrate import require_current
from backends.postgres.operator import OperatorStore
from backends.workers import Workers
from contracts.metrics import Sample
from contracts.settings import PRODUCT_TOKEN
from contracts.store import CrawlStore
from contracts.topics import DIGESTS, ORDERS_MEDIA, ORDERS_PAGES, ORDERS_RECHECKS, OUTCOMES, URLS
from crawlctl.contact import check_contact, contact_of
from crawlctl.roles import measures
from crawlctl.roles.clerk import Clerk
from crawlctl.roles.loops import Loops, persist
from crawlctl.roles.seeds import stored_seeds
from crawlctl.roles.shell import Place
from frontier.robotstxt import Robots
from frontier.robotstxt import parse as parse_robots
from frontier.service import Frontier

DRAIN: Final = 1.0
"""Seconds in which the last orders are published."""


WAITING: Final = (URLS, OUTCOMES, ORDERS_PAGES, ORDERS_MEDIA, ORDERS_RECHECKS, DIGESTS)
"""Topics of which a shard tells what waits, each in its own partitions, so that all shards' figures can be added up."""


class FrontierRole:
    """`crawlctl.roles.shell.Role` of a frontier shard."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._settings = place.settings
        self._loops = Loops()
        self._robots = Workers(1, place.settings.limits.parse)
        self._frontier: Frontier | None = None
        self._clerk: Clerk | None = None
        self._held = ""

    async def start(self) -> None:
        """Look at the database's facts, then serve."""
        partitions = await self._facts()
        self._frontier = Frontier(
            self._settings,
            self._open_store,
            self._place.tally,
            self._place.clock,
            random.random,
            self._parse_robots,
            owner=self._place.process,
            partitions=partitions,
            alone=False,
            silent=lambda: self._place.log.silent,
        )
        self._frontier.hold(self._held)
        self._clerk = Clerk(self._settings, self._place.tally, partitions, self._place.clock)
        self._loops.spawn("frontier", self._frontier.run())
        self._loops.spawn("clerk", persist("clerk", self._clerk.step, 0.0))

    async def _facts(self) -> int:
        """The number of partitions. UsageError if this release cannot serve this database."""
        connection = await connect(self._settings.postgres.crawl, name="pisaura-frontier", serving=True)
        try:
            await require_current(connection, "crawl")
            if not contact_of(self._settings.user_agent):
                operator = OperatorStore(connection)
                check_contact(self._settings, [seed async for seed in stored_seeds(operator)])
            return await partitions_of(connection)
        finally:
            await close(connection)

    async def _open_store(self) -> CrawlStore:
        connection = await connect(self._settings.postgres.crawl, hot=True, name="pisaura-frontier")
        return PostgresCrawlStore(connection, shared=True)

    async def _parse_robots(self, body: bytes) -> Robots:
        return await self._robots.run(parse_robots, body, PRODUCT_TOKEN)

    def hold(self, reason: str) -> None:
        """Issue no orders."""
        self._held = reason
        if self._frontier is not None:
            self._frontier.hold(reason)

    def waits(self) -> list[tuple[str, str]]:
        """What the shard waits for."""
        why = self._frontier.unready if self._frontier is not None else "starting"
        return [("frontier", why)] if why and why != self._held else []

    def failed(self) -> BaseException | None:
        """The error that ended a loop."""
        return self._loops.failed()

    def busy(self) -> bool:
        """Whether it serves partitions: then its loop turns, whatever there is to do. A spare shard has none to look at."""
        machine = self._frontier.machine if self._frontier is not None else None
        return machine is not None and bool(machine.shard.epochs)

    def progress(self) -> int:
        """Changes with every look at the log."""
        return self._place.tally.looks

    def counts(self) -> dict[str, float]:
        """Orders issued, what came back, and what is held now."""
        sent, taken = self._place.tally.sent, self._place.tally.taken
        machine = self._frontier.machine if self._frontier is not None else None
        return {
            "orders": sent["orders"],
            **{name: taken[name] for name in ("orders_ended", "outcomes", "requests", "pages", "media")},
            "partitions": len(machine.shard.epochs) if machine is not None else 0,
            "clerk": float(self._clerk is not None and self._clerk.active),
        }

    def samples(self) -> Iterator[Sample]:
        """The shard's metrics; those of the whole crawl by the clerk alone, so that they can be added up."""
        if self._frontier is not None:
            machine = self._frontier.machine
            yield from measures.serving(machine, self._place.clock())
            for topic in WAITING:
                lag = sum(self._place.log.lag(topic, partition) for partition in machine.shard.epochs) if machine else 0
                yield "pisaura_log_messages", (topic,), lag
        if self._clerk is not None and self._clerk.active and self._clerk.counted_at:
            yield from measures.kept(self._clerk.counters, self._clerk.counted_at)

    async def stop(self, seconds: float) -> None:
        """Publish what is leased, give up all partitions, leave."""
        if self._frontier is not None:
            await self._frontier.drain(min(DRAIN, seconds / 2))
            self._frontier.stop()
            await self._loops.ended("frontier", seconds)
        await self._loops.end()
        self._robots.close()


role = FrontierRole
