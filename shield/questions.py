"""What providers send, read with bounds: JSON to words of ours, or what is wrong with it (pure)."""

import re
from base64 import b64decode
from typing import Final, Literal, TypeVar

import msgspec
from msgspec import Struct

from contracts.shielding import Question

PDQ_BYTES: Final = 32
LENGTHS: Final = {"md5": 16, "sha1": 20, "sha256": 32, "pdq": 32}
URL_BYTES: Final = 2048
MOST_SIZE: Final = 2**53

T = TypeVar("T")


class Refused(Exception):
    """What cannot be answered: an HTTP status, and why, in words that hold nothing of what was sent. `wait` in seconds."""

    def __init__(self, status: int, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.status, self.why, self.wait = status, why, wait


class UrlQuestion(Struct, frozen=True):
    """v1/url."""

    url: str


class PdqQuestion(Struct, frozen=True):
    """v1/pdq: PDQ hashes as base64 of 32 bytes."""

    hashes: list[str]


class DigestsItem(Struct, frozen=True, omit_defaults=True):
    """One file of v1/digests: any of its digests in hex, and its size if known: an MD5 is exact only with a second fact."""

    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    pdq: str = ""
    size_bytes: int = 0


class DigestsQuestion(Struct, frozen=True):
    """v1/digests."""

    digests: list[DigestsItem]


Reason = Literal["not-abuse", "adults", "other-picture", "seen-and-confirmed", "other"]
"""Why, in words of ours: what a provider writes could lead to a place or a person."""


class FeedbackQuestion(Struct, frozen=True):
    """v1/feedback: on what was answered to a request of this key; `sha256_hex` names one of several near entries by its
    pseudonym."""

    request_id: str
    verdict: Literal["confirm", "dispute"]
    reason: Reason = "other"
    sha256_hex: str = ""


def read(data: bytes | bytearray, kind: type[T]) -> T:
    """The question in a JSON body. Refused (400) if it is none."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"the body is not the JSON that is expected here: {_plain(error)}") from None


def pdqs(question: PdqQuestion, most: int) -> dict[str, bytes]:
    """The hashes as given with their bytes. Refused (400, 413) if one is none, or there are too many."""
    _bounded(len(question.hashes), most, "hashes")
    found: dict[str, bytes] = {}
    for number, text in enumerate(question.hashes, 1):
        try:
            digest = b64decode(text, validate=True)
        except ValueError:
            digest = b""
        if len(digest) != PDQ_BYTES:
            raise Refused(400, f"hash {number} is not base64 of the 32 bytes of a PDQ")
        found[text] = digest
    return found


def digests(question: DigestsQuestion, most: int, *, pdq: bool) -> list[tuple[Question, bytes]]:
    """Each item as a question, and its PDQ (empty if it has none). Refused (400, 403, 413)."""
    _bounded(len(question.digests), most, "digests")
    found: list[tuple[Question, bytes]] = []
    for number, item in enumerate(question.digests, 1):
        given = {name: _hex(getattr(item, name), name, number) for name in LENGTHS}
        if not any(given.values()):
            raise Refused(400, f"item {number} has no digest; give md5, sha1, sha256 or pdq in hex")
        if given["pdq"] and not pdq:
            raise Refused(403, "this key may not ask by PDQ: that is a grant of its own")
        if not 0 <= item.size_bytes <= MOST_SIZE:
            raise Refused(400, f"item {number} has a size_bytes that is no size")
        found.append((Question(given["sha256"], given["sha1"], given["md5"], item.size_bytes), given["pdq"]))
    return found


def host_pattern(patterns: list[str]) -> "re.Pattern[str] | None":
    """What host names of any of these patterns match (`*` any run of characters, case does not matter); None if there are none."""
    given = ["[^/]*".join(re.escape(part) for part in pattern.split("*")) for pattern in patterns if pattern]
    return re.compile("|".join(f"(?:{one})" for one in given), re.IGNORECASE) if given else None


def _bounded(count: int, most: int, what: str) -> None:
    if not count:
        raise Refused(400, f"there are no {what} in the question")
    if count > most:
        raise Refused(413, f"{count} {what} are too many for one question; ask by {most} at most")


def _hex(text: str, name: str, number: int) -> bytes:
    if not text:
        return b""
    length = LENGTHS[name]
    try:
        digest = bytes.fromhex(text) if len(text) == 2 * length else b""
    except ValueError:
        digest = b""
    if len(digest) != length:
        raise Refused(400, f"item {number} has a {name} that is not {2 * length} hex digits")
    return digest


def _plain(error: Exception) -> str:
    """The library's word, without what it may quote of the body."""
    text = str(error) if isinstance(error, msgspec.ValidationError) else "it is malformed"
    return re.sub(r"'[^']*'", "a value", text)[:200]
