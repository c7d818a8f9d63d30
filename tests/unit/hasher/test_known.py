"""hasher.known: `try match` finds what live matching finds, and answers anything."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasher.known import ECHO, KnownList
from hasher.lists import ListEntry

CHANCE = random.Random(1)
PDQ = CHANCE.randbytes(32)
SHA256, SHA1, MD5 = CHANCE.randbytes(32), CHANCE.randbytes(20), CHANCE.randbytes(16)


def flipped(bits: int) -> bytes:
    value = int.from_bytes(PDQ)
    for bit in random.Random(bits).sample(range(256), bits):
        value ^= 1 << bit
    return value.to_bytes(32)


def entry(line: int, algorithm: str, digest: bytes, held: str = "") -> ListEntry:
    return ListEntry("IWF", f"{algorithm}:{digest.hex()}", ((algorithm, digest),), "A", "S-1", "", held, line)


def known(radius: int = 31) -> KnownList:
    made = KnownList(radius)
    made.add([entry(2, "md5", MD5), entry(3, "sha1", SHA1), entry(4, "sha256", SHA256)])
    made.add(
        [entry(5, "pdq", flipped(9)), entry(6, "pdq", flipped(32)), entry(7, "pdq", PDQ), entry(8, "pdq", flipped(31))]
    )
    made.add([entry(9, "pdq", flipped(1), held="featureless"), entry(10, "sha256", PDQ)])
    return made


def test_matches_by_distance_with_evidence() -> None:
    answer = known().answer(f" PDQ:{PDQ.hex().upper()}\n")
    assert [(match["line"], match["distance"]) for match in answer["matches"]] == [(7, 0), (5, 9), (8, 31)]
    assert known().held == 1
    assert answer["query"] == f"PDQ:{PDQ.hex().upper()}" and answer["algorithm"] == "pdq"
    assert answer["matches"][1] == {
        "algorithm": "pdq", "digest": flipped(9).hex(), "distance": 9, "category": "A", "source": "IWF", "series": "S-1",
        "entry": f"IWF/pdq:{flipped(9).hex()}", "line": 5,
    }  # fmt: skip


def test_the_distance_is_the_callers() -> None:
    assert [match["line"] for match in known(0).answer("pdq:" + PDQ.hex())["matches"]] == [7]
    assert [match["line"] for match in known(40).answer("pdq:" + PDQ.hex())["matches"]] == [7, 5, 8, 6]
    with pytest.raises(ValueError, match="41"):
        KnownList(41)


# 64 hex digits without a prefix may be either.
def test_sixty_four_digits_are_looked_up_as_both() -> None:
    both = known().answer(PDQ.hex())
    assert both["algorithm"] == "sha256 or pdq"
    assert [(match["line"], match["algorithm"]) for match in both["matches"]][:2] == [(7, "pdq"), (10, "sha256")]
    assert [match["line"] for match in known().answer("sha-256:" + PDQ.hex())["matches"]] == [10]


@pytest.mark.parametrize(("digest", "line"), [(MD5, 2), (SHA1, 3), (SHA256, 4)])
def test_cryptographic_digests(digest: bytes, line: int) -> None:
    assert [(match["line"], match["distance"]) for match in known().answer(digest.hex())["matches"]] == [(line, 0)]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "bad_digest"),
        ("zz", "bad_digest"),
        ("g" * 64, "bad_digest"),
        ("md4:" + "0" * 32, "unknown_algorithm"),
        ("md5:" + "0" * 40, "bad_digest"),
        ("d41d8cd98f00b204e9800998ecf8427e", "empty_file_digest"),
    ],
)
def test_what_is_no_digest_gets_a_named_error(query: str, reason: str) -> None:
    answer = known().answer(query)
    assert answer["error"].startswith(reason) and answer["matches"] == []


@given(st.text(max_size=300))
def test_any_query_is_answered(query: str) -> None:
    answer = known().answer(query)
    assert answer["matches"] == [] and len(answer["query"]) <= max(ECHO, 300)
