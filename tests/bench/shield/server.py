"""A process of Shield: first the bare work (hash, digest in the sandbox, look up) without HTTP, then providers are served.

Says each in a JSON line on standard output and ends when its standard input does.
"""

import asyncio
import json
import sys
import time
from dataclasses import replace

import uvloop

from contracts.hashes import Hashes
from contracts.settings import Settings, Workers
from contracts.shielding import Question
from crawlctl.roles.shield import ShieldProcess
from tests.bench import cpu
from tests.bench.shield.pictures import pictures

AHEAD = 8
ENOUGH = 2**50


async def bare(process: ShieldProcess, count: int) -> dict[str, float]:
    """CPU seconds and wall seconds of so many pictures."""
    lookup, digester = process.lookup, process.digester
    assert lookup is not None
    numbers = iter(range(count))
    given = pictures(0)

    async def work() -> None:
        for number in numbers:
            body = next(given)
            hashes = Hashes()
            hashes(body)
            media = await digester.digest(body, "image/jpeg")
            sha256, sha1, md5, _ = hashes.digests()
            await lookup.look(Question(sha256, sha1, md5, hashes.size, media))
            if not media.frames:
                raise RuntimeError(f"picture {number} was not digested: {media.why}")

    family = cpu.family(*digester.processes).values()
    began, used = time.perf_counter(), cpu.seconds(family) + time.process_time()
    await asyncio.gather(*(work() for _ in range(AHEAD)))
    return {"wall": time.perf_counter() - began, "cpu": cpu.seconds(family) + time.process_time() - used}


async def serve(vault: str, count: int) -> None:
    """All of it."""
    settings = Settings(workers=Workers(digest=2))
    shield = replace(settings.shield, rate=1e9, burst=ENOUGH, daily=ENOUGH, near_daily=ENOUGH, circling=ENOUGH)
    settings = replace(settings, shield=shield)
    process = ShieldProcess(settings, vault, ("127.0.0.1", 0), None, None)
    began = time.perf_counter()
    await process.start()
    say({"loaded": time.perf_counter() - began, "digests": len(process.keeper.index), "port": process.port})
    say(await bare(process, count))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await process.stop()


def say(what: dict[str, float]) -> None:
    """One line."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
