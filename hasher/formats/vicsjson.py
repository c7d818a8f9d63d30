"""Project VIC's JSON as a stream: bytes in pieces to media records, in bounded memory, whatever the file holds.

A media record is an object in the array `value` (or `Media`) that has no media or cases of its own; one that has is a case, and
what is in it is read in the same way. Names of fields are told apart without case.
"""

import codecs
from collections.abc import Iterable
from typing import Any, Final

import ijson

from contracts.errors import UsageError

DEPTH: Final = 32
"""Deepest object or array; files have six."""
PIECE: Final = 64 * 1024
SILENCE: Final = 4 << 20
"""Most bytes without a whole value in them: the longest text that is ever in memory."""
TEXT_CHARS: Final = 512 * 1024
"""Longest text of a field that is looked at."""
MOST_HASHES: Final = 4096
"""Alternative hashes of one record that are looked at."""

_SPELT: Final = (
    "Category", "MD5", "SHA1", "SHA256", "PDQ", "PhotoDNA", "MediaSize", "MimeType", "Series", "Comments",
    "PrecategorizationSource",
)  # fmt: skip
FIELDS: Final = frozenset(name.lower() for name in _SPELT)
_LOWER: Final = {name: name.lower() for name in _SPELT}
"""The usual spelling, which needs no thought."""
_NESTS: Final = frozenset(("value", "media", "cases"))
_CONTEXT: Final = frozenset(("@odata.context", "odata.context", "odata.metadata", "@odata.metadata"))
"""OData 4 and 3; VICS 2.0 and 1.x."""

_PARSER: Final = ijson.get_backend("yajl2_c")

Record = dict[str, Any]
"""Fields of `FIELDS` that were there, and `hashes`: a list of (HashName, HashValue). A text that is too long is `TOO_LONG`."""
TOO_LONG: Final = object()


class _Open:
    """An object or array that was entered. `kind`: root, list (of records or cases), record, hashes, hash."""

    __slots__ = ("fields", "kind", "nests")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.fields: Record = {}
        self.nests = False


