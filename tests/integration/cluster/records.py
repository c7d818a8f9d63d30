"""The log past all roles: any bytes into it, and how much waits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backends.kafka.log import KafkaLog
from backends.kafka.producer import Producer
from backends.system import now
from contracts.cluster import Kafka
from tests.cluster.services import Services


@asynccontextmanager
async def sending(services: Services) -> AsyncIterator[Producer]:
    """Sends any bytes to any topic."""
    producer = Producer(Kafka(bootstrap=services.bootstrap), "test")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.close()


@asynccontextmanager
async def log_of(services: Services) -> AsyncIterator[KafkaLog]:
    """A log that tells what waits."""
    log = KafkaLog(Kafka(bootstrap=services.bootstrap), "test", now)
    await log.start()
    try:
        yield log
    finally:
        await log.close()
