"""CSV (RFC 4180), by a header of our own or by a mapping of columns (`hasher.formats.mapping`).

Without a mapping the header names some of `COLUMNS`, in any order: either `algorithm` and `digest`, or a column for each
algorithm, whose cells may hold several digests with spaces between them. UTF-8 with or without BOM, any line ending. A bad line
costs itself alone: an unclosed quote does not swallow what follows, a line without end is skipped in bounded memory.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from contracts.errors import UsageError
from hasher.formats.format import About
from hasher.formats.lines import LINE_BYTES, UNDECODED, Lines
from hasher.formats.mapping import AUTO, DIGESTS, Columns, parse, suggestion
from hasher.formats.records import Records, bad_line, column_of, split_record
from hasher.formats.rows import Rows, Unfit
from hasher.lists import ALGORITHMS, EMPTY_FILE, WORD_CHARS, BadLine, Batch, ListEntry, quarantine

ONE_DIGEST: Final = ("algorithm", "digest", "category", "source", "series", "note")
COLUMNS: Final = (
    *ONE_DIGEST, "id", *ALGORITHMS, "opaque", "size", "media", "deleted", "generated", "legality", "act", "age",
)  # fmt: skip
PLAIN: Final = Columns({name: (name,) for name in COLUMNS})
BLOCK: Final = 1 << 20
SOME: Final = 64
"""Lines that are read the careful way once one needs it."""
_NAME: Final = re.compile("[a-z _-]{1,30}")
_DELIMITERS: Final = ";,\t|"


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of about a mebibyte of the file. The list's name is the member of lines without a source.

    Raises UsageError naming the file, line and column if the header is missing or malformed, or the mapping's key that is.
    """
    return read_by(chunks, about, parse(about.mapping) if about.mapping else PLAIN)


def read_by(chunks: Iterable[bytes], about: About, columns: Columns) -> Iterator[Batch]:
    """As `read`, by a mapping that was read already."""
    reader = _Reader(about, columns)
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK):
            yield reader.feed(chunk[start : start + BLOCK])
    yield reader.feed(b"", final=True)


