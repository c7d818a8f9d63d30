"""How long operators wait for an answer: verbs as they type them, over a database of millions of URLs, with Python's start."""

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Final

from tests.bench.cluster.world import BIG, Shape, name_of, page_path

ROUNDS: Final = 3
SETTINGS: Final = 'user_agent = "Pisaura/1.0 (+https://hotline.example/bot)"\n'


def asked(shape: Shape) -> dict[str, tuple[str, ...]]:
    """Verbs by name, with their arguments."""
    host = BIG if shape.big else name_of(shape.hosts // 2)
    return {
        "status": ("status",),
        "hosts ls": ("hosts", "ls"),
        "explain": ("explain", f"https://{host}{page_path(30)}"),
        "explain, unknown URL": ("explain", f"https://{host}/never/heard/of"),
        "seeds ls": ("seeds", "ls"),
    }


async def measure(dsn: str, shape: Shape, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each verb, the shortest of several: the machine's other work is not ours."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder:
        file = Path(folder) / "settings.toml"
        file.write_text(SETTINGS)
        for name, arguments in asked(shape).items():
            found[name] = min([await _once(dsn, [*arguments, "--settings", str(file)]) for _ in range(rounds)])
    return found


async def _once(dsn: str, arguments: list[str]) -> float:
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crawlctl", *arguments, stdout=PIPE, stderr=PIPE,
        env={**os.environ, "PISAURA_POSTGRES_CRAWL": dsn},
    )  # fmt: skip
    _, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"crawlctl {' '.join(arguments)} ended with {process.returncode}: {said.decode()}")
    return time.perf_counter() - begun
