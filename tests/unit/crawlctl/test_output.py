"""Answers that hostile text cannot break."""

import csv
import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlctl import output

ANY = st.text(st.characters())


@given(ANY)
def test_one_line_is_one_printable_line(text: str) -> None:
    line = output.one_line(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    line.encode()


@given(st.dictionaries(ANY, ANY | st.integers() | st.none()))
def test_json_lines_are_ascii_and_read_back(value: dict[str, str | int | None]) -> None:
    line = output.json_line(value)
    assert line.isascii() and "\n" not in line
    assert json.loads(line) == value


def test_json_of_bytes_is_hex() -> None:
    assert output.json_line({"a": b"\x00\xff"}) == '{"a": "00ff"}'


def lines_of(monkeypatch: pytest.MonkeyPatch, data: bytes) -> list[str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    return list(output.input_lines())


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\r\nb\n", ["a\r", "b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a", "\ufeffb"]),
        (b"\xff\0x\n\xc3", ["\udcff\0x", "\udcc3"]),
        ("é\u2028ü\x0b\x85\n".encode(), ["é\u2028ü\x0b\x85"]),
    ],
)
def test_lines_of_standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes, lines: list[str]) -> None:
    assert lines_of(monkeypatch, data) == lines


def test_a_line_without_end_is_cut_and_the_next_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_of(monkeypatch, b"x" * (3 * output.LINE_BYTES) + b"\nnext\n")
    assert [len(line) for line in lines] == [output.LINE_BYTES, 4]
    assert lines_of(monkeypatch, b"x" * (3 * output.LINE_BYTES)) == lines[:1]


def test_no_standard_input_is_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert list(output.input_lines()) == []


def test_csv_reads_back_and_starts_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_csv(["url", "n"], [["=cmd()", 1], ['a,"b"\n', None], [b"\x01", -2]])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["url", "n"], ["'=cmd()", "1"], ['a,"b"\\n', ""], ["01", "-2"]]


def test_tables_show_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_table(["host"], [["[red]x[/red] :smile:"], [None], ["\x1b[31m"]])
    out = capsys.readouterr().out
    assert "[red]x[/red] :smile:" in out
    assert "\x1b" not in out and "\\x1b[31m" in out


def test_records_leave_out_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_record("t\n", {"a": None, "b": "", "c": 0, "d": ["x", "y\x00"], "e": []})
    assert capsys.readouterr().out == "t\\n\n  c            0\n  d            x\n               y\\x00\n"


def test_times_are_not_folded_where_there_is_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = "2027-01-31T12:34:56Z"
    for columns, whole in (("160", True), ("80", True), ("30", False)):
        monkeypatch.setenv("COLUMNS", columns)
        output.write_table(["at", "what", "organisation", "why"], [[at, "closed", "o" * 30, "x" * 60]])
        out = capsys.readouterr().out
        assert (at in out) is whole and out.count("x") == 60
        assert all(len(line) <= int(columns) for line in out.splitlines())
    output.write_table(["host"], [])
    assert "host" in capsys.readouterr().out


def test_columns_stand_closer_where_they_do_not_fit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    output.write_table(["case", "recipient", "state"], [[1, "email:abuse@host.example", "notified"]])
    assert "1   \u2502email:abuse@host.example\u2502notified" in capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "80")
    output.write_table(["case", "recipient", "state"], [[1, "email:abuse@host.example", "notified"]])
    assert "1    \u2502 email:abuse@host.example \u2502 notified" in capsys.readouterr().out
