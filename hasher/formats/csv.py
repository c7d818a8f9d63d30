"""CSV (RFC 4180) with a header of `algorithm,digest,category,source,series,note`, in any order, the first two required.

UTF-8 with or without BOM, any line ending. A bad line costs itself alone: an unclosed quote does not swallow what
follows, a line without end is skipped in bounded memory.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Final

from contracts.errors import UsageError
from contracts.refusals import Reason, Refusal, refuse
from hasher.formats.format import About
from hasher.lists import ALGORITHMS, BadLine, Batch, ListEntry, check_digest, quarantine

COLUMNS: Final = ("algorithm", "digest", "category", "source", "series", "note")
LINE_BYTES: Final = 64 * 1024
"""Longest line, and longest record of several lines, that is read."""
RECORD_LINES: Final = 100
"""Most lines that one quoted record may span."""
WORD_CHARS: Final = 200
"""Longest category, source and series: words, not texts."""
BLOCK: Final = 1 << 20

_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f\x80-\x9f]")


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of about a mebibyte of the file. The list's name is the member of lines without a source.

    Raises UsageError naming the file, line and column if the header is missing or malformed.
    """
    reader = _Reader(about.file, about.list_name)
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK):
            yield reader.feed(chunk[start : start + BLOCK])
    yield reader.feed(b"", final=True)


def split_record(text: str) -> tuple[list[str], list[int], int]:
    """(fields, their columns from 0, state) of a record: state -1 is whole, -2 a quote still open, else the column of
    text after a closing quote (RFC 4180, 2.5 to 2.7; a quote inside an unquoted field is taken as it stands)."""
    fields: list[str] = []
    starts: list[int] = []
    at = 0
    while True:
        starts.append(at)
        if not text.startswith('"', at):
            end = text.find(",", at)
            if end < 0:
                fields.append(text[at:])
                return fields, starts, -1
            fields.append(text[at:end])
            at = end + 1
            continue
        look = at + 1
        while True:
            quote = text.find('"', look)
            if quote < 0:
                return fields, starts, -2
            if not text.startswith('"', quote + 1):
                break
            look = quote + 2
        fields.append(text[at + 1 : quote].replace('""', '"'))
        at = quote + 1
        if at == len(text):
            return fields, starts, -1
        if text[at] != ",":
            return fields, starts, at
        at += 1


