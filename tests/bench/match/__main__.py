"""`python -m tests.bench.match`: what matching costs at the scale of real lists, one JSON object a line.

ENTRIES=1000000 for one size; both a million and ten if not given. Each part is a process of its own, one after another.
Exit code 1 if something planted was not found.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

SIZES: Final = (1_000_000, 10_000_000)
RADIUS: Final = 31
STORED: Final = 10
"""Stored hashes to match backwards, for each entry of the index."""
FRESH: Final = 1_000
IMPORTED: Final = 10
"""Of the entries of the index one in so many is imported from files."""


def parts(entries: int, radius: int, *, baseline: bool) -> Iterator[list[str]]:
    """The processes of one size."""
    for corpus in ("uniform", "clustered"):
        yield ["search", str(entries), corpus, str(radius), *(["--baseline"] if baseline else [])]
    yield ["updates", str(entries), str(radius)]
    yield ["visible", str(entries), str(radius)]
    yield ["retro", str(STORED * entries), str(FRESH)]
    yield ["imports", str(max(1, entries // IMPORTED))]


def main() -> int:
    """Run what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="search updates visible retro imports; all if none")
    parser.add_argument("--radius", type=int, default=RADIUS)
    parser.add_argument("--no-baseline", action="store_true", help="without faiss")
    given = parser.parse_args()
    asked = os.environ.get("ENTRIES")
    failed = False
    for entries in (int(asked),) if asked else SIZES:
        for part in parts(entries, given.radius, baseline=not given.no_baseline):
            if not given.parts or part[0] in given.parts:
                command = [sys.executable, "-m", f"tests.bench.match.{part[0]}", *part[1:]]
                failed |= subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
