"""What providers are told, in the field names of the Arachnid Shield SDK (pure).

`classification` has the SDK's three values. It is made of the kind of the entry's list and of its legality, which the SDK has no
words for; `kind`, a field of our own, says the kind itself:

kind                                     legality                      classification
csam                                     baseline, national, unknown   csam
csam                                     harmful                       harmful-abusive-material
all others (child-exploitative, ...)     any                           harmful-abusive-material
(nothing known)                                                        no-known-match

Of several entries the exact ones decide, and of these the gravest. No answer tells a distance.
"""

from base64 import b32encode
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from contracts.shielding import SHIELDED_KINDS, Finding, Question
from shield.pseudonyms import names

CSAM: Final = "csam"
HARMFUL: Final = "harmful-abusive-material"
NONE: Final = "no-known-match"
MOST_DETAILS: Final = 100
"""Near entries that one answer names."""

Classification = Literal["csam", "harmful-abusive-material", "no-known-match"]
MatchType = Literal["exact", "near"]
NearAnswers = Literal["given", "not_decoded", "not_granted", "quota", "suspended"]
"""Whether near matches are told: `not_decoded` (no picture could be made of the bytes), `not_granted` (the key may not ask so),
`quota` (so many were told today that no more are), `suspended` (the key has circled an entry)."""


class NearMatch(Struct, frozen=True):
    """An entry that a picture resembles. Both digests are pseudonyms of the entry for this key, unless its source's terms allow
    handing its own on. `timestamp` is that of a video's first frame that does, in seconds; 0.0 for pictures."""

    timestamp: float
    sha1_base32: str
    sha256_hex: str
    classification: Classification
    kind: str


class ScannedMedia(Struct, frozen=True):
    """The answer to v1/media and v1/url."""

    size_bytes: int
    sha1_base32: str
    sha256_hex: str
    classification: Classification
    match_type: MatchType | None
    near_match_details: list[NearMatch]
    kind: str
    near_answers: NearAnswers
    request_id: str


class ScannedPdq(Struct, frozen=True):
    """One hash of v1/pdq."""

    classification: Classification
    match_type: Literal["near"] | None
    near_match_details: NearMatch | None
    kind: str
    near_answers: NearAnswers


class ScannedPdqs(Struct, frozen=True):
    """The answer to v1/pdq: by the hashes as they were given."""

    scanned_hashes: dict[str, ScannedPdq]
    request_id: str


class ScannedDigests(Struct, frozen=True):
    """One item of v1/digests."""

    classification: Classification
    match_type: MatchType | None
    near_match_details: list[NearMatch]
    kind: str
    near_answers: NearAnswers


class ScannedBatch(Struct, frozen=True):
    """The answer to v1/digests, in the order of the question."""

    scanned_digests: list[ScannedDigests]
    request_id: str


class Accepted(Struct, frozen=True):
    """The answer to v1/feedback: how many entries the opinion is of."""

    entries: int
    request_id: str


class Error(Struct, frozen=True):
    """Every answer that is none."""

    detail: str


def classification(finding: Finding) -> Classification:
    """By the table above."""
    return "csam" if finding.kind == CSAM and finding.legality != "harmful" else "harmful-abusive-material"


def gravest(findings: Sequence[Finding]) -> Finding | None:
    """The one that an answer is about: exact before near, csam before all else, then by kind."""
    return min(findings, key=_grave, default=None)


def near_matches(findings: Sequence[Finding], secret: bytes) -> list[NearMatch]:
    """Details of the near ones, in an order that tells nothing of how near they are: by kind, time and pseudonym."""
    told = [_near(finding, secret) for finding in findings if finding.near]
    return sorted(told, key=lambda one: (_rank(one.kind), one.timestamp, one.sha256_hex))[:MOST_DETAILS]


def scanned_media(
    question: Question, findings: Sequence[Finding], secret: bytes, near: NearAnswers, request: str
) -> ScannedMedia:
    """The answer to a medium; `findings` are those that may be told."""
    lead = gravest(findings)
    return ScannedMedia(
        question.size,
        b32encode(question.sha1).decode(),
        question.sha256.hex(),
        classification(lead) if lead else "no-known-match",
        match_type(lead),
        near_matches(findings, secret),
        lead.kind if lead else "",
        near,
        request,
    )


def scanned_digests(findings: Sequence[Finding], secret: bytes, near: NearAnswers) -> ScannedDigests:
    """The answer to digests without a medium."""
    lead = gravest(findings)
    return ScannedDigests(
        classification(lead) if lead else "no-known-match",
        match_type(lead),
        near_matches(findings, secret),
        lead.kind if lead else "",
        near,
    )


def scanned_pdq(findings: Sequence[Finding], secret: bytes, near: NearAnswers) -> ScannedPdq:
    """The answer to a PDQ; one entry stands for all that it is near, since the SDK has room for one."""
    details = near_matches(findings, secret)
    if not details:
        return ScannedPdq("no-known-match", None, None, "", near)
    return ScannedPdq(details[0].classification, "near", details[0], details[0].kind, near)


def match_type(lead: Finding | None) -> MatchType | None:
    """`exact`, `near`, or None."""
    if lead is None:
        return None
    return "near" if lead.near else "exact"


def _near(finding: Finding, secret: bytes) -> NearMatch:
    sha1, sha256 = names(secret, finding)
    return NearMatch(finding.at, sha1, sha256, classification(finding), finding.kind)


def _grave(finding: Finding) -> tuple[bool, bool, int, int]:
    return finding.near, classification(finding) != CSAM, _rank(finding.kind), finding.entry_id


def _rank(kind: str) -> int:
    return SHIELDED_KINDS.index(kind) if kind in SHIELDED_KINDS else len(SHIELDED_KINDS)
