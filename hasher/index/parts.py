"""A table as named flat arrays, and back: what a snapshot of the index holds."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from contracts.snapshots import Parts
from hasher.index.exact import WIDTHS, Exact
from hasher.index.near import Near, layout_of
from hasher.index.table import Table

VERSION: Final = 1

_TYPES: Final = {
    "about": (np.int64, 1),
    "ids": (np.int64, 1),
    "counts": (np.uint32, 1),
    "chunks": (np.int32, 2),
    "rows": (np.uint64, 2),
    "owners": (np.uint32, 1),
    "starts": (np.uint32, 1),
    "order": (np.uint32, 1),
    **{f"{name}.keys": (np.uint64, 1) for name in WIDTHS},
    **{f"{name}.rest": (np.uint8, 2) for name in WIDTHS},
    **{f"{name}.owners": (np.uint32, 1) for name in WIDTHS},
}
"""Name to kind and number of dimensions."""


def parts_of(table: Table, radius: int) -> dict[str, npt.NDArray[Any]]:
    """The table's own arrays, not copies: only to be read."""
    near = table.near
    out: dict[str, npt.NDArray[Any]] = {
        "about": np.array([VERSION, radius], np.int64),
        "ids": table.ids,
        "counts": table.counts,
        "chunks": np.array(near.layout, np.int32).reshape(-1, 3),
        "rows": near.rows,
        "owners": near.owners,
        "starts": near.starts,
        "order": near.order,
    }
    for name, exact in table.exact.items():
        out |= {f"{name}.keys": exact.keys, f"{name}.rest": exact.rest, f"{name}.owners": exact.owners}
    return out


def table_of(parts: Parts, radius: int) -> Table:
    """A table that uses these arrays in place. Raises ValueError with the reason if they are not what `parts_of` gives."""
    for name, (kind, dimensions) in _TYPES.items():
        array = parts.get(name)
        if array is None:
            raise ValueError(f"{name} is missing")
        laid_out = array.flags.c_contiguous and array.flags.aligned
        if array.dtype != kind or array.ndim != dimensions or not laid_out:
            raise ValueError(f"{name} is no aligned array of {np.dtype(kind)} in {dimensions} dimensions")
    if parts.keys() != _TYPES.keys():
        raise ValueError("there are arrays of another version")
    about = parts["about"].tolist()
    if about != [VERSION, radius]:
        raise ValueError(f"it was made for [version, radius] {about[:2]}, not {[VERSION, radius]}")
    ids, counts = parts["ids"], parts["counts"]
    if counts.shape != ids.shape:
        raise ValueError("ids and counts differ in number")
    if not bool((ids[1:] > ids[:-1]).all()):
        raise ValueError("ids do not rise")
    near = Near(parts["rows"], parts["owners"], layout_of(parts["chunks"]), parts["starts"], parts["order"])
    near.check(len(ids), radius)
    exact = {}
    for name, width in WIDTHS.items():
        exact[name] = Exact(parts[f"{name}.keys"], parts[f"{name}.rest"], parts[f"{name}.owners"])
        exact[name].check(width, len(ids))
    return Table(0, ids, counts, near, exact, ready=True)
