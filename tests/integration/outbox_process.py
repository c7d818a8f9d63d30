"""A process that composes and hands over one notice, and is killed (SIGKILL) at a point of its way: for `test_outbox`.

Arguments: connection string, file of keys, file in which each notice that was taken is a line, unix time, number of the point.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from backends.postgres.vault_cases import VaultCases, Work
from backends.postgres.vault_store import open_pool
from contracts.notices import Delivery, Notice
from contracts.removal import Notices, Rechecks
from contracts.seal import from_bytes
from notices import routes
from notices.service.composing import Composing
from notices.service.sealed import CaseKeys
from notices.service.sending import Sending
from notices.service.steps import Cases, Limits
from tests.notifying import OPERATOR, line_of


class Killed:
    """Counts points, and dies at one."""

    def __init__(self, at: int) -> None:
        self.left = at

    def point(self) -> None:
        """A point between two steps."""
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


class Dying(VaultCases):
    """Dies before or after a commit."""

    killed: Killed

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with super().work() as work:
            yield work
            self.killed.point()
        self.killed.point()


class File:
    """Takes notices into a file, as a mail server that a crash of its client does not touch."""

    def __init__(self, path: Path, killed: Killed) -> None:
        self._path, self._killed = path, killed

    async def send(self, notice: Notice) -> Delivery:
        """Take it."""
        self._killed.point()
        with self._path.open("a") as file:
            file.write(line_of(notice))
        self._killed.point()
        return Delivery(True, "250 taken")


async def main(dsn: str, keys: str, taken: str, now: str, point: str) -> None:
    """Compose and send, or die on the way."""
    pool = await open_pool(dsn)
    vault, killed = Dying(pool), Killed(int(point))
    vault.killed = killed
    limits = Limits(Notices(auto=True), Rechecks(), OPERATOR, routes.shipped())
    cases = Cases(vault, CaseKeys(from_bytes(Path(keys).read_bytes())), limits, lambda: float(now))
    await Composing(cases, os.urandom, "hotline.example").compose()
    await Sending(cases, File(Path(taken), killed)).send()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
