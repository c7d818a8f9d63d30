"""A log over the session's broker, with topics of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from backends.kafka.consumer import KafkaConsumer
from backends.kafka.log import KafkaLog
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.messages import HostMatched, Message
from contracts.ports import Record

PARTITIONS = 4
T = TypeVar("T")


@asynccontextmanager
async def opened(settings: Kafka, process: str = "test", *, made: bool = False) -> AsyncIterator[KafkaLog]:
    """A started log; `made`: its topics are there."""
    if not made:
        await create(settings, PARTITIONS)
    log = KafkaLog(settings, process, time.time)
    await log.start()
    try:
        yield log
    finally:
        await log.close()


def said(number: int, host: str = "h.test") -> Message:
    return HostMatched(host, number)


def numbers(records: list[Record]) -> list[int]:
    return [record.message.bucket for record in records if isinstance(record.message, HostMatched)]


async def read(consumer: KafkaConsumer, count: int, limit: int = 100) -> list[Record]:
    """At least so many records."""
    records: list[Record] = []
    async with asyncio.timeout(30):
        while len(records) < count:
            records += await consumer.poll(limit, 0.5)
    return records


async def soon(done: Awaitable[T]) -> T:
    async with asyncio.timeout(30):
        return await done
