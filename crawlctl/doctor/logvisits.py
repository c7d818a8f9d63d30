"""A visit to the brokers: what is asked there, in which order, and what one answer spares the next question."""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from backends.kafka import topics
from backends.kafka.brokers import Brokers, asking
from backends.kafka.connection import tls_context
from backends.kafka.log import KafkaLog
from backends.kafka.operator import operating
from backends.postgres.inspection import inspecting
from contracts.cluster import Kafka
from contracts.errors import PisauraError
from contracts.notes import Heartbeat
from contracts.settings import Settings
from contracts.topics import DEAD, DEAD_LETTERS, HEARTBEATS, TOPICS
from crawlctl import heartbeats
from crawlctl.doctor import clocks, logs
from crawlctl.doctor.findings import Check, Finding, Verdict, carry_out, warning
from crawlctl.members import present

NAME: Final = "crawlctl-doctor"
CONNECT: Final = 3.0
"""Seconds that one address may take."""
READINGS: Final = 3
CLOCK: Final = "clock of Kafka"
_SEE: Final = "see the brokers' logs, and their access rules for this user"


class LogVisit:
    """A visit to the brokers that the settings name. `ranges`: where each partition of our topics begins and ends, once known."""

    def __init__(self, settings: Settings, partitions: int) -> None:
        self.ranges: dict[tuple[str, int], tuple[int, int]] = {}
        self._settings = settings
        self._partitions = partitions
        self._stack = AsyncExitStack()
        self._brokers: Brokers | None = None
        self._there: dict[str, int] = {}

    async def findings(self) -> AsyncIterator[Finding]:
        """Connect and look at everything there."""
        addresses = await carry_out(Check("kafka addresses", self._addresses, "see kafka.bootstrap"))
        for finding in addresses:
            yield finding
        if any(finding.verdict is Verdict.FAILED for finding in addresses):
            return
        async with self._stack:
            for finding in await carry_out(Check("kafka", self._enter, _advice(self._settings.kafka))):
                yield finding
            for check in self._checks() if self._brokers else ():
                for finding in await carry_out(check):
                    yield finding

    def _checks(self) -> list[Check]:
        return [
            Check("topics", self._topics, _SEE),
            Check("readers", self._readers, _SEE),
            Check("dead letters", self._letters, _SEE),
            Check("processes", self._processes, _SEE),
            Check(CLOCK, self._clock, _SEE),
        ]

    async def _addresses(self) -> list[Finding]:
        kafka = self._settings.kafka
        context = tls_context(kafka) if kafka.tls else None
        addresses = [one.strip() for one in kafka.bootstrap.split(",") if one.strip()]
        found = await asyncio.gather(*(connecting(address, context) for address in addresses))
        return [logs.judge_addresses("kafka addresses", dict(zip(addresses, found, strict=True)))]

    async def _enter(self) -> list[Finding]:
        brokers = await self._stack.enter_async_context(asking(self._settings.kafka, NAME))
        about = await brokers.about()
        self._brokers = brokers
        self._there = {name: count for name, (count, _) in about.topics.items() if name in TOPICS | DEAD_LETTERS}
        return [logs.judge_brokers("kafka", about, self._settings.kafka)]

    @property
    def _ask(self) -> Brokers:
        assert self._brokers is not None
        return self._brokers

    async def _topics(self) -> list[Finding]:
        found = await topics.check(self._settings.kafka, self._partitions)
        return [logs.judge_topics("topics", found, len(TOPICS) + len(DEAD_LETTERS))]

    async def _readers(self) -> list[Finding]:
        self.ranges = await self._ask.ranges(self._there)
        read = [name for name, topic in TOPICS.items() if topic.group and name in self._there]
        groups = [await self._ask.group(name, self.ranges) for name in read]
        return logs.judge_readers("readers", groups, self._there, self._settings.kafka.digests_behind)

    async def _letters(self) -> list[Finding]:
        full = [
            name.removesuffix(DEAD)
            for name in DEAD_LETTERS
            if name in self._there and len(set(self.ranges.get((name, 0), (0, 0)))) == 2
        ]
        waiting = {}
        if full:
            async with operating(self._settings.kafka, NAME) as operator:
                for topic in full:
                    waiting[topic] = sum(not letter.retried_at for letter in await operator.dead(topic))
        return [logs.judge_letters("dead letters", waiting)]

    async def _processes(self) -> list[Finding]:
        heard = await heartbeats.latest(self._settings)
        there = present(beat for beat in heard.beats if beat.role != NAME)
        return logs.judge_processes("processes", there, self._settings.cluster.max_skew, heard.note)

    async def _clock(self) -> list[Finding]:
        if HEARTBEATS not in self._there:
            return [warning(CLOCK, f"not measured: [{HEARTBEATS}] is missing", "run `crawlctl topics create`")]
        log = KafkaLog(self._settings.kafka, f"{NAME}-{os.getpid()}", time.time)
        readings = []
        try:
            await log.start()
            for _ in range(READINGS):
                now = time.time()
                beat = Heartbeat(NAME, f"{NAME}-{os.getpid()}", socket.gethostname(), now, now, leaving=True)
                readings.append(clocks.Reading(*await log.heartbeat(beat)))
        finally:
            await log.close(1.0)
        return [clocks.judge_clock(CLOCK, "the brokers", readings, self._settings.cluster.max_skew)]


def _advice(kafka: Kafka) -> str:
    """What may be wrong if a port can be connected to and no broker speaks there as the settings say."""
    login = (
        "with kafka.sasl, kafka.username and kafka.password as they are" if kafka.sasl else "without login (kafka.sasl)"
    )
    return f"the port answers; is it a listener {'with' if kafka.tls else 'without'} TLS (kafka.tls), {login}? See the brokers' logs"


async def connecting(address: str, context: ssl.SSLContext | None) -> str:
    """Connect to a host:port, with TLS if there is a context; why it failed, empty if it did not."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(CONNECT):
            opened = partial(asyncio.open_connection, host.strip("[]"), int(port))
            _, writer = await (opened(ssl=context) if context else opened())
    except TimeoutError:
        return f"no answer within {CONNECT:g} s"
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not to be trusted: {error.verify_message}"
    except ssl.SSLError as error:
        return f"no TLS there, or one that we do not speak: {error.reason or error}"
    except (OSError, ValueError, OverflowError) as error:
        # A reset in the middle of the handshake comes without a word.
        return getattr(error, "strerror", None) or str(error) or "it closed the connection; does it speak TLS?"
    writer.close()
    try:
        async with asyncio.timeout(CONNECT):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        pass
    return ""


async def settled(partitions: int, crawl: str) -> int:
    """The partitions that topics must have: those that the crawl was made with, or as the settings say if nobody knows."""
    if not crawl:
        return partitions
    try:
        async with asyncio.timeout(CONNECT), inspecting(crawl) as inspection:
            return await inspection.settled() or partitions
    except (PisauraError, TimeoutError):  # its own check says so
        return partitions
