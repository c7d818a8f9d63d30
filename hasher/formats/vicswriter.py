"""Entries to a Project VIC 2.0 hash set that `hasher.formats.vics` and forensic tools read.

The profile in `@odata.context` is that of the list's mapping (`profile = "US"`), else `Default`: category numbers mean something
only to who knows by which country's. A category that is a number is written as one. What a record has no field for
(SHA-256, PDQ, second ones of an algorithm) is among its AlternativeHashes.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from hasher.formats.format import About
from hasher.formats.vics import profile_of
from hasher.lists import PHOTODNA, ListEntry

LOSES: Final = (
    "member_entry_id", "line", "held", "legality", "act", "age", "generated", "deleted", "opinions", "kind",
)  # fmt: skip
"""What is not in the file: an entry is named by its MD5 there, grades follow from category and profile, and a hash set has no
deletions. An entry without any digest, which only deletes, is left out."""
CONTEXT: Final = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/%s/$metadata#Media"
PIECE: Final = 1 << 16
_FIELDS: Final = {"md5": "MD5", "sha1": "SHA1"}
_ALTERNATIVE: Final = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256", "pdq": "PDQ", PHOTODNA: "PhotoDNA"}


def write(entries: Iterable[ListEntry], about: About) -> Iterator[bytes]:
    """The file in pieces of some 64 KiB, in UTF-8, one record a line."""
    context = msgspec.json.encode(CONTEXT % (profile_of(about.mapping) or "Default"))
    piece = bytearray(b'{"@odata.context":' + context + b',"value":[')
    between = b"\n"
    for number, entry in enumerate((entry for entry in entries if entry.digests), 1):
        piece += between + msgspec.json.encode(_record(number, entry))
        between = b",\n"
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece + b"\n]}\n")


def _record(number: int, entry: ListEntry) -> dict[str, Any]:
    record: dict[str, Any] = {"MediaID": number}
    if entry.category:
        word = entry.category
        canonical = word.isascii() and word.isdigit() and len(word) < 10 and str(int(word)) == word
        record["Category"] = int(word) if canonical else word
    others: list[dict[str, str]] = []
    for name, digest in entry.digests:
        field = _FIELDS.get(name)
        if field and field not in record:
            record[field] = digest.hex().upper()
        else:
            others.append({"HashName": _ALTERNATIVE[name], "HashValue": digest.hex().upper()})
    for name, digest in entry.opaque:
        text = b64encode(digest).decode()
        if name == PHOTODNA and "PhotoDNA" not in record:
            record["PhotoDNA"] = text
        else:
            others.append({"HashName": _ALTERNATIVE.get(name, name), "HashValue": text})
    if others:
        record["AlternativeHashes"] = others
    described = {"MediaSize": entry.size, "MimeType": entry.media, "Series": entry.series, "Comments": entry.note}
    record.update((name, value) for name, value in described.items() if value)
    record["IsPrecategorized"] = "true"
    record["PrecategorizationSource"] = entry.member
    return record