class _Reader:
    def __init__(self, file: str, list_name: str) -> None:
        self.file = file
        self.list_name = list_name
        self.width = 0  # columns of the header; 0 before it was read
        self.places: dict[str, int] = {}
        self.carry = b""  # bytes of a line without its end
        self.skipping = False  # inside a line over LINE_BYTES
        self.rest: list[str] = []  # lines of a record whose quote is still open
        self.line = 1  # number of the first line in `rest`, or of the next one
        self.dirty = False  # bytes that are not UTF-8 were met
        self.begun = False

    def feed(self, chunk: bytes, *, final: bool = False) -> Batch:
        batch = Batch([], [], bytes_read=len(chunk))
        first = self.line
        lines = self.rest + self._lines(chunk, final, batch)
        self.rest = []
        at = 0 if self.width else self._header(lines, final)
        self._records(lines, at, final, batch)
        quarantine(batch.entries)
        batch.lines = self.line - first
        return batch

    def _lines(self, chunk: bytes, final: bool, batch: Batch) -> list[str]:
        """Whole lines out of the carried bytes and the chunk; the rest is carried, or skipped above the cap."""
        data = self.carry + chunk
        if not self.begun and (final or len(data) >= 3):
            self.begun = True
            if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise UsageError(f"{self.file}, line 1, column 1: this is UTF-16; save the list as UTF-8")
            data = data.removeprefix(b"\xef\xbb\xbf")
        elif not self.begun:
            self.carry = data
            return []
        held = b""
        if b"\r" in data:
            if data.endswith(b"\r") and not final:  # perhaps half of \r\n
                data, held = data[:-1], b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = len(data) if final else data.rfind(b"\n") + 1
        body, self.carry = data[:end], data[end:] + held
        if self.skipping and (body or final):
            self.skipping = False
            body = b"-" * (LINE_BYTES + 1) + body  # stands for what was skipped: too long, whatever it was
        if len(self.carry) > LINE_BYTES + 1:
            self.skipping = True
            self.carry = held
        if not body:
            return []
        body = body.removesuffix(b"\n")
        try:
            return body.decode().split("\n")
        except UnicodeDecodeError:
            self.dirty = True
            return body.decode(errors="surrogateescape").split("\n")

    def _header(self, lines: list[str], final: bool) -> int:
        """Read the header; the position of the line after it."""
        at = next((n for n, line in enumerate(lines) if line and not line.isspace()), -1)
        if at < 0:
            if final:
                raise self._bad_header(self.line, 1, "there is no header")
            self.line += len(lines)
            lines.clear()
            return 0
        line = lines[at]
        number = self.line + at
        if len(line) > LINE_BYTES:
            raise self._bad_header(number, 1, f"the line is longer than {LINE_BYTES} bytes")
        wrong = _UNDECODED.search(line)
        if wrong:
            raise self._bad_header(number, wrong.start() + 1, "this is not UTF-8")
        names, starts, state = split_record(line)
        if state != -1:
            raise self._bad_header(number, (starts[-1] if state == -2 else state) + 1, "the quotes are not balanced")
        for place, (raw, start) in enumerate(zip(names, starts, strict=True)):
            name = raw.strip().lower()
            if name in self.places:
                raise self._bad_header(number, start + 1, f"the column {name!r} comes twice")
            if name not in COLUMNS:
                near = difflib.get_close_matches(name[:50], COLUMNS, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise self._bad_header(number, start + 1, f"unknown column {name[:50]!r}{hint}")
            self.places[name] = place
        for name in COLUMNS[:2]:
            if name not in self.places:
                raise self._bad_header(number, len(line) + 1, f"the column {name!r} is missing")
        self.width = len(names)
        return at + 1

    def _bad_header(self, line: int, column: int, what: str) -> UsageError:
        return UsageError(
            f"{self.file}, line {line}, column {column}: {what}; the first line must name the columns {','.join(COLUMNS)}"
            " (any order, the first two are required)"
        )

    def _records(self, lines: list[str], at: int, final: bool, batch: Batch) -> None:
        """Turn lines into entries and bad lines; lines of an open quote stay in `rest` until more come."""
        base, width, places = self.line, self.width, self.places
        entries, bad = batch.entries, batch.bad
        algorithm_at, digest_at = places.get("algorithm", 0), places.get("digest", 0)
        needed = max(algorithm_at, digest_at) + 1
        words = [places.get(name, width) for name in COLUMNS[2:]]
        category_at, source_at, series_at, note_at = words
        whole = width == len(COLUMNS)
        count = len(lines)
        while at < count:
            line = lines[at]
            number = base + at
            at += 1
            if not line or line.isspace():
                continue
            if len(line) > LINE_BYTES:
                bad.append(_bad(number, 0, Reason.BAD_LINE, f"longer than {LINE_BYTES} bytes"))
                continue
            starts: list[int] | None = None
            if '"' in line:
                fields, starts, state = split_record(line)
                after = at
                while state == -2 and after < count and after - at < RECORD_LINES and len(line) <= LINE_BYTES:
                    line += "\n" + lines[after]
                    after += 1
                    if '"' in lines[after - 1]:
                        fields, starts, state = split_record(line)
                if (
                    state == -2
                    and after == count
                    and not final
                    and after - at < RECORD_LINES
                    and len(line) <= LINE_BYTES
                ):
                    self.rest = lines[at - 1 :]
                    self.line = number
                    return
                if state != -1 or len(line) > LINE_BYTES:
                    column = (starts[-1] if state == -2 else state) + 1 if state != -1 else 0
                    what = "text after a closing quote" if state >= 0 else "a quote that is not closed"
                    bad.append(_bad(number, min(column, len(lines[at - 1])), Reason.BAD_LINE, what))
                    continue  # this line alone is lost, the next one is read anew
                at = after
            else:
                fields = line.split(",")
            if self.dirty:
                wrong = _UNDECODED.search(line)
                if wrong:
                    bad.append(_bad(number, wrong.start() + 1, Reason.BAD_LINE, "this is not UTF-8"))
                    continue
            if len(fields) != width:
                if len(fields) < needed:
                    bad.append(_bad(number, 0, Reason.BAD_LINE, f"{len(fields)} fields, at least {needed} are needed"))
                    continue
                if any(fields[width:]):
                    what = f"{len(fields)} fields where the header has {width}"
                    bad.append(_bad(number, _column(fields, starts, width), Reason.BAD_LINE, what))
                    continue
                fields = (fields + [""] * width)[:width]
            algorithm = fields[algorithm_at].strip().lower()
            if algorithm not in ALGORITHMS:
                what = f"known are {', '.join(ALGORITHMS)}"
                bad.append(_bad(number, _column(fields, starts, algorithm_at), Reason.UNKNOWN_ALGORITHM, what))
                continue
            text = fields[digest_at].strip().lower()
            digest = check_digest(algorithm, text)
            if isinstance(digest, Refusal):
                bad.append(BadLine(number, _column(fields, starts, digest_at), digest))
                continue
            if whole:
                category, source, series, note = (
                    fields[category_at].strip(),
                    fields[source_at].strip(),
                    fields[series_at].strip(),
                    fields[note_at].strip(),
                )
            else:
                category, source, series, note = (fields[place].strip() if place < width else "" for place in words)
            for value, place in ((category, category_at), (source, source_at), (series, series_at)):
                if value and (len(value) > WORD_CHARS or _CONTROL.search(value)):
                    what = f"a control character, or more than {WORD_CHARS} characters"
                    bad.append(_bad(number, _column(fields, starts, place), Reason.BAD_LINE, what))
                    break
            else:
                member = source or self.list_name
                identity = f"{algorithm}:{text}"
                entries.append(ListEntry(member, identity, ((algorithm, digest),), category, series, note, "", number))
        self.line = base + count


def _bad(line: int, column: int, reason: Reason, what: str) -> BadLine:
    return BadLine(line, column, refuse(reason, what))


def _column(fields: list[str], starts: list[int] | None, place: int) -> int:
    """The column (from 1) at which a field begins."""
    if starts is not None:
        return starts[place] + 1
    return sum(map(len, fields[:place])) + place + 1