class _Reader:
    def __init__(self, about: About, columns: Columns) -> None:
        self.file, self.member = about.file, about.list_name
        self.columns = columns
        self.lines = Lines(about.file, columns.encoding)
        self.records = Records("," if columns.delimiter == AUTO else columns.delimiter, columns.quote)
        self.skip = columns.skip
        self.width = 0  # columns of the header; 0 where there is none
        self.rows: Rows | None = None  # None before the header was read
        self.pick: Callable[[list[str]], tuple[str, ...]] | None = None
        """The fields of a line with one digest, in the order of ONE_DIGEST; None where lines may have several."""

    def feed(self, chunk: bytes, *, final: bool = False) -> Batch:
        batch = Batch([], [], bytes_read=len(chunk))
        first = self.records.line
        lines = self.lines.feed(chunk, final=final)
        if self.rows is None:
            lines = self._begin(lines, final)
        if self.rows is not None:
            self._body(self.rows, lines, final, batch)
        quarantine(batch.entries)
        batch.lines = self.records.line - first
        return batch

    def _begin(self, lines: list[str], final: bool) -> list[str]:
        """Skip what is to be skipped and read the header; the lines after it."""
        at = min(self.skip, len(lines))
        self.skip -= at
        if not self.columns.header:
            if not self.skip:
                numbers = {name: of[0] for name, of in self.columns.columns.items()}
                self._place({name: int(number) - 1 for name, number in numbers.items()})
            self.records.line += at
            return lines[at:]
        while at < len(lines) and (not lines[at] or lines[at].isspace()):
            at += 1
        self.records.line += at
        if at == len(lines):
            if final:
                raise self._bad_header(1, "there is no header")
            return []
        self._header(lines[at])
        self.records.line += 1
        return lines[at + 1 :]

    def _header(self, line: str) -> None:
        if len(line) > LINE_BYTES:
            raise self._bad_header(1, f"the line is longer than {LINE_BYTES} bytes")
        wrong = UNDECODED.search(line)
        if wrong:
            raise self._bad_header(wrong.start() + 1, f"this is not {self.columns.encoding.upper()}")
        if self.columns.delimiter == AUTO:
            self.records.delimiter = max(_DELIMITERS, key=line.count)
        raw, starts, state = split_record(line, self.records.delimiter, self.records.quote)
        if state != -1:
            raise self._bad_header((starts[-1] if state == -2 else state) + 1, "the quotes are not balanced")
        names = [name.strip().lower() for name in raw]
        self.width = len(names)
        self._place(self._plain(names, starts, line) if self.columns is PLAIN else self._mapped(names))

    def _plain(self, names: Sequence[str], starts: Sequence[int], line: str) -> dict[str, int]:
        """The places of our own columns; nothing else may be there."""
        places: dict[str, int] = {}
        for place, (name, start) in enumerate(zip(names, starts, strict=True)):
            if name in places:
                raise self._bad_header(start + 1, f"the column {name!r} comes twice")
            if name not in COLUMNS:  # a list without a header has a digest there: nothing that looks like one is shown
                shown = repr(name) if _NAME.fullmatch(name) else f"of {len(name)} characters"
                raise self._bad_header(start + 1, f"unknown column {shown}{suggestion(name, COLUMNS)}")
            places[name] = place
        if not places.keys() & set(ALGORITHMS) or places.keys() & {"algorithm", "digest"}:
            for name in ("algorithm", "digest"):
                if name not in places:
                    raise self._bad_header(len(line) + 1, f"the column {name!r} is missing")
        if places.keys() <= set(ONE_DIGEST):
            self.pick = itemgetter(*[places.get(name, self.width) for name in ONE_DIGEST])
        if "source" in places:
            places["member"] = places.pop("source")
        return places

    def _mapped(self, names: Sequence[str]) -> dict[str, int]:
        """The places of the columns that the mapping names."""
        places: dict[str, int] = {}
        for field, candidates in self.columns.columns.items():
            for name in candidates:
                place = name - 1 if isinstance(name, int) else -1
                if isinstance(name, str) and name.strip().lower() in names:
                    if names.count(name.strip().lower()) > 1:
                        raise self._bad_header(1, f"the column {name[:50]!r} comes twice; name it by its number")
                    place = names.index(name.strip().lower())
                if 0 <= place < len(names):
                    places[field] = place
                    break
            else:
                if not self.columns.lenient:
                    near = suggestion(str(candidates[0]).lower(), names)
                    raise self._bad_header(1, f"there is no column {str(candidates[0])[:50]!r} for {field}{near}")
        if not places.keys() & {"digest", *DIGESTS} or ("digest" in places) != ("algorithm" in places):
            raise self._bad_header(1, "no column holds a digest")
        return places

    def _place(self, places: dict[str, int]) -> None:
        plain = self.columns is PLAIN
        self.rows = Rows(places, self.columns, self.member, marked=plain)
        digests = [places[name] for name in ("algorithm", "digest") if name in places]
        self.needed = 1 + max(digests) if plain and digests else 1
        self.most = 1 + max(places.values())

    def _bad_header(self, column: int, what: str) -> UsageError:
        then = ""
        if self.columns is PLAIN:
            names = ",".join(ONE_DIGEST)
            then = f"; the first line must name the columns {names} (any order, the first two are required)"
        return UsageError(f"{self.file}, line {self.records.line}, column {column}: {what}{then}")

    def _body(self, rows: Rows, lines: list[str], final: bool, batch: Batch) -> None:
        """Lines in turn by the fast way, and from one that is not simple on, some by the other."""
        at, count = 0, len(lines)
        while at < count or final:
            at = self._one_digest_each(lines, at, batch.entries)
            some = lines[at : at + SOME]
            at += SOME
            if some or final:
                self._read(rows, some, final and at >= count, batch)
            if at >= count:
                return

    def _one_digest_each(self, lines: list[str], begin: int, entries: list[ListEntry]) -> int:
        """Take lines for as long as they are simple and right; the position of the first that is not.

        Such a line has one digest, no quote, mark or control character, and is short: most lists are all of these.
        """
        pick, member, width, at = self.pick, self.member, self.width, begin
        if pick is None or self.records.rest:
            return at
        number = self.records.line - begin
        append, lengths, most = entries.append, ALGORITHMS, WORD_CHARS
        for at in range(begin, len(lines)):
            line = lines[at]
            fields = line.split(",")
            if len(line) > most or '"' in line or "'" in line or len(fields) != width or not line.isprintable():
                break
            if " " in line:
                fields = [field.strip() for field in fields]
            fields.append("")
            algorithm, text, category, source, series, note = pick(fields)
            length = lengths.get(algorithm)
            try:
                digest = bytes.fromhex(text)
            except ValueError:
                break
            if len(digest) != length or len(text) != 2 * length or digest in EMPTY_FILE:
                break
            append(
                ListEntry(
                    source or member, f"{algorithm}:{text.lower()}", ((algorithm, digest),), category, series, note, "",
                    number + at,
                )
            )  # fmt: skip
        else:
            at = len(lines)
        self.records.line = number + at
        return at

    def _read(self, rows: Rows, lines: list[str], final: bool, batch: Batch) -> None:
        """Turn lines into entries and bad lines."""
        bad, width = batch.bad, self.width
        for number, fields, starts in self.records.feed(lines, bad, dirty=self.lines.dirty, final=final):
            if len(fields) != width:
                if len(fields) < self.needed:
                    what = f"{len(fields)} fields, at least {self.needed} are needed"
                    bad.append(bad_line(number, 0, what))
                    continue
                if width and any(fields[width:]):
                    what = f"{len(fields)} fields where the header has {width}"
                    bad.append(bad_line(number, column_of(fields, starts, width), what))
                    continue
                fields += [""] * (self.most - len(fields))
            try:
                batch.entries.append(rows.entry(number, fields))
            except Unfit as unfit:
                column = column_of(fields, starts, unfit.place) if unfit.place >= 0 else 0
                bad.append(BadLine(number, column, unfit.refusal))
