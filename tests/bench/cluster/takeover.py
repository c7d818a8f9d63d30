"""From the kill -9 of a frontier shard to the first order that another one issues for a partition of the dead one."""

import asyncio
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.codec import decode_all
from contracts.messages import Order
from contracts.topics import ORDERS_MEDIA, ORDERS_PAGES
from tests.bench.cluster.crawl import Crawl
from tests.cluster.services import Own
from tests.fakeweb.bench import build_bench
from tests.fakeweb.web import free_ports

PARTITIONS: Final = 16
HOSTS: Final = 100
DELAY: Final = 0.5
LONGEST: Final = 60.0
HELD = "SELECT partition, owner, epoch FROM partitions"


async def measure(rounds: int) -> list[float]:
    """Seconds of each round, by the wall clock: the lease that runs out is most of it."""
    world = build_bench(hosts=HOSTS, ports=free_ports())
    wanted: dict[str, dict[str, Any]] = {
        "politeness": {"delay": f"{round(DELAY * 1000)}ms"},
        "cluster": {"partitions": PARTITIONS},
    }
    roles = {"frontier": 2, "fetcher": 1, "hasher": 1, "notices": 1}
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as name:
        folder = Path(name)
        async with Own(folder) as services, Crawl(folder, world, services, roles, wanted) as crawl:
            await crawl.cluster.begin()
            reader = AIOKafkaConsumer(bootstrap_servers=services.bootstrap)
            await reader.start()
            try:
                places = [
                    TopicPartition(topic, number)
                    for topic in (ORDERS_PAGES, ORDERS_MEDIA)
                    for number in range(PARTITIONS)
                ]
                reader.assign(places)
                return [await _round(crawl, reader, number) for number in range(rounds)]
            finally:
                await reader.stop()


async def _round(crawl: Crawl, reader: AIOKafkaConsumer, number: int) -> float:
    cluster = crawl.cluster
    await cluster.until_shared()
    await _first(reader, {}, time.time())  # it crawls
    victim = cluster.of("frontier")[number % 2]
    pid = victim.pid
    held = {row["partition"]: row["epoch"] for row in await cluster.query(HELD) if f"-{pid}-" in row["owner"]}
    if not held:
        raise RuntimeError(f"{victim.name} holds no partition")
    victim.send(signal.SIGKILL)
    killed = time.time()
    await victim.ended()
    issued = await _first(reader, held, killed)
    await victim.start()
    await cluster.until_ready(victim.name)
    return issued - killed


async def _first(reader: AIOKafkaConsumer, held: dict[int, int], since: float) -> float:
    """When the first order was issued after a moment; of newer epochs of some partitions, if these are named."""
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        for records in (await reader.getmany(timeout_ms=200)).values():
            for record in records:
                for order in decode_all(record.value):
                    if not isinstance(order, Order) or order.issued_at < since:
                        continue
                    if not held or order.epoch > held.get(order.partition, order.epoch):
                        return order.issued_at
        await asyncio.sleep(0)
    raise RuntimeError(f"no order within {LONGEST:g} s")
