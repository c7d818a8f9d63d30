"""faiss' exact ways to search binary vectors, as baselines: an extra of benches (`pip install '.[bench]'`), never a dependency."""

import time
from typing import Any

import numpy as np

from tests.bench.match.corpus import Words


def indexes(rows: Words) -> dict[str, Any]:
    """BinaryFlat, which compares with all, and BinaryMultiHash of 16 tables of 16 bits (2 flips find distance 31)."""
    import faiss

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(rows.view(np.uint8))
    many = faiss.IndexBinaryMultiHash(256, 16, 16)
    many.nflip = 1
    many.add(rows.view(np.uint8))
    return {"faiss BinaryFlat": flat, "faiss BinaryMultiHash 16x16": many}


def rate(index: Any, queries: Words, radius: int, seconds: float) -> float:
    """Queries per CPU second; as many as fit into about so many seconds, one at least."""
    asked, began = 0, time.process_time()
    while asked < len(queries) and (not asked or time.process_time() - began < seconds):
        index.range_search(queries[asked : asked + 1].view(np.uint8), radius + 1)  # strictly less than its radius
        asked += 1
    return asked / (time.process_time() - began)
