"""Changes of a large index, and its snapshot: longest pause of a change, flat memory, seconds to write and to open.

Merges run in a thread, as a hasher runs them; what is timed is what its event loop would wait for.
"""

import argparse
import gc
import random
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from backends.snapshots import SnapshotFile
from contracts.snapshots import Mark
from contracts.vault import EntryDigests
from hasher.index import Index
from hasher.index.merge import Built, Plan
from tests.bench.match import corpus
from tests.bench.match.search import built, say

UPDATES: Final = 10_000
KEY: Final = bytes(32)


class Merging:
    """One merge at a time, beside what goes on."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._made: list[Built] = []

    def look(self, index: Index) -> None:
        """Adopt what is ready, begin what is due."""
        if self._thread is None:
            plan = index.due()
            if plan is not None:
                self._thread = threading.Thread(target=self._build, args=(plan,))
                self._thread.start()
        elif not self._thread.is_alive():
            self._thread.join()
            self._thread = None
            index.adopt(self._made.pop())

    def end(self, index: Index) -> None:
        """Wait until nothing is left to merge."""
        while self._thread is not None:
            self._thread.join()
            self.look(index)
            self.look(index)

    def _build(self, plan: Plan) -> None:
        self._made.append(plan.build())


def updates(index: Index, entries: int, about: dict[str, object]) -> None:
    """Single changes: half of them add an entry, half take one away, each seen by the very next search."""
    chance, process, merging = random.Random(5), psutil.Process(), Merging()
    added: list[EntryDigests] = []
    took, wrong = [], 0
    gc.collect()
    before = process.memory_info().rss
    for number in range(UPDATES):
        if number % 2 and added:
            entry = added.pop(chance.randrange(len(added))) if chance.random() < 0.5 else None
            gone = entry or EntryDigests(chance.randrange(1, entries), ())
            began = time.perf_counter()
            index.remove([gone])
            merging.look(index)
            took.append(time.perf_counter() - began)
            if entry is not None:
                wrong += any(hit.entry_id == entry.entry_id for hit in index.near([entry.digests[0][1]]))
        else:
            entry = EntryDigests(entries + number + 1, (("pdq", chance.randbytes(32)), ("sha1", chance.randbytes(20))))
            added.append(entry)
            began = time.perf_counter()
            index.add([entry])
            merging.look(index)
            took.append(time.perf_counter() - began)
            if number % 10 == 0:
                wrong += not any(hit.entry_id == entry.entry_id for hit in index.near([entry.digests[0][1]]))
    merging.end(index)
    gc.collect()
    for name, value in (("0.5", 0.5), ("0.99", 0.99), ("1", 1.0)):
        say("update_seconds", float(np.quantile(took, value)), 6, quantile=name, **about)
    grown = process.memory_info().rss - before
    say("memory_grown_bytes_per_entry", grown / entries, 2, updates=UPDATES, **about)
    say("updates_wrong", wrong, 0, **about)


def snapshot(index: Index, radius: int, about: dict[str, object]) -> None:
    """Written, opened by one process, opened by a second one that finds it in memory."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = (SnapshotFile(Path(folder), KEY, radius, Path("/dev/shm")) for _ in range(2))
        parts = index.parts()
        began = time.perf_counter()
        one.write(Mark(bytes(16), 1, 0.0), parts)
        say("snapshot_write_seconds", time.perf_counter() - began, 2, **about)
        say("snapshot_bytes", sum(file.stat().st_size for file in Path(folder).iterdir()), 0, **about)
        for file, who in ((one, "first"), (two, "second")):
            began = time.perf_counter()
            mark, opened = file.open()
            Index.restore(radius, opened, mark.seq).near([bytes(32)])
            say("snapshot_load_seconds", time.perf_counter() - began, 2, process=who, **about)
            del opened
        one.close()
        two.close()


def main() -> None:
    """All figures of one size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", type=int)
    parser.add_argument("radius", type=int)
    given = parser.parse_args()
    about: dict[str, object] = {"entries": given.entries, "radius": given.radius}
    index, _, _ = built(corpus.clustered(given.entries), given.radius)
    snapshot(index, given.radius, about)
    updates(index, given.entries, about)


if __name__ == "__main__":
    main()
