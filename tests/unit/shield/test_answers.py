"""shield.answers: the SDK's words for what is known."""

import msgspec
import pytest

from contracts.lists import KINDS, LEGALITIES
from contracts.shielding import SHIELDED_KINDS, Finding, Question
from shield.answers import (
    MOST_DETAILS,
    classification,
    gravest,
    near_matches,
    scanned_digests,
    scanned_media,
    scanned_pdq,
)

SECRET = bytes(32)


def finding(entry: int, near: bool = True, kind: str = "csam", legality: str = "unknown", at: float = 0.0) -> Finding:
    return Finding(entry, near, kind, legality, at)


def test_every_kind_and_legality_has_one_of_the_three() -> None:
    assert set(SHIELDED_KINDS) == set(KINDS) - {"known-good"}
    found = {
        (kind, legality): classification(finding(1, kind=kind, legality=legality))
        for kind in SHIELDED_KINDS
        for legality in LEGALITIES
    }
    csam = {pair for pair, said in found.items() if said == "csam"}
    assert csam == {("csam", "baseline"), ("csam", "national"), ("csam", "unknown")}
    assert set(found.values()) == {"csam", "harmful-abusive-material"}


@pytest.mark.parametrize(
    ("findings", "wanted"),
    [
        ([], None),
        ([finding(1), finding(2, near=False, kind="other")], 2),
        ([finding(1, kind="other"), finding(2)], 2),
        ([finding(1, False, "ncii-adult"), finding(2, False, "csam", "harmful"), finding(3, False)], 3),
    ],
)
def test_exact_before_near_and_the_gravest_of_them(findings: list[Finding], wanted: int | None) -> None:
    lead = gravest(findings)
    assert (lead.entry_id if lead else None) == wanted


def test_details_are_in_an_order_that_tells_nothing() -> None:
    some = [finding(number) for number in range(9)]
    assert near_matches(some, SECRET) == near_matches(some[::-1], SECRET)
    assert [one.kind for one in near_matches([finding(1, kind="other"), finding(2)], SECRET)] == ["csam", "other"]
    assert len(near_matches([finding(number) for number in range(300)], SECRET)) == MOST_DETAILS


def test_no_answer_has_a_distance() -> None:
    """ "no distances": no field of any answer is one."""
    question = Question(bytes(32), bytes(20), bytes(16), 9)
    said = msgspec.json.encode([
        scanned_media(question, [finding(1, at=2.5)], SECRET, "given", "r"), scanned_pdq([finding(1)], SECRET, "given"),
        scanned_digests([finding(1)], SECRET, "given"),
    ])  # fmt: skip
    assert b"distance" not in said and b"quality" not in said
    media, pdq, _ = msgspec.json.decode(said)
    assert (media["match_type"], media["near_match_details"][0]["timestamp"]) == ("near", 2.5)
    assert pdq["near_match_details"]["timestamp"] == 0.0


def test_nothing_known() -> None:
    said = scanned_pdq([], SECRET, "quota")
    assert (said.classification, said.match_type, said.near_match_details) == ("no-known-match", None, None)
