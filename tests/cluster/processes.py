"""One process of a role: started as a user would, asked over HTTP, signalled, killed, paused."""

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tests.integration.crawls import PATIENCE, REPOSITORY, Ended, Running

HTTP_SECONDS = 5.0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def crawlctl(*arguments: str, environ: Mapping[str, str] | None = None, cwd: Path = REPOSITORY) -> Running:
    """Start `crawlctl ...`: in a session of its own, since Ctrl-C is for who started it; who is killed leaves none behind."""
    guard = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
    process = await asyncio.create_subprocess_exec(
        *guard, sys.executable, "-m", "crawlctl", *arguments, cwd=cwd, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1", **(environ or {})},
    )  # fmt: skip
    return Running(process)


class RoleProcess:
    """`crawlctl ROLE --settings FILE`, at a port of its own for health and metrics. The same object may be started again."""

    def __init__(self, role: str, number: int, settings: Path, environ: Mapping[str, str]) -> None:
        self.role = role
        self.number = number
        self.name = f"{role}{number}"
        self._settings = settings
        self._environ = dict(environ)
        self.port = 0
        self.running: Running | None = None
        self.endings: list[Ended] = []
        self.leaving = False

    @property
    def pid(self) -> int:
        """Its process id, 0 if it does not run."""
        return self.running.process.pid if self.alive and self.running else 0

    @property
    def alive(self) -> bool:
        """Whether it runs, paused or not."""
        return self.running is not None and self.running.process.returncode is None

    async def start(self, **environ: str) -> None:
        """Start it, the first time or again; with more of an environment if given. `leaving` tells whether it was told to end."""
        assert not self.alive, f"{self.name} runs"
        self.port = free_port()
        listen = {"PISAURA_CLUSTER_LISTEN": f"127.0.0.1:{self.port}"}
        given = {**self._environ, **listen, **environ}
        self.leaving = False
        self.running = await crawlctl("-v", self.role, "--settings", str(self._settings), environ=given)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.running is not None:
            self.running.send(number)

    async def ended(self, seconds: float = PATIENCE) -> Ended:
        """Wait for its end."""
        assert self.running is not None
        ended = await self.running.ended(seconds)
        self.endings.append(ended)
        self.running = None
        return ended

    async def stop(self, seconds: float = PATIENCE) -> Ended:
        """SIGTERM, and wait; who is paused goes on first."""
        self.leaving = True
        self.resume()
        self.send(signal.SIGTERM)
        return await self.ended(seconds)

    async def kill(self) -> Ended:
        """kill -9, and wait."""
        self.leaving = True
        self.send(signal.SIGKILL)
        return await self.ended()

    def pause(self) -> None:
        """SIGSTOP."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.send(signal.SIGCONT)

    # -- what it says of itself ---------------------------------------------------------------------------------------

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body of an answer; status 0 if there is none."""
        try:
            async with asyncio.timeout(HTTP_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.name}\r\n\r\n".encode())
                    data = await reader.read()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return 0, ""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        return (int(head.split(" ")[1]) if " " in head else 0), body

    async def waits(self) -> list[dict[str, str]]:
        """What /readyz says that it waits for; empty if it serves."""
        status, body = await self.get("/readyz")
        if not status:
            return [{"part": "http", "why": "no answer"}]
        reasons: list[dict[str, str]] = msgspec.json.decode(body)["reasons"]
        return reasons

    async def metrics(self) -> dict[str, float]:
        """Its own metrics by name with labels; empty if it does not answer."""
        _, body = await self.get("/metrics")
        lines = (line.rpartition(" ") for line in body.splitlines() if line.startswith("pisaura_"))
        return {name: float(value) for name, _, value in lines}


def lines(text: str) -> list[dict[str, Any]]:
    """JSON lines."""
    return [msgspec.json.decode(line) for line in text.splitlines()]
