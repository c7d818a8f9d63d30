"""A process that uses the embedded server, for tests that kill it: python -m tests.integration.supervised STATE [HOW].

It prints the postmaster's process id, then waits for SIGTERM or SIGINT. HOW "leaves" ends without stopping properly.
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from backends.postgres.supervisor import Supervisor
from contracts.options import MIB
from contracts.settings import Storage

SETTINGS = Storage(shared_buffers=16 * MIB, fsync=False)
REPOSITORY = Path(__file__).parents[2]


class User:
    """Such a process, seen from a test."""

    def __init__(self, state: Path, how: str = "waits", prefix: list[str] | None = None) -> None:
        """Start it as leader of a process group; `prefix` runs it as somebody else."""
        self.process = subprocess.Popen(
            [*(prefix or []), sys.executable, "-m", "tests.integration.supervised", str(state), how],
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path[1:]]),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            process_group=0,
        )

    def postmaster(self) -> int:
        """The server's process id, once it runs."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def send(self, number: signal.Signals) -> int:
        """Signal its process group, as a terminal does, and wait for its end; the exit code."""
        os.killpg(self.process.pid, number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


async def main(state: Path, how: str) -> None:
    """Use the server."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    supervisor = Supervisor(state, SETTINGS)
    await supervisor.start()
    print(supervisor.pid, flush=True)
    if how == "leaves":
        return
    await asked.wait()
    await supervisor.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
