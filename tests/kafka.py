"""A real Kafka for tests, one node or three, on loopback. Nodes are killed, paused and restarted on the same data.

`python -m tests.kafka` runs one node in the foreground, prints `{"bootstrap": ...}` and ends on SIGTERM or SIGINT.
Readiness is an answer to describe_cluster from the node itself: its port opens only when the cluster counts on it.
"""

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from tests.certificates import Files
from tools.kafka import configuration
from tools.kafka.configuration import Node, Secure
from tools.kafka.obtain import Kafka, obtain, ports

HOSTS: Final = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
PATIENCE: Final = 60.0
"""Seconds until a broker must be ready; a quiet machine needs 2."""


@dataclass
class Broker:
    """One node. `start` it from a thread that lives as long as the broker is wanted: with the thread it is killed."""

    kafka: Kafka
    node: Node
    nodes: Sequence[Node]
    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def bootstrap(self) -> str:
        """Where clients connect to, without TLS."""
        return self.node.bootstrap

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.folder / "broker.log"

    @property
    def running(self) -> bool:
        """Whether its process is there, paused or not."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, the first time or again on its data. `ready` tells when it serves."""
        assert not self.running, f"node {self.node.number} is running"
        data, file = self.folder / "data", self.folder / "server.properties"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not data.exists():
            self.kafka.format(data, self.node.number)
        file.write_text(configuration.properties(self.node, self.nodes, data))
        command = self.kafka.broker(file)
        if guard := shutil.which("setpriv"):  # a killed test run leaves no broker
            command = [guard, "--pdeathsig", "KILL", "--", *command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    async def ready(self, nodes: int = 1, patience: float = PATIENCE) -> None:
        """Wait until it serves, in a cluster of at least `nodes` living nodes."""
        deadline = time.monotonic() + patience
        while await self._alive() < nodes:
            assert self.running, f"{self.bootstrap} ended: {self.tail()}"
            assert time.monotonic() < deadline, f"{self.bootstrap} not ready after {patience} s: {self.tail()}"
            await asyncio.sleep(0.05)

    async def _alive(self) -> int:
        """Nodes that it counts as living; 0 while it does not answer."""
        try:
            _, writer = await asyncio.open_connection(self.node.host, self.node.port)
        except OSError:
            return 0
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5000)
        try:
            await admin.start()
            return len((await admin.describe_cluster())["brokers"])
        except (KafkaError, OSError, TimeoutError):
            return 0
        finally:
            await admin.close()

    def kill(self) -> None:
        """SIGKILL, which also ends a paused one; nothing if it is not running."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self, patience: float = PATIENCE) -> None:
        """SIGTERM, and wait: it hands over what it leads."""
        if self.process:
            self.process.terminate()
            self.process.wait(patience)

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def tail(self) -> str:
        """The end of what it printed."""
        return self.log.read_text("utf-8", "replace")[-2000:] if self.log.exists() else "(printed nothing)"


@dataclass
class Brokers:
    """A cluster of one or three."""

    nodes: list[Broker]

    @property
    def bootstrap(self) -> str:
        """All of them, as clients want it."""
        return ",".join(broker.bootstrap for broker in self.nodes)

    def start(self) -> None:
        """Start all."""
        for broker in self.nodes:
            broker.start()

    async def ready(self) -> None:
        """Wait until each serves and counts on all others."""
        for broker in self.nodes:
            await broker.ready(len(self.nodes))

    def kill(self) -> None:
        """SIGKILL to all."""
        for broker in self.nodes:
            broker.kill()


def prepare(folder: Path, nodes: int = 1, port: int = 0, files: Files | None = None) -> Brokers:
    """Brokers that are not started yet, with their data under `folder`; `port` 0 takes a free one."""
    known = []
    for number, host in enumerate(HOSTS[:nodes], 1):
        plain, controller, tls, mutual, sasl = ports(host, 5)
        node = Node(number, host, port or plain, controller)
        if files:
            node = replace(node, secure=Secure(tls, mutual, sasl, files.broker, files.authority))
        known.append(node)
    kafka = obtain()
    return Brokers([Broker(kafka, node, known, folder / f"broker{node.number}") for node in known])


@contextmanager
def running(folder: Path, nodes: int = 1, port: int = 0, files: Files | None = None) -> Iterator[Brokers]:
    """Brokers that serve; killed at the end. Not to be called inside an event loop."""
    brokers = prepare(folder, nodes, port, files)
    try:
        brokers.start()
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:  # leaves pytest's loop as it is
            runner.run(brokers.ready())
        yield brokers
    finally:
        brokers.kill()


async def make_topics(bootstrap: str, *names: str, partitions: int = 1, replication: int = 1, **config: str) -> None:
    """Create topics and wait until every partition has a leader that answers, which is later than metadata say.

    `config` has underscores for dots: `min_insync_replicas="2"`.
    """
    settings = {name.replace("_", "."): value for name, value in config.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        await admin.create_topics([NewTopic(name, partitions, replication, topic_configs=settings) for name in names])
    finally:
        await admin.close()
    wanted = [TopicPartition(name, number) for name in names for number in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    deadline = time.monotonic() + PATIENCE
    try:
        await consumer.start()
        while True:
            try:
                await consumer.end_offsets(wanted)
                return
            except KafkaError:
                assert time.monotonic() < deadline, f"no leaders of {names} after {PATIENCE} s"
                await asyncio.sleep(0.05)
    finally:
        await consumer.stop()


def main() -> None:
    """A broker by hand."""
    parser = argparse.ArgumentParser(prog="python -m tests.kafka", description="A Kafka broker in the foreground.")
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1 (default: a free one)")
    parser.add_argument("--nodes", type=int, default=1, choices=(1, 3))
    parser.add_argument("--folder", type=Path, help="keep data here (default: a temporary folder)")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGINT, lambda *_: sys.exit())
    with ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        brokers = stack.enter_context(running(folder.absolute(), chosen.nodes, chosen.port))
        print(json.dumps({"bootstrap": brokers.bootstrap}), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
