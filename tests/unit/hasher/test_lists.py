"""hasher.lists: what no list may bring in."""

import hashlib
import random

import pytest

from contracts.refusals import Reason, Refusal, refuse
from hasher.lists import ALGORITHMS, BadLine, ListEntry, check_digest, quarantine, tally


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_hex_of_either_case(algorithm: str) -> None:
    digest = random.Random(1).randbytes(ALGORITHMS[algorithm])
    assert check_digest(algorithm, digest.hex()) == digest
    assert check_digest(algorithm, digest.hex().upper()) == digest


# Domain, section 1: "Empty files' digests are refused."
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_digests_of_no_bytes_are_refused(algorithm: str) -> None:
    refused = check_digest(algorithm, hashlib.new(algorithm, b"").hexdigest().upper())
    assert isinstance(refused, Refusal) and refused.reason == Reason.EMPTY_FILE_DIGEST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 31,
        "0" * 33,
        "g" * 32,
        "0" * 30 + " 0",
        "00 " * 10 + "00",
        "é" * 32,
        "\N{ARABIC-INDIC DIGIT ZERO}" * 32,
        "0x" + "0" * 30,
    ],
)
def test_what_is_no_digest_is_refused_without_being_shown(text: str) -> None:
    refused = check_digest("md5", text)
    assert isinstance(refused, Refusal) and refused.reason == Reason.BAD_DIGEST
    assert not text or text not in refused.evidence


# Domain, section 1: "All-zero and all-one PDQ, ones outside 64..192 bits set ... are quarantined."; holds belong to the entry.
def test_one_featureless_digest_holds_its_entry() -> None:
    good, other = random.Random(2).randbytes(32), random.Random(3).randbytes(32)
    entries = [
        ListEntry("a", "1", (("pdq", good),)),
        ListEntry("a", "2", (("sha1", b"x" * 20), ("pdq", other), ("pdq", bytes(32)))),
        ListEntry("a", "3", (("sha256", bytes(32)),)),
        ListEntry("a", "4", (("pdq", b"\xff" * 32),)),
    ]
    assert quarantine(entries) == 2
    assert [entry.held for entry in entries] == ["", Reason.FEATURELESS, "", Reason.FEATURELESS]


def test_tally_counts_by_reason() -> None:
    bad = [
        BadLine(1, 1, refuse(Reason.BAD_DIGEST)),
        BadLine(2, 1, refuse(Reason.BAD_LINE)),
        BadLine(3, 1, refuse(Reason.BAD_LINE)),
    ]
    assert tally(bad) == {"bad_digest": 1, "bad_line": 2}
