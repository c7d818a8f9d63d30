"""Issue: "`try match DIGEST... [--known FILE]` as before, now also against the live lists": by the hashers' snapshot, where a crawl has
left one, and by comparing with everything, with the same answers."""

from pathlib import Path
from typing import Any

import pytest

from backends.snapshots import NAME
from tests.integration.verbs.conftest import Verb
from tests.vaults import flipped

Answer = dict[str, Any]


def entries(verb: Verb) -> list[Answer]:
    """Entries of the crawl's own list that have a PDQ and may match."""
    found = [row for row in verb.all("lists", "entries", "known") if row["digests"][0]["algorithm"] == "pdq"]
    return [row for row in found if not row["held"] and row["standing"] == "unverified"]


def numbers(answer: Answer) -> list[tuple[int, int]]:
    return [(match["number"], match["distance"]) for match in answer["matches"]]


def test_digests_against_the_live_lists(verb: Verb) -> None:
    one = entries(verb)[0]
    digest = bytes.fromhex(one["digests"][0]["digest"])
    same, near, far = verb.all("try", "match", *(f"pdq:{flipped(digest, bits).hex()}" for bits in (0, 7, 40)))
    assert (one["number"], 0) in numbers(same)
    assert (one["number"], 7) in numbers(near)
    assert one["number"] not in {number for number, _ in numbers(far)}
    match = next(match for match in near["matches"] if match["number"] == one["number"])
    assert (match["entry"], match["standing"], match["lists"], match["kinds"]) == (
        one["entry"], "unverified", one["lists"], ["csam"],
    )  # fmt: skip
    assert f"unverified  entry {one['number']}  lists known (csam)" in verb("try", "match", digest.hex()).out


def test_with_and_without_a_snapshot_the_answers_are_the_same(beside: Verb, tmp_path: Path) -> None:
    state = beside.state
    snapshot = state / "index" / NAME
    assert snapshot.is_file(), "the crawl has left one"
    asked = [
        flipped(bytes.fromhex(row["digests"][0]["digest"]), 3 * n).hex() for n, row in enumerate(entries(beside)[:8])
    ]
    by_snapshot = beside.all("try", "match", *asked)
    snapshot.rename(tmp_path / NAME)
    by_stream = beside.all("try", "match", *asked)
    data = (tmp_path / NAME).read_bytes()
    snapshot.write_bytes(data[: len(data) // 2])
    damaged = beside.all("try", "match", *asked)
    snapshot.write_bytes(data)
    assert by_snapshot == by_stream == damaged
    assert any(answer["matches"] for answer in by_stream)


def test_what_came_since_the_snapshot(verb: Verb, tmp_path: Path) -> None:
    own = bytes([0x65 + verb.clustered]) * 16 + bytes(range(16, 32))
    file = tmp_path / "since.csv"
    file.write_text(f"algorithm,digest\npdq,{own.hex()}\nmd5,{own[:16].hex()}\n")
    assert verb.one("lists", "import", str(file), "--name", f"since-{own[0]}")["added"] == 2
    pdq, md5 = verb.all("try", "match", f"pdq:{flipped(own, 31).hex()}", own[:16].hex())
    ((number, distance),) = numbers(pdq)
    assert distance == 31
    assert len(md5["matches"]) == 1
    assert verb.one("lists", "withdraw", str(number), "--why", "for a test")["standing"] == "withdrawn"
    (answer,) = verb.all("try", "match", f"pdq:{own.hex()}")
    assert answer["matches"] == []


@pytest.mark.parametrize("arguments", [[], ["--format", "csv", "--state", "x"], ["--known", "x", "--state", "x"]])
def test_what_cannot_be_meant(beside: Verb, arguments: list[str]) -> None:
    ran = beside.plain("try", "match", "ab" * 16, *arguments)
    assert ran.code == 2
