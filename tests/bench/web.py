"""The pages that are fetched: the synthetic web's bench world, served by a process of its own whose CPU is not counted."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from tests.fakeweb.model import Ports


class Ready(msgspec.Struct):
    """The web's ready line."""

    nameserver: str
    http: int
    https: int
    other: int

    @property
    def ports(self) -> Ports:
        """As the world's model wants them."""
        return Ports(self.http, self.https, self.other)


@asynccontextmanager
async def serve(hosts: int, *, https: bool) -> AsyncIterator[Ready]:
    """The web, until the block ends."""
    command = ["-m", "tests.fakeweb", "--world", "bench", "--sites", str(hosts), "--pages", "1000000", "--no-log"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, *(["--https"] if https else []), stdout=PIPE
    )
    try:
        assert process.stdout is not None
        yield msgspec.json.decode(await process.stdout.readline(), type=Ready)
    finally:
        process.terminate()
        await process.wait()
