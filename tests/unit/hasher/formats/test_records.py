"""hasher.formats.records: fields of lines, with quotes as people really write them."""

import csv

from hypothesis import given
from hypothesis import strategies as st

from hasher.formats.lines import LINE_BYTES
from hasher.formats.records import RECORD_LINES, Records, column_of, split_record
from hasher.lists import BadLine
from tests.unit.hasher.formats.samples import reasons

FIELD = st.text(st.sampled_from("ab;, \"'é"), max_size=6)


def records(lines: list[str], piece: int = 1 << 30, **more: str) -> tuple[list[tuple[int, list[str]]], list[BadLine]]:
    reader = Records(**more)
    found: list[tuple[int, list[str]]] = []
    bad: list[BadLine] = []
    for at in range(0, len(lines), piece):
        found += [(n, f) for n, f, _ in reader.feed(lines[at : at + piece], bad, dirty=False, final=False)]
        assert len(reader.rest) <= RECORD_LINES + 1
    found += [(n, f) for n, f, _ in reader.feed([], bad, dirty=False, final=True)]
    return found, bad


# RFC 4180, 2.5 to 2.7, held against the standard library's writer.
@given(st.lists(FIELD, min_size=1, max_size=5), st.sampled_from(";,"), st.sampled_from("\"'"))
def test_what_others_write_is_read(fields: list[str], delimiter: str, quote: str) -> None:
    class Taken:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

    taken = Taken()
    csv.writer(taken, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL, lineterminator="").writerow(fields)
    found, starts, state = split_record(taken.text, delimiter, quote)
    assert (found, state) == (fields, -1)
    assert [taken.text[start] for start in starts] == [quote] * len(fields)


def test_without_a_quote_every_mark_is_text() -> None:
    found, bad = records(['"a";"b', 'c";d'], delimiter=";", quote="")
    assert found == [(1, ['"a"', '"b']), (2, ['c"', "d"])] and not bad


@given(st.lists(st.text(st.sampled_from('ab", '), max_size=8), max_size=12), st.integers(1, 5))
def test_lines_in_any_pieces_give_the_same(lines: list[str], piece: int) -> None:
    assert records(lines, piece) == records(lines)


def test_a_quote_that_is_not_closed_costs_one_line() -> None:
    found, bad = records(["a,b", 'c,"d', *["e,f"] * 200])
    assert len(found) == 201 and reasons(bad) == [(2, 3, "bad_line")]


def test_columns_are_those_of_the_line() -> None:
    fields, starts, _ = split_record('"a",b,"c"')
    assert [column_of(fields, starts, place) for place in range(4)] == [1, 5, 7, 7]
    assert [column_of(["a", "bb"], None, place) for place in range(4)] == [1, 3, 6, 6]


# A hostile list: a field that opens and never closes, and after it nothing but doubled quotes, read anew for each.
def test_quotes_without_end_take_no_time_without_end() -> None:
    lines = ['"' * 601, *['x""' * 200] * RECORD_LINES] * 20
    found, bad = records(lines)
    assert len(found) == 20 * RECORD_LINES and len(bad) == 20
    assert len(lines[0]) * RECORD_LINES < LINE_BYTES
