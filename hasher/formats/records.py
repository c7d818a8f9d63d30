"""Lines to records of fields (RFC 4180 with any delimiter and quote). A bad record costs its first line alone: an unclosed quote
does not swallow what follows."""

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from contracts.refusals import Reason, refuse
from hasher.formats.lines import LINE_BYTES, UNDECODED
from hasher.lists import BadLine

RECORD_LINES: Final = 100
"""Most lines that one quoted record may span."""
Record = tuple[int, list[str], list[int] | None]
"""(number of its first line, fields, their columns from 0 if some were quoted)"""


def split_record(text: str, delimiter: str = ",", quote: str = '"') -> tuple[list[str], list[int], int]:
    """(fields, their columns from 0, state) of a record: state -1 is whole, -2 a quote still open, else the column of
    text after a closing quote (RFC 4180, 2.5 to 2.7; a quote inside an unquoted field is taken as it stands)."""
    fields: list[str] = []
    starts: list[int] = []
    closing = _closing(quote) if quote else _NEVER
    at = 0
    while True:
        starts.append(at)
        if not quote or not text.startswith(quote, at):
            end = text.find(delimiter, at)
            if end < 0:
                fields.append(text[at:])
                return fields, starts, -1
            fields.append(text[at:end])
            at = end + 1
            continue
        quoted = closing.match(text, at + 1)
        if quoted is None:
            return fields, starts, -2
        fields.append(quoted[0][:-1].replace(quote * 2, quote))
        at = quoted.end()
        if at == len(text):
            return fields, starts, -1
        if text[at] != delimiter:
            return fields, starts, at
        at += 1


_NEVER: Final = re.compile("(?!)")


@functools.cache
def _closing(quote: str) -> re.Pattern[str]:
    """What follows an opening quote, up to the closing one; a doubled quote is text. Possessive, so that it is linear."""
    q = re.escape(quote)
    return re.compile(f"[^{q}]*+(?:{q}{q}[^{q}]*+)*+{q}")


class Records:
    """Feed it lines in their order. `line` is the number of the next line that belongs to no record yet."""

    def __init__(self, delimiter: str = ",", quote: str = '"') -> None:
        self.delimiter, self.quote = delimiter, quote
        self.line = 1
        self.rest: list[str] = []
        """Lines of a record whose quote is still open."""

    def feed(self, lines: Sequence[str], bad: list[BadLine], *, dirty: bool, final: bool) -> Iterator[Record]:
        """The records that end in these lines; what is none goes to `bad`. Blank lines are none of both."""
        base, delimiter, quote = self.line, self.delimiter, self.quote
        if self.rest:
            lines = [*self.rest, *lines]
            self.rest = []
        at, count = 0, len(lines)
        while at < count:
            line = lines[at]
            number = base + at
            at += 1
            if not line or line.isspace():
                continue
            if len(line) > LINE_BYTES:
                bad.append(bad_line(number, 0, f"longer than {LINE_BYTES} bytes"))
                continue
            starts: list[int] | None = None
            if quote and quote in line:
                fields, starts, state = split_record(line, delimiter, quote)
                after = at
                while state == -2 and after < count and after - at < RECORD_LINES and len(line) <= LINE_BYTES:
                    line += "\n" + lines[after]
                    after += 1
                    if quote in lines[after - 1]:
                        fields, starts, state = split_record(line, delimiter, quote)
                if (
                    state == -2
                    and after == count
                    and not final
                    and after - at < RECORD_LINES
                    and len(line) <= LINE_BYTES
                ):
                    self.rest = list(lines[at - 1 :])
                    self.line = number
                    return
                if state != -1 or len(line) > LINE_BYTES:
                    column = (starts[-1] if state == -2 else state) + 1 if state != -1 else 0
                    what = "text after a closing quote" if state >= 0 else "a quote that is not closed"
                    bad.append(bad_line(number, min(column, len(lines[at - 1])), what))
                    continue  # this line alone is lost, the next one is read anew
                at = after
            else:
                fields = line.split(delimiter)
            if dirty:
                wrong = UNDECODED.search(line)
                if wrong:
                    bad.append(bad_line(number, wrong.start() + 1, "this is not the encoding that was expected"))
                    continue
            yield number, fields, starts
        self.line = base + count


def bad_line(line: int, column: int, what: str, reason: Reason = Reason.BAD_LINE) -> BadLine:
    """A bad line with its evidence."""
    return BadLine(line, column, refuse(reason, what))


def column_of(fields: Sequence[str], starts: Sequence[int] | None, place: int) -> int:
    """The column (from 1) at which a field begins; that after the last one for a field that is missing."""
    if starts is not None:
        return starts[min(place, len(starts) - 1)] + 1
    return sum(map(len, fields[:place])) + min(place, len(fields)) + 1
