"""hasher.index.index: additions and removals in any order equal a plain dictionary; the tail becomes tables unnoticed."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.vault import EntryDigests
from hasher.index import Hit, Index
from hasher.index import index as module
from hasher.index.exact import WIDTHS
from hasher.index.kernel import Kernel
from hasher.index.merge import Plan
from hasher.index.table import Table


def _near(digest: bytes, bits: int, chance: random.Random) -> bytes:
    value = int.from_bytes(digest)
    for bit in chance.sample(range(256), bits):
        value ^= 1 << bit
    return value.to_bytes(32)


def _plain(entries: dict[int, EntryDigests], query: bytes, radius: int) -> set[tuple[int, bytes, int]]:
    asked = int.from_bytes(query)
    return {
        (entry.entry_id, digest, (int.from_bytes(digest) ^ asked).bit_count())
        for entry in entries.values()
        for algorithm, digest in entry.digests
        if algorithm == "pdq" and (int.from_bytes(digest) ^ asked).bit_count() <= radius
    }


def test_exact_look_up_and_shared_digests() -> None:
    index = Index(31)
    md5, sha1, sha256 = b"m" * 16, b"s" * 20, b"t" * 32
    index.add([EntryDigests(1, (("md5", md5), ("sha1", sha1), ("sha256", sha256)))])
    index.add([EntryDigests(2, (("md5", md5),)), EntryDigests(3, (("md5", md5),)), EntryDigests(3, (("md5", md5),))])
    assert [hit.entry_id for hit in index.exact("md5", md5, 9)] == [1, 2, 3]
    assert index.exact("sha1", sha1, 4) == [Hit(4, 1, "sha1", sha1)]
    assert index.exact("sha256", b"x" * 32) == [] and len(index) == 5
    index.remove([EntryDigests(2, (("md5", md5),)), EntryDigests(9, (("md5", md5), ("sha1", b"n" * 20)))])
    assert [hit.entry_id for hit in index.exact("md5", md5)] == [1, 3]
    index.remove([EntryDigests(1, (("md5", md5), ("sha1", sha1), ("sha256", sha256)))])
    assert [hit.entry_id for hit in index.exact("md5", md5)] == [3] and len(index) == 1
    index.remove([EntryDigests(3, (("md5", md5),))])
    assert len(index) == 0


# A SHA-256 and a PDQ of the same 32 bytes are different digests.
def test_a_pdq_is_no_sha256() -> None:
    index = Index(0)
    index.add([EntryDigests(1, (("pdq", b"\x55" * 32),)), EntryDigests(2, (("sha256", b"\x33" * 32),))])
    assert index.exact("sha256", b"\x55" * 32) == [] and index.near([b"\x33" * 32]) == []
    assert index.near([b"\x00" * 32, b"\x55" * 32]) == [Hit(1, 1, "pdq", b"\x55" * 32, 0)]


_POOL = [random.Random(5).randbytes(32) for _ in range(3)]
_POOL += [
    _near(_POOL[number % 3], bits, random.Random(bits)) for number, bits in enumerate((1, 7, 10, 20, 31, 32, 40, 60))
]
_DIGEST = st.one_of(
    st.sampled_from(_POOL).map(lambda digest: ("pdq", digest)),
    st.sampled_from([(name, bytes([n]) * width) for name, width in WIDTHS.items() for n in range(3)]),
)
_ENTRY = st.builds(EntryDigests, st.integers(1, 12), st.lists(_DIGEST, max_size=4).map(tuple))
_STEP: st.SearchStrategy[tuple[str, list[EntryDigests]]] = st.one_of(
    st.tuples(st.just("add"), st.lists(_ENTRY, min_size=1, max_size=6)),
    st.tuples(st.just("remove"), st.lists(_ENTRY, min_size=1, max_size=4)),
    st.tuples(st.sampled_from(["plan", "plan whole", "adopt", "compact", "snapshot"]), st.just([])),
)


@pytest.mark.parametrize("radius", [0, 10, 31, 40])
@given(steps=st.lists(_STEP, max_size=30), full=st.sampled_from([1, 3, 9]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changes_in_any_order_equal_a_dictionary(
    kernel: Kernel, radius: int, steps: list[tuple[str, list[EntryDigests]]], full: int
) -> None:
    """With plans that are adopted late, when entries were added and removed meanwhile, or never."""
    index, entries, built = Index(radius, kernel), dict[int, EntryDigests](), None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FULL", full)
        patch.setattr(module, "OVERFULL", 6)
        for step, changed in steps:
            if step == "add":
                index.add(changed)
                entries.update((entry.entry_id, entry) for entry in changed)
            elif step == "remove":
                index.remove(changed)
                for entry in changed:
                    entries.pop(entry.entry_id, None)
            elif step in ("plan", "plan whole"):
                plan = index.due(whole=step == "plan whole")
                built = plan.build() if plan else built
            elif step == "adopt" and built:
                index.adopt(built)
            elif step == "compact":
                index.compact()
            elif step == "snapshot":
                index = Index.restore(radius, index.parts(), 7, kernel)
            _equal(index, entries)


def _equal(index: Index, entries: dict[int, EntryDigests]) -> None:
    assert len(index) == sum(len(set(entry.digests)) for entry in entries.values())
    for name, width in WIDTHS.items():
        for digest in (bytes([n]) * width for n in range(3)):
            expected = sorted(number for number, entry in entries.items() if (name, digest) in entry.digests)
            assert [hit.entry_id for hit in index.exact(name, digest)] == expected
    hits = index.near(_POOL)
    for at, query in enumerate(_POOL):
        found = [(hit.entry_id, hit.digest, hit.distance) for hit in hits if hit.query == at]
        assert len(found) == len(set(found)) and set(found) == _plain(entries, query, index.radius)


def test_removing_all_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 4)
    chance = random.Random(1)
    entries = [EntryDigests(n, (("pdq", chance.randbytes(32)),)) for n in range(20)]
    index = Index(31)
    for entry in entries:
        index.add([entry])
    index.remove(entries)
    index.remove(entries)
    assert len(index) == 0 and index.near([digest for entry in entries for _, digest in entry.digests]) == []
    index.add(entries[:6])
    assert {hit.entry_id for hit in index.near([digest for entry in entries for _, digest in entry.digests])} == set(
        range(6)
    )


def test_compacting_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 10)
    chance = random.Random(2)
    entries = {n: EntryDigests(n, (("pdq", chance.randbytes(32)),)) for n in range(95)}
    index = Index(31)
    for entry in entries.values():
        index.add([entry])
    index.remove([entries.pop(n) for n in (3, 50, 94)])
    queries = [_near(entry.digests[0][1], 20, chance) for entry in entries.values()]
    before = sorted((hit.query, hit.entry_id, hit.distance) for hit in index.near(queries))
    index.compact()
    index.compact()
    assert len(index) == 92 and len(index._state.parts) == 2
    assert sorted((hit.query, hit.entry_id, hit.distance) for hit in index.near(queries)) == before
    assert len(before) == 92


def _some(numbers: range, chance: random.Random) -> list[EntryDigests]:
    return [EntryDigests(n, (("pdq", chance.randbytes(32)), ("sha1", chance.randbytes(20)))) for n in numbers]


def test_a_large_table_and_a_small_one(kernel: Kernel) -> None:
    """Large enough to be searched by chunks, with changes on top, a merge beside them, and a snapshot of it."""
    chance = random.Random(3)
    entries = {entry.entry_id: entry for entry in _some(range(1, 30_001), chance)}
    index = Index(31, kernel)
    index.add(entries.values())
    index.compact()
    first = index._state.parts[0]
    assert isinstance(first, Table) and first.near.layout
    changed = _some(range(100, 150), chance) + _some(range(40_000, 40_050), chance)
    index.remove([entries.pop(number) for number in (7, 29_999)])
    index.add(changed)
    entries.update((entry.entry_id, entry) for entry in changed)
    plan = index.due(whole=True)
    assert plan is not None
    index.remove([entries.pop(number) for number in (8, 120, 40_001)])
    index.add([entries[9], EntryDigests(120, changed[0].digests)])
    entries[120] = EntryDigests(120, changed[0].digests)
    assert index.adopt(plan.build()) and len(index) == 2 * len(entries)
    asked = [entries[number] for number in (9, 100, 120, 149, 150, 40_000, 40_049, 30_000)]
    queries = [_near(entry.digests[0][1], 31, chance) for entry in asked]
    for one in (index, Index.restore(31, index.parts(), 5, kernel)):
        hits = one.near(queries)
        assert {(hit.query, hit.entry_id, hit.distance) for hit in hits} == {
            (at, number, 31)
            for at, entry in enumerate(asked)
            for number in ({100, 120} if entry.entry_id in (100, 120) else {entry.entry_id})
        }
        for number in (7, 8, 29_999, 40_001):
            assert not [hit for hit in one.exact("sha1", bytes(20)) if hit.entry_id == number]
        assert [hit.entry_id for hit in one.exact("sha1", changed[0].digests[1][1])] == [100, 120]


def test_a_snapshot_is_shared_and_never_written_to(kernel: Kernel) -> None:
    index = Index(31, kernel)
    entries = _some(range(1, 200), random.Random(4))
    index.add(entries)
    parts = index.parts()
    for array in parts.values():
        array.setflags(write=False)
    one, other = Index.restore(31, parts, 9, kernel), Index.restore(31, parts, 9, kernel)
    assert one.seq == 9 and len(one) == len(index) and one.pdqs == 199
    one.remove(entries[:150])
    one.add(entries[:10])
    one.compact()
    assert len(one) == 2 * 59 and len(other) == 2 * 199
    assert [hit.entry_id for hit in other.near([entries[20].digests[0][1]])] == [21]
    with pytest.raises(ValueError, match="radius"):
        Index.restore(30, parts, 9, kernel)


def test_a_plan_that_came_too_late_is_not_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 4)
    chance, index = random.Random(6), Index(31)
    assert index.due() is None and index.due(whole=True) is None
    index.add(_some(range(1, 10), chance))
    plan = index.due()
    assert isinstance(plan, Plan)
    index.compact()
    assert not index.adopt(plan.build()) and len(index) == 18 and len(index._state.parts) == 2
    assert index.due() is None and index.due(whole=True) is None


def test_what_is_gone_is_merged_away_when_it_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 4)
    chance, index = random.Random(7), Index(31)
    entries = _some(range(1, 101), chance)
    index.add(entries)
    index.compact()
    index.remove(entries[:4])
    assert index.due() is None
    index.remove(entries[4:60])
    plan = index.due()
    assert plan is not None and not plan.older
    assert index.adopt(plan.build()) and index.pdqs == 40 and len(index) == 80
    assert not any(index._state.gone)


# The issue: memory flat over 10,000 updates.
def test_ten_thousand_single_updates_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 256)
    chance, index = random.Random(8), Index(31)
    entries = _some(range(1, 501), chance)
    index.add(entries)
    for number in range(10_000):
        if number % 3:
            index.add([entries[chance.randrange(500)]])
        else:
            index.remove([entries[chance.randrange(500)]])
        plan = index.due()
        if plan:
            index.adopt(plan.build())
        assert sum(part.weight for part in index._state.parts) <= 3_000
        assert len(index._state.parts) <= 8 and sum(map(len, index._state.gone)) <= 1_000
    index.add(entries)
    index.compact()
    assert len(index) == 1_000 and index.pdqs == 500


def test_a_digest_of_another_length_is_refused_whole() -> None:
    index = Index(31)
    for algorithm, digest in (("pdq", b"x" * 31), ("md5", b"x" * 20), ("sha1", b""), ("photodna", b"x" * 144)):
        with pytest.raises(ValueError, match=f"{len(digest)} bytes for '{algorithm}'"):
            index.add([EntryDigests(1, (("md5", b"m" * 16),)), EntryDigests(2, ((algorithm, digest),))])
    assert not len(index) and index.exact("photodna", b"x" * 144) == [] and index.exact("md5", b"m") == []


def test_searches_in_threads_see_every_change_whole(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 64)
    chance, index = random.Random(9), Index(31, kernel)
    stays, gone, *others = _some(range(1, 403), chance)
    index.add([stays, gone, *others])
    index.compact()
    index.remove([gone])
    done, wrong = threading.Event(), []

    def search() -> None:
        while not done.is_set():
            found = {hit.entry_id for hit in index.near([stays.digests[0][1], gone.digests[0][1]])}
            found |= {hit.entry_id for hit in index.exact("sha1", stays.digests[1][1])}
            found |= {hit.entry_id for hit in index.exact("sha1", gone.digests[1][1])}
            if found != {stays.entry_id}:
                wrong.append(found)

    with ThreadPoolExecutor(2) as pool:
        searching = pool.submit(search)
        try:
            for _ in range(400):
                some = chance.sample(others, 5)
                index.remove(some[:3])
                index.add(some[1:])
                if plan := index.due(whole=chance.random() < 0.1):
                    index.adopt(pool.submit(plan.build).result())
        finally:
            done.set()
        searching.result()
    assert not wrong
