"""Queries a CPU second on one core, and what the index costs; a process of its own for each corpus, so that memory is its own.

Queries are half strangers, half members changed by a planted number of bits; what was planted must be found.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from contracts.vault import EntryDigests
from hasher.index import Index
from tests.bench.match import baseline, corpus
from tests.bench.match.corpus import Words

PAGE: Final = 20_000
QUERIES: Final = 4_000
ALONE: Final = 1_000
FORMS: Final = 8
BASELINE_SECONDS: Final = 20.0


def say(name: str, value: float, digits: int, **about: object) -> None:
    """One figure."""
    print(msgspec.json.encode({"name": name, **about, "value": round(value, digits)}).decode(), flush=True)


def entries(rows: Words, first: int = 1) -> Iterator[list[EntryDigests]]:
    """As the vault hands them over: in pages, an entry a hash, numbered from `first`."""
    for start in range(0, len(rows), PAGE):
        some = rows[start : start + PAGE].tobytes()
        yield [EntryDigests(first + start + at // 32, (("pdq", some[at : at + 32]),)) for at in range(0, len(some), 32)]


def built(rows: Words, radius: int, first: int = 1) -> tuple[Index, float, float]:
    """(the index, CPU seconds that its making took, bytes an entry of all its arrays)."""
    index, cpu = Index(radius), 0.0
    for page in entries(rows, first):
        began = time.process_time()
        index.add(page)
        cpu += time.process_time() - began
    began = time.process_time()
    index.compact()
    cpu += time.process_time() - began
    return index, cpu, sum(array.nbytes for array in index.parts().values()) / len(rows)


def asked(rows: Words, radius: int, count: int, seed: int) -> tuple[Words, list[int]]:
    """Queries in a random order, and of each how far it was moved from an entry; -1 for strangers."""
    chance = np.random.default_rng(seed)
    made, moved = [corpus.uniform(count // 2, seed + 1)], [-1] * (count // 2)
    for at, distance in enumerate(range(radius + 1)):
        share = rows[chance.integers(0, len(rows), max(1, count // 2 // (radius + 1)))]
        made.append(corpus.flipped(share, distance, seed + 2 + at))
        moved += [distance] * len(share)
    queries, order = np.concatenate(made), chance.permutation(len(moved))
    return queries[order], [moved[at] for at in order]


def main() -> None:
    """All figures of one corpus."""
    parser = argparse.ArgumentParser()
    parser.add_argument("entries", type=int)
    parser.add_argument("corpus", choices=("uniform", "clustered"))
    parser.add_argument("radius", type=int)
    parser.add_argument("--baseline", action="store_true")
    given = parser.parse_args()
    about = {"entries": given.entries, "corpus": given.corpus, "radius": given.radius}
    rows: Words = getattr(corpus, given.corpus)(given.entries)
    index, seconds, size = built(rows, given.radius)
    say("build_cpu_seconds", seconds, 1, **about)
    say("bytes_per_entry", size, 0, **about)
    queries, moved = asked(rows, given.radius, QUERIES, 7)
    index.near_joined(queries[:64].tobytes())

    began = time.process_time()
    found = index.near_joined(queries.tobytes())
    ours = len(queries) / (time.process_time() - began)
    say("match_queries_per_cpu_second", ours, 0, asked="together", **about)
    hit = {one.query for one in found}
    missed = sum(1 for query, distance in enumerate(moved) if distance >= 0 and query not in hit)
    say("planted_missed", missed, 0, **about)
    say("hits_per_query", len(found) / len(queries), 2, **about)

    forms = queries[: len(queries) // FORMS * FORMS].tobytes()
    began = time.process_time()
    for start in range(0, len(forms), 32 * FORMS):
        index.near_joined(forms[start : start + 32 * FORMS])
    say("look_ups_of_eight_forms_per_cpu_second", len(forms) / 32 / FORMS / (time.process_time() - began), 0, **about)

    took = []
    for query in queries[:ALONE]:
        began = time.perf_counter()
        index.near_joined(query.tobytes())
        took.append(time.perf_counter() - began)
    say("match_queries_per_cpu_second", len(took) / sum(took), 0, asked="one by one", **about)
    for quantile in (0.5, 0.99):
        say("query_seconds", float(np.quantile(took, quantile)), 6, quantile=quantile, **about)
    if given.baseline:
        for name, other in baseline.indexes(rows).items():
            theirs = baseline.rate(other, queries, given.radius, BASELINE_SECONDS)
            say("match_queries_per_cpu_second", theirs, 1, asked=name, **about)
            say("times_as_fast", ours / theirs, 1, than=name, **about)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
