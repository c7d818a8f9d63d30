"""Answers on standard output: JSON lines, CSV, or tables for people. None of it can fail on hostile text."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

PROGRESS_EVERY: Final = 0.2
PLAIN_EVERY: Final = 30.0
"""Seconds between two lines of progress, on a terminal and elsewhere."""
LINE_BYTES: Final = 1 << 20
"""Longest line of standard input; what is beyond is dropped."""
_CHUNK: Final = 1 << 16
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def one_line(text: str) -> str:
    """Text without line ends and other control characters, which are escaped."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def json_line(value: Any) -> str:
    """ASCII on one line; bytes in hex, other unknown values as text. Lone surrogates become escapes."""
    return json.dumps(value, ensure_ascii=True, default=_plain, separators=(", ", ": "))


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, (bytes, bytearray, memoryview)) else str(value)


def write_json(value: Any) -> None:
    """One JSON line on standard output."""
    sys.stdout.write(json_line(value) + "\n")


class ProgressLine:
    """How far something is, on standard error: a line that rewrites itself on a terminal, one every half a minute elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = time.monotonic()

    def __call__(self, text: str) -> None:
        """Show this, unless something was shown just now."""
        now = time.monotonic()
        if now - self._shown < (PROGRESS_EVERY if self._live else PLAIN_EVERY):
            return
        self._shown = now
        sys.stderr.write(f"\r\033[K{one_line(text)}" if self._live else one_line(text) + "\n")

    def done(self) -> None:
        """Take the line away."""
        if self._live:
            sys.stderr.write("\r\033[K")


def write_record(title: str, record: Mapping[str, Any]) -> None:
    """A title line, and below it names and values; what is None or empty is left out."""
    lines = [one_line(title)]
    for name, value in record.items():
        if value is None or value == "" or value == []:
            continue
        for one in value if isinstance(value, list) else [value]:
            lines.append(f"  {name:<12} {one_line(str(one))}")
            name = ""
    sys.stdout.write("\n".join(lines) + "\n")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV (RFC 4180) with a header. Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return value.hex()
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


TIME: Final = 20
"""Characters of a time, which is not folded where there is room."""
FOLDED: Final = 7
"""Characters that other columns need at least."""


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """A table for people. Cells are text, never markup. Where they do not fit, columns stand closer, then long cells are folded."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    table = Table(*header, title=title, title_justify="left", show_edge=False, pad_edge=False)
    cells = [[one_line("" if value is None else str(value)) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    times = [any(len(c) == TIME and c.endswith("Z") for c in column) for column in zip(header, *cells, strict=True)]
    if sum(widths) + 3 * (len(widths) - 1) > console.width:
        table.padding = (0, 0)
    gap = 3 if sum(table.padding) else 1
    least = [width if time and width == TIME else min(width, FOLDED) for width, time in zip(widths, times, strict=True)]
    if sum(least) + gap * (len(least) - 1) <= console.width:
        for column, time in zip(table.columns, times, strict=True):
            column.no_wrap = time
    for row in cells:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    console.print(table)


def input_lines() -> Iterator[str]:
    """Lines of standard input, one string a line, without their `\\n`; empty ones too. What was answered is flushed
    before more is waited for. Invalid UTF-8 becomes lone surrogates; a byte order mark at the very beginning is dropped.
    """
    read = _reader()
    rest, first, cut = b"", True, False
    while True:
        sys.stdout.flush()
        chunk = read(_CHUNK)
        if not chunk:
            break
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            if cut:  # the end of a line whose beginning was given out
                cut = False
                continue
            yield _decode(line, first)
            first = False
        if cut:
            rest = b""
        elif len(rest) >= LINE_BYTES:
            yield _decode(rest[:LINE_BYTES], first)
            rest, first, cut = b"", False, True
    if rest:
        yield _decode(rest, first)


def _reader() -> Callable[[int], bytes]:
    """Reads what there is of standard input. By its descriptor, where it has one: a lock on the stream would be held by a
    thread that waits there when the program ends."""
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, ValueError, OSError):
        stream = getattr(sys.stdin, "buffer", None)
        return stream.read1 if stream is not None else lambda size: b""
    return lambda size: os.read(descriptor, size)


def _decode(line: bytes, first: bool) -> str:
    return (line.removeprefix(b"\xef\xbb\xbf") if first else line).decode("utf-8", "surrogateescape")


def inputs(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments, or the lines of standard input if there are none."""
    return iter(arguments) if arguments else input_lines()
