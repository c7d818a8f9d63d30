"""hasher.index.parts: a table comes back from its arrays as it was; damaged arrays are refused, with the reason."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hasher.index.kernel import KERNEL
from hasher.index.layout import chunked
from hasher.index.parts import parts_of, table_of
from hasher.index.table import Table, flat
from tests.unit.hasher.index.test_near import small

Parts = dict[str, Any]


@pytest.fixture(scope="module")
def table() -> Table:
    """Forty entries, found by chunks as if they were many."""
    chance = np.random.default_rng(1)
    entries = {
        number: (("pdq", chance.bytes(32)), ("md5", chance.bytes(16)), ("sha1", chance.bytes(20)))
        for number in range(1, 41)
    }
    made = flat(0, entries)
    return made._replace(near=made.near.cut(small(chunked(1_000_000, 31)), KERNEL), ready=True)


def test_there_and_back_without_a_copy(table: Table) -> None:
    parts = parts_of(table, 31)
    for array in parts.values():
        array.setflags(write=False)
    back = table_of(parts, 31)
    assert back.near.rows is parts["rows"] and back.near.layout == table.near.layout and back.ready
    for name, array in parts_of(back, 31).items():
        assert (array == parts[name]).all()
    empty = parts_of(flat(0, {}), 31)
    assert not table_of(empty, 31).weight


def _set(name: str, place: Any, value: Any) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts[name] = parts[name].copy()
        parts[name][place] = value

    return change


def _put(name: str, make: Callable[[Any], Any]) -> Callable[[Parts], None]:
    return lambda parts: parts.__setitem__(name, make(parts[name]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda parts: parts.pop("order"), "order is missing"),
        (_put("about", lambda about: about[:1]), "it was made for"),
        (_set("about", 0, 99), "it was made for"),
        (_set("about", 1, 30), "it was made for"),
        (lambda parts: parts.update(more=np.zeros(1)), "another version"),
        (_put("ids", lambda ids: ids.astype(np.int32)), "ids is no aligned array of int64"),
        (_put("rows", lambda rows: rows.ravel()), "rows is no aligned array"),
        (_put("rows", lambda rows: rows[::-1]), "rows is no aligned array"),
        (_put("ids", lambda ids: np.frombuffer(b"1" + ids.tobytes(), np.int64, offset=1)), "ids is no aligned array"),
        (_put("rows", lambda rows: rows[:-1]), "differ in number"),
        (_put("rows", lambda rows: np.ascontiguousarray(rows[:, :3])), "differ in number"),
        (_put("counts", lambda counts: counts[:-1]), "differ in number"),
        (_set("ids", 3, 1), "ids do not rise"),
        (_set("owners", 5, 40), "an owner is no entry"),
        (_put("chunks", lambda chunks: chunks[1:]), "not those of radius 31"),
        (_set("chunks", (2, 1), 25), "not those of radius 31"),
        (_set("chunks", (2, 0), 0), "not those of radius 31"),
        (_put("chunks", lambda chunks: np.ascontiguousarray(chunks[:, :2])), "three numbers"),
        (_put("starts", lambda starts: starts[1:]), "starts do not fit"),
        (_set("starts", 0, 1), "do not span"),
        (_set("starts", 9, 2**31), "fall"),
        (_put("order", lambda order: order[1:]), "order does not fit"),
        (_set("order", 7, 40), "names a hash that is none"),
        (_set("md5.owners", 7, 40), "an owner is no entry"),
        (_put("sha1.keys", lambda keys: keys[1:]), "differ in number"),
        (_put("sha1.keys", lambda keys: keys[::-1].copy()), "not in order"),
    ],
)
def test_what_does_not_fit_is_refused(table: Table, change: Callable[[Parts], None], reason: str) -> None:
    parts: Parts = dict(parts_of(table, 31))
    change(parts)
    with pytest.raises(ValueError, match=reason):
        table_of(parts, 31)


def test_cutting_and_overwriting_anything_raises_nothing_else(table: Table) -> None:
    chance = np.random.default_rng(2)
    whole = parts_of(table, 31)
    for _ in range(300):
        parts = dict(whole)
        name = sorted(parts)[int(chance.integers(len(parts)))]
        flat_bytes = parts[name].copy()
        raw = flat_bytes.view(np.uint8).reshape(-1) if flat_bytes.size else flat_bytes
        if len(raw):
            raw[chance.integers(0, len(raw), 3)] = chance.integers(0, 256, 3)
        parts[name] = (
            flat_bytes[: int(chance.integers(0, len(flat_bytes) + 1))] if chance.random() < 0.5 else flat_bytes
        )
        try:
            back = table_of(parts, 31)
        except ValueError:
            continue
        back.near.search(table.near.rows, 31, KERNEL)
        back.exact["md5"].find(bytes(16), KERNEL)
