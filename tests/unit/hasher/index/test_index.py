"""hasher.index: additions and removals in any order equal a plain dictionary; the tail becomes tables unnoticed."""

import random

import pytest

from contracts.vault import EntryDigests
from hasher.index import Hit, Index
from hasher.index import index as module


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


@pytest.mark.parametrize("radius", [0, 31, 40])
@pytest.mark.parametrize("brute_below", [8, 100, 32_768])
def test_changes_in_any_order_equal_a_dictionary(
    radius: int, brute_below: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FULL", brute_below)
    chance = random.Random(radius * 1000 + brute_below)
    centres = [chance.randbytes(32) for _ in range(6)]
    index, entries, number = Index(radius), dict[int, EntryDigests](), 0
    for _ in range(40):
        if entries and chance.random() < 0.3:
            gone = chance.sample(sorted(entries), min(len(entries), chance.randint(1, 9)))
            index.remove([entries.pop(entry_id) for entry_id in gone])
        else:
            added = []
            for _ in range(chance.randint(1, 29)):
                number += 1
                digests = tuple(
                    ("pdq", _near(chance.choice(centres), chance.randint(0, 44), chance))
                    for _ in range(chance.randint(1, 3))
                )
                added.append(EntryDigests(number, tuple(dict.fromkeys(digests))))
            index.add(added)
            entries.update((entry.entry_id, entry) for entry in added)
        queries = [centres[0], _near(chance.choice(centres), 20, chance), chance.randbytes(32)]
        hits = index.near(queries)
        for at, query in enumerate(queries):
            found = [(hit.entry_id, hit.digest, hit.distance) for hit in hits if hit.query == at]
            assert len(found) == len(set(found))
            assert set(found) == _plain(entries, query, radius)
        assert len(index) == sum(len(entry.digests) for entry in entries.values())


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
