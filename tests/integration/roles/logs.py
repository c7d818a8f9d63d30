"""A log of a test's own, beside the processes that it tries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backends.kafka.log import KafkaLog
from backends.system import now
from contracts.cluster import Kafka
from tests.cluster.services import Services


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[KafkaLog]:
    """The brokers of a cluster."""
    log = KafkaLog(Kafka(bootstrap=services.bootstrap, prefix=services.prefix), "test", now)
    await log.start()
    try:
        yield log
    finally:
        await log.close()