class VicsJson:
    """Feed it pieces in their order, then `end` it. `context` is what the file says of its profile, once it has said it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.context = ""
        self.bytes = 0
        self._events: list[tuple[str, Any]] = ijson.sendable_list()
        # Numbers by C: ijson 3.6.0 hands on a null pointer for one with more digits than Python's int() takes.
        self._parser = _PARSER.basic_parse_coro(self._events, use_float=True)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self._quiet = 0
        self._stack: list[_Open] = []
        self._skipped = 0  # depth inside something that is not looked at
        self._key = ""

    def feed(self, chunk: bytes) -> list[Record | None]:
        """The records that end in this piece, None for an element that is no object. UsageError if it is no such file."""
        self.bytes += len(chunk)
        if self._decoder is None:
            self._start += chunk
            if len(self._start) < 4:
                return []
            chunk = self._begin()
        return self._parse(chunk, final=False)

    def end(self) -> list[Record | None]:
        """The last records. UsageError if the file is cut off."""
        chunk = b"" if self._decoder else self._begin()
        records = self._parse(chunk, final=True)
        self._tell(None)
        return records

    def _begin(self) -> bytes:
        """What was met so far, now that its encoding is known: by its mark, or by where the first byte's zero stands."""
        start, self._start = self._start, b""
        encoding = "utf-8-sig"
        if start.startswith((codecs.BOM_UTF16_LE, b"{\0")):
            encoding = "utf-16-le"
        elif start.startswith((codecs.BOM_UTF16_BE, b"\0{")):
            encoding = "utf-16-be"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        return start

    def _parse(self, chunk: bytes, *, final: bool) -> list[Record | None]:
        records: list[Record | None] = []
        assert self._decoder is not None
        for at in range(0, max(len(chunk), 1), PIECE):
            last = final and at + PIECE >= len(chunk)
            text = self._decoder.decode(chunk[at : at + PIECE], last)
            data = text.removeprefix("\ufeff").encode(errors="replace")
            if data:  # nothing at all would be the end
                self._tell(data)
            if self._events:
                self._quiet = 0
                self._take(self._events, records)
                self._events.clear()
            else:
                self._quiet += len(data)
                if self._quiet > SILENCE:
                    raise self._unusable(f"a value of more than {SILENCE} bytes")
        return records

    def _tell(self, data: bytes | None) -> None:
        """Give the parser bytes, or the end."""
        try:
            self._parser.close() if data is None else self._parser.send(data)
        except (ijson.JSONError, ValueError, ArithmeticError, StopIteration) as error:
            raise self._unusable("it is cut off" if data is None else _told(error)) from None

    def _take(self, events: Iterable[tuple[str, Any]], records: list[Record | None]) -> None:
        stack, key, skipped, lower, fields = self._stack, self._key, self._skipped, _LOWER, FIELDS
        top = stack[-1] if stack else None
        for event, value in events:
            if skipped:
                if event in ("start_map", "start_array"):
                    skipped += 1
                    if skipped > DEPTH:
                        raise self._unusable(f"objects in each other deeper than {DEPTH}")
                elif event in ("end_map", "end_array"):
                    skipped -= 1
            elif event == "map_key":
                key = lower.get(value) or value.lower()
            elif event in ("start_map", "start_array"):
                opened = self._enter(top, key, event == "start_map")
                if opened is None:
                    skipped = 1
                    if top is not None and top.kind == "list":
                        records.append(None)
                else:
                    stack.append(opened)
                    top = opened
                    if len(stack) > DEPTH:
                        raise self._unusable(f"cases in each other deeper than {DEPTH}")
            elif event in ("end_map", "end_array"):
                closed = stack.pop()
                top = stack[-1] if stack else None
                if closed.kind == "record" and not closed.nests:
                    records.append(closed.fields)
                elif closed.kind == "hash" and len(stack) > 1:
                    hashes = stack[-2].fields.setdefault("hashes", [])
                    if len(hashes) < MOST_HASHES:
                        hashes.append((closed.fields.get("hashname"), closed.fields.get("hashvalue")))
            elif top is None:
                raise self._unusable("it begins with no object")
            elif top.kind == "record":
                if key in fields:
                    top.fields[key] = value if not isinstance(value, str) or len(value) <= TEXT_CHARS else TOO_LONG
            elif top.kind == "list":
                records.append(None)
            elif top.kind == "root":
                if key in _CONTEXT and isinstance(value, str):
                    self.context = value
            elif top.kind == "hash" and key in ("hashname", "hashvalue"):
                top.fields[key] = value if not isinstance(value, str) or len(value) <= TEXT_CHARS else TOO_LONG
        self._key, self._skipped = key, skipped

    def _enter(self, top: _Open | None, key: str, is_map: bool) -> _Open | None:
        """What is entered here, or None if it is of no interest."""
        if top is None:
            if not is_map:
                raise self._unusable("it begins with no object")
            return _Open("root")
        if top.kind == "list":
            return _Open("record") if is_map else None
        if top.kind == "hashes":
            return _Open("hash") if is_map else None
        if top.kind in ("root", "record") and key in _NESTS:
            top.nests = True
            return _Open("record" if is_map else "list")
        if top.kind == "record" and key == "alternativehashes" and not is_map:
            return _Open("hashes")
        return None

    def _unusable(self, what: str) -> UsageError:
        return UsageError(
            f"{self.file}, within the first {self.bytes} bytes: this is no whole Project VIC file: {what}"
        )


def _told(error: BaseException) -> str:
    """What is wrong with the JSON, never with what text: a parser's message may quote the list."""
    first = str(error).split("\n")[0]
    if "overflow" in first:
        return "it holds a number of more than 64 bits"
    return "there is something after its end" if "trailing garbage" in first else "it is not well-formed JSON"
