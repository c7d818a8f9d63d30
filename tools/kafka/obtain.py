"""All that a broker needs, in `.cache/kafka` of this tree, made once: Java, jars, a formatted folder, loaded classes.

A start is 1.4 s instead of 6 s so: formatting is copying two small files, and classes come loaded from an archive.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.kafka import configuration, jars, java
from tools.kafka.configuration import CLUSTER, PASSWORD, USER, Node
from tools.kafka.java import FLAGS, Java, Unobtainable

CACHE: Final = Path(__file__).parents[2] / ".cache" / "kafka"
SECONDS: Final = 120.0
"""Longest time for a single step of Kafka's own."""


@dataclass(frozen=True)
class Kafka:
    """What is there to start brokers with."""

    java: Java
    libs: Path
    formatted: Path
    archive: Path

    def run(self, main: str, *arguments: str, flags: tuple[str, ...] = ()) -> list[str]:
        """The command that runs one of its classes."""
        path = os.pathsep.join(str(jar) for jar in sorted(self.libs.glob("*.jar")))
        log = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [str(self.java.program), *FLAGS, *flags, log, "-cp", path, main, *arguments]

    def broker(self, file: Path, heap: str = "-Xmx320m") -> list[str]:
        """The command that runs the broker of a `server.properties`."""
        return self.run("kafka.Kafka", str(file), flags=(heap, *self.java.replay(self.archive)))

    def format(self, data: Path, number: int) -> None:
        """Make an empty folder of data for a node."""
        shutil.copytree(self.formatted, data)
        itself = data / "meta.properties"
        lines = [line for line in itself.read_text().splitlines() if not line.startswith(("node.id", "directory.id"))]
        itself.write_text("\n".join([*lines, f"node.id={number}", f"directory.id={directory()}", ""]))


def directory() -> str:
    """A fresh id: 16 bytes in URL-safe base64 that do not begin as an option would."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def obtain(cache: Path = CACHE) -> Kafka:
    """Everything, from the cache if it is there. Processes that ask at once wait for the first. Raises Unobtainable."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            runs = java.find(cache)
            jars.obtain(cache / "libs", cache, runs)
            made = cache / f"made-{origin(cache / 'libs', runs)}"
            kafka = Kafka(runs, cache / "libs", made / "formatted", made / "classes")
            if not made.exists():
                make(kafka, made)
        except subprocess.TimeoutExpired as late:
            raise Unobtainable(f"gave up after {late.timeout:.0f} s: {' '.join(map(str, late.cmd))[:500]}") from late
    return kafka


def origin(libs: Path, runs: Java) -> str:
    """A digest of what the made parts hang on. Java takes no archive of jars that were moved or written anew since."""
    files = [(str(jar), jar.stat().st_mtime_ns) for jar in sorted(libs.iterdir())]
    code = [Path(text).read_text() for text in (configuration.__file__, __file__)]
    return hashlib.sha256(repr((runs, files, code)).encode()).hexdigest()[:12]


def make(kafka: Kafka, made: Path) -> None:
    """Format a folder, and run a broker on a copy of it to learn which classes it loads."""
    print("tools.kafka: making a formatted folder and an archive of classes", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=made.parent) as text:
        folder = Path(text)
        port, controller = ports("127.0.0.1", 2)
        node = Node(1, "127.0.0.1", port, controller)
        file = folder / "server.properties"
        part = folder / "made"
        part.mkdir()
        file.write_text(configuration.properties(node, [node], part / "formatted"))
        scram = [f"SCRAM-SHA-{bits}=[name={USER},password={PASSWORD}]" for bits in (256, 512)]
        known = [word for user in scram for word in ("--add-scram", user)]
        step(kafka.run("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(file), *known), folder)
        shutil.copytree(part / "formatted", folder / "data")
        file.write_text(configuration.properties(node, [node], folder / "data"))
        record = tuple(kafka.java.record(part / "classes"))
        with (folder / "log").open("wb") as log:
            broker = subprocess.Popen(kafka.run("kafka.Kafka", str(file), flags=record), stdout=log, stderr=log)
            try:
                listening(broker, node)
                broker.terminate()
                broker.wait(SECONDS)
            except (Unobtainable, subprocess.TimeoutExpired) as why:
                raise Unobtainable(f"the broker did not run: {why} {(folder / 'log').read_text()[-2000:]}") from why
            finally:
                broker.kill()
                broker.wait()
        for old in made.parent.glob("made-*"):
            shutil.rmtree(old)
        part.replace(made)


def step(command: list[str], folder: Path) -> None:
    """Run one of Kafka's tools. Raises Unobtainable."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise Unobtainable(f"Kafka's own step failed: {done.stderr[-2000:]}{done.stdout[-2000:]}")


def listening(broker: "subprocess.Popen[bytes]", node: Node) -> None:
    """Wait until the port is open, which is once the broker serves. Raises Unobtainable."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and broker.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((node.host, node.port)) == 0:
                return
        time.sleep(0.05)
    raise Unobtainable("it ended" if broker.poll() is not None else f"no port after {SECONDS:.0f} s")


def ports(host: str, count: int) -> list[int]:
    """Free ports below those that the kernel hands to outgoing connections.

    A port from among those could be taken while its broker is down: by any client, or by a client of that very
    broker, which then connects to itself.
    """
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        first = 32_768
    found: list[int] = []
    while len(found) < count:
        port = 10_000 + uuid.uuid4().int % max(1, first - 10_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port not in found and probe_free(probe, host, port):
                found.append(port)
    return found


def probe_free(probe: socket.socket, host: str, port: int) -> bool:
    """Whether nobody listens there."""
    try:
        probe.bind((host, port))
    except OSError:
        return False
    return True
