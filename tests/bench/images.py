"""Pictures per CPU second through the whole digest worker: a sandboxed process, its pipes and both ends of them."""

import asyncio
import time
from io import BytesIO

from hasher.sandbox import SandboxDigester
from tests.bench import cpu
from tests.pictures import picture

SHAPE = 1_160, 870
"""One megapixel."""
DIFFERENT = 12
AHEAD = 4


async def measure(count: int) -> float:
    """JPEGs of one megapixel digested per CPU second, of the workers and of this process."""
    pictures = []
    for seed in range(DIFFERENT):
        file = BytesIO()
        picture(seed, *SHAPE).save(file, "JPEG", quality=85)
        pictures.append(file.getvalue())
    digester = SandboxDigester(workers=1)
    await digester.start()
    try:
        await _digest(digester, pictures, DIFFERENT)
        workers = cpu.family(*digester.processes).values()
        begun = cpu.seconds(workers) + time.process_time()
        await _digest(digester, pictures, count)
        used = cpu.seconds(workers) + time.process_time() - begun
    finally:
        await digester.stop()
    return count / used


async def _digest(digester: SandboxDigester, pictures: list[bytes], count: int) -> None:
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            result = await digester.digest(pictures[number % len(pictures)], "image/jpeg")
            if not result.frames:
                raise RuntimeError(f"a picture was not digested: {result.why}")

    await asyncio.gather(*(work() for _ in range(AHEAD)))
