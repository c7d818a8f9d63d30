"""What the formats that are answered in pages have in common: bounds, words, digests, opinions, and JSON values in pieces."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, TypeVar

import msgspec
from msgspec import Raw

from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.refusals import Reason, Refusal
from hasher.lists import (
    NOT_A_WORD,
    OPAQUE_BYTES,
    PHOTODNA,
    BadLine,
    check_base64,
    check_digest,
    check_photodna,
    check_word,
    unbase64,
)

T = TypeVar("T")

PAGE_BYTES: Final = 64 << 20
"""Largest answer that is read at once."""
PAGE_RECORDS: Final = 200_000
"""Most records of one answer. Sources give 1,000 or fewer; a page of nothing but commas must not fill the memory."""
WHY_CHARS: Final = 300
_COMMAS: Final = 4_000_000
_PATH: Final = re.compile(r"at `\$\.?([A-Za-z_.\[\]0-9]{1,60})`")
_GRAVITY: Final = {"confirm": 0, "dispute": 1, "withdraw": 2}

_SPACE: Final = b" \t\r\n"
_BRACKET: Final = re.compile(rb'(?:[^"{}\[\]]|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}\[\]])', re.DOTALL)
"""Up to the next bracket that is in no string. Possessive, so that a string without end is looked through once."""


def is_word(text: str) -> bool:
    """Whether a text may be an id or a name: not empty, not long, nothing strange in it."""
    return text != "" and check_word(text) is None


def reason_text(text: str) -> str:
    """A text of others as a reason that may be kept: cut, nothing strange in it."""
    return NOT_A_WORD.sub(" ", text[:WHY_CHARS]).strip()


def gather(found: Iterable[tuple[str, str]], number: int, bad: list[BadLine]) -> tuple[tuple[str, bytes], ...] | None:
    """The digests of record `number` out of (algorithm, hex; a PDQ may be base64). None: the record must not be imported.

    A malformed digest is put into `bad` and costs itself alone; but a record that names an empty file is wrong as a whole.
    """
    digests: dict[tuple[str, bytes], None] = {}
    for algorithm, raw in found:
        text = raw.strip()
        base64 = algorithm == "pdq" and len(text) in (43, 44)
        digest = check_base64(algorithm, text) if base64 else check_digest(algorithm, text)
        if isinstance(digest, Refusal):
            bad.append(BadLine(number, 0, digest))
            if digest.reason == Reason.EMPTY_FILE_DIGEST:
                return None
        else:
            digests[algorithm, digest] = None
    return tuple(digests)


def opaque_bytes(name: str, text: str) -> bytes:
    """A digest that is only kept, out of hex or base64. Empty: it is not kept, for it is none or too long."""
    text = text.strip()
    if name == PHOTODNA:
        digest = check_photodna(text)
        return b"" if isinstance(digest, Refusal) else digest
    if len(text) > 2 * OPAQUE_BYTES:
        return b""
    try:
        plain = bytes.fromhex(text)
    except ValueError:
        plain = unbase64(text) or b""
    return plain if len(plain) <= OPAQUE_BYTES else b""


def opinions(said: Iterable[Opinion]) -> tuple[Opinion, ...]:
    """One opinion for each organisation: the gravest of what it says, as disagreement lowers and never raises."""
    heard: dict[str, Opinion] = {}
    for opinion in said:
        before = heard.get(opinion.organisation)
        if before is None or _GRAVITY[opinion.verdict] > _GRAVITY[before.verdict]:
            heard[opinion.organisation] = opinion
    return tuple(heard.values())


def unusable(file: str, what: str) -> UsageError:
    """The error for what is no page at all."""
    return UsageError(f"{file}: {what}; nothing of it was read, ask the source for it again or check --format")


def few_enough(records: int, file: str) -> None:
    """UsageError if an answer has more than `PAGE_RECORDS`."""
    if records > PAGE_RECORDS:
        raise unusable(file, f"an answer with more than {PAGE_RECORDS} records")


def bounded(body: bytes, file: str) -> bytes:
    """The body of an answer in JSON, without byte order mark. UsageError if it is too large, or has too many values."""
    if len(body) > PAGE_BYTES or body.count(b",") > _COMMAS:
        raise unusable(file, f"this answer has more than {PAGE_BYTES} bytes, or more than {_COMMAS} values")
    return body.removeprefix(b"\xef\xbb\xbf")


def decoded(decoder: msgspec.json.Decoder[T], data: bytes | Raw) -> T | str:
    """What a decoder makes of JSON, or why it makes nothing of it; never what is in it."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        return "a field is missing or of another type" + _place(str(error))
    except msgspec.DecodeError:
        return "malformed JSON"
    except UnicodeDecodeError:
        return "a text that is not UTF-8"
    except RecursionError:
        return "nested too deep"


def _place(message: str) -> str:
    """Where msgspec found something: the field's path, which holds names of fields and numbers alone."""
    found = _PATH.search(message)
    return f" at {found[1]}" if found else ""


def values(chunks: Iterable[bytes], file: str) -> Iterator[tuple[bytes, int]]:
    """(JSON object, bytes of the file that it took) of objects one after another, at last (nothing, white space after them).

    At most one object is held in memory. Raises UsageError for anything between them, for one over `PAGE_BYTES`, for one that is
    cut off, and if there is none.
    """
    data, taken, scanned, depth, first = bytearray(), 0, 0, 0, True
    found_any = False
    due = 0  # how much must be there before it is looked through again, so that a long string costs no more than its length
    for chunk, last in chain(((chunk, False) for chunk in chunks), [(b"", True)]):
        data += chunk
        if first and (last or len(data) >= 3 or not b"\xef\xbb\xbf".startswith(data)):
            first = False
            if data.startswith(b"\xef\xbb\xbf"):
                del data[:3]
                taken = 3
        while not first and (last or len(data) >= due):
            if depth == 0:
                blank = len(data) - len(data.lstrip(_SPACE))
                del data[:blank]
                taken, scanned = taken + blank, 0
                if data and data[0] != 0x7B:
                    raise unusable(file, "this is neither JSON objects nor what follows one")
            found = _BRACKET.match(data, scanned)
            if found is None:
                due = len(data) + (len(data) - scanned) // 2
                break
            scanned = found.end()
            depth += 1 if found[1] in b"{[" else -1
            if depth == 0:
                found_any = True
                yield bytes(data[:scanned]), taken + scanned
                del data[:scanned]
                taken = 0
        if len(data) > PAGE_BYTES:
            raise unusable(file, f"a JSON object with more than {PAGE_BYTES} bytes")
    if data or not found_any:
        raise unusable(file, "the last JSON object is cut off" if data else "there is no JSON")
    if taken:
        yield b"", taken
