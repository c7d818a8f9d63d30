"""hasher.formats.csv: RFC 4180 as people really write it; a bad line costs itself alone."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from hasher.formats import csv
from hasher.formats.format import About
from hasher.formats.lines import LINE_BYTES
from hasher.formats.records import RECORD_LINES
from hasher.lists import BadLine, ListEntry

HEADER = "algorithm,digest,category,source,series,note\n"
MD5, SHA1 = "0123456789abcdef" * 2, "0123456789" * 4
SHA256, PDQ = "fedcba9876543210" * 4, "5a" * 32


def read(data: str | bytes, piece: int = 1 << 30) -> tuple[list[ListEntry], list[BadLine]]:
    raw = data.encode() if isinstance(data, str) else data
    entries: list[ListEntry] = []
    bad: list[BadLine] = []
    size = lines = 0
    for batch in csv.read((raw[at : at + piece] for at in range(0, len(raw), piece)), About("known.csv", "mine")):
        entries += batch.entries
        bad += batch.bad
        size += batch.bytes_read
        lines += batch.lines
    assert size == len(raw)
    return entries, bad


def reasons(bad: list[BadLine]) -> list[tuple[int, int, str]]:
    return [(line.line, line.column, str(line.refusal.reason)) for line in bad]


def test_all_algorithms_and_columns() -> None:
    entries, bad = read(
        HEADER
        + f"md5,{MD5},A,IWF,S-1,seen twice\nSHA1,{SHA1.upper()},,,,\n sha256 , {SHA256} ,B,,,\npdq,{PDQ},,NCMEC,,\n"
    )
    assert not bad
    assert entries == [
        ListEntry("IWF", f"md5:{MD5}", (("md5", bytes.fromhex(MD5)),), "A", "S-1", "seen twice", "", 2),
        ListEntry("mine", f"sha1:{SHA1}", (("sha1", bytes.fromhex(SHA1)),), line=3),
        ListEntry("mine", f"sha256:{SHA256}", (("sha256", bytes.fromhex(SHA256)),), "B", line=4),
        ListEntry("NCMEC", f"pdq:{PDQ}", (("pdq", bytes.fromhex(PDQ)),), line=5),
    ]


def test_columns_in_any_order_and_only_the_first_two_required() -> None:
    entries, bad = read(f"\ufeffNote,DIGEST, algorithm \nx,{MD5},md5\n")
    assert not bad and entries[0].note == "x" and entries[0].digests == (("md5", bytes.fromhex(MD5)),)
    entries, bad = read(f"algorithm,digest\nmd5,{MD5}\nmd5,{MD5},,,\n")
    assert not bad and len(entries) == 2


# RFC 4180, 2.1 and 2.2: CRLF, the last line may lack it; LF and CR alone are met as well.
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 20])
def test_any_line_ending_in_any_pieces(end: str, piece: int) -> None:
    text = f'\ufeffalgorithm,digest,note{end}md5,{MD5},é{end}{end}md5,zz,{end}sha1,{SHA1},"a{end}b"{end}md5,{MD5},last'
    entries, bad = read(text, piece)
    assert [(entry.line, entry.note) for entry in entries] == [(2, "é"), (5, "a\nb"), (7, "last")]
    assert reasons(bad) == [(4, 5, "bad_digest")]


# RFC 4180, 2.5 to 2.7.
def test_quoted_fields() -> None:
    entries, bad = read(HEADER + f'"md5","{MD5}","A, B","","","she said ""no"""\nmd5,{MD5},5" disc,,,\n')
    assert not bad
    assert (entries[0].category, entries[0].note, entries[0].member) == ("A, B", 'she said "no"', "mine")
    assert entries[1].category == '5" disc'


def test_bad_lines_are_named_with_number_and_column_and_the_rest_is_imported() -> None:
    good = f"md5,{MD5},A,,,\n"
    empty = "sha256,e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,,,,\n"
    lines = [
        (f"md4,{MD5},,,,\n", 1, "unknown_algorithm"),
        ("md5,abc,,,,\n", 5, "bad_digest"),
        (f"sha1,{MD5},,,,\n", 6, "bad_digest"),
        (empty, 8, "empty_file_digest"),
        ("md5\n", 0, "bad_line"),
        (f"md5,{MD5},,,,,seventh\n", len(f"md5,{MD5},,,,,") + 1, "bad_line"),
        (f"md5,{MD5},a\x00b,,,\n", 38, "bad_line"),
        (f"md5,{MD5},{'a' * 201},,,\n", 38, "bad_line"),
        (f'md5,{MD5},"closed"text,,,\n', 46, "bad_line"),
        (f'md5,{MD5},"never closed,,,\n', 38, "bad_line"),
    ]
    entries, bad = read(HEADER + "".join(line + good for line, _, _ in lines))
    assert reasons(bad) == [(2 + 2 * n, column, reason) for n, (_, column, reason) in enumerate(lines)]
    assert [entry.line for entry in entries] == [3 + 2 * n for n in range(len(lines))]


def test_no_refusal_shows_a_digest_or_a_note() -> None:
    _, bad = read(HEADER + f"md5,{SHA1},,,secret series,secret note\nmd9,{SHA1},,,secret series,secret note\n")
    assert len(bad) == 2 and not any(SHA1[:8] in str(line) or "secret" in str(line) for line in bad)


def test_lines_that_are_not_utf_8() -> None:
    raw = HEADER.encode() + b"md5,%s,A\xff,,,\nmd5,%s,A,,,\n" % (MD5.encode(), MD5.encode())
    entries, bad = read(raw)
    assert reasons(bad) == [(2, 39, "bad_line")] and [entry.line for entry in entries] == [3]


@pytest.mark.parametrize(
    ("data", "where", "what"),
    [
        (b"", "line 1, column 1", "no header"),
        (b"\n \n", "line 3, column 1", "no header"),
        (f"md5,{MD5}\n".encode(), "line 1, column 5", "unknown column of 32 characters"),
        (b"algorithm,note\n", "line 1, column 15", "'digest' is missing"),
        (b"algorithm,digest,digest\n", "line 1, column 18", "comes twice"),
        (b"\nalgorithm,digest,categry\n", "line 2, column 18", "did you mean 'category'"),
        (b'algorithm,"digest\n', "line 1, column 11", "quotes"),
        (b'algorithm,"digest"x\n', "line 1, column 19", "quotes"),
        (b"algorithm,dig\xffest\n", "line 1, column 14", "UTF-8"),
        ("algorithm,digest\n".encode("utf-16"), "line 1, column 1", "UTF-16"),
        (b"a" * 70_000, "line 1, column 1", "longer"),
        (b"a" * 3_000_000 + b"\n", "line 1, column 1", "longer"),
    ],
)
def test_a_bad_header_names_file_line_and_column(data: bytes, where: str, what: str) -> None:
    for piece in (1000, 1 << 30):
        with pytest.raises(UsageError) as error:
            read(data, piece)
        assert f"known.csv, {where}" in str(error.value) and what in str(error.value)


@pytest.mark.parametrize("piece", [1000, 65536, 1 << 30])
@pytest.mark.parametrize("length", [LINE_BYTES + 1, 200_000, 3_000_000])
def test_a_line_without_end_is_skipped(length: int, piece: int) -> None:
    data = f"{HEADER}md5,{MD5},A,,,\n{'x' * length}\nmd5,{MD5},B,,,\n{'y' * length}"
    entries, bad = read(data, piece)
    assert [(entry.line, entry.category) for entry in entries] == [(2, "A"), (4, "B")]
    assert reasons(bad) == [(3, 0, "bad_line"), (5, 0, "bad_line")]


# An unclosed quote must not swallow the list: it costs its own line.
@pytest.mark.parametrize("piece", [50, 1 << 30])
def test_an_unclosed_quote_costs_one_line(piece: int) -> None:
    good = [f"md5,{random.Random(n).randbytes(16).hex()},A,,,\n" for n in range(300)]
    entries, bad = read(HEADER + good[0] + f'md5,{MD5},A,,,"open\n' + "".join(good[1:]), piece)
    assert len(entries) == 300 and reasons(bad) == [(3, len(f"md5,{MD5},A,,,") + 1, "bad_line")]


def test_memory_stays_bounded() -> None:
    def endless() -> Iterator[bytes]:
        yield HEADER.encode()
        for _ in range(200):
            yield b"x" * 100_000

    reader = csv._Reader(About("known.csv", "mine"), csv.PLAIN)
    for chunk in endless():
        reader.feed(chunk)
        assert len(reader.lines.carry) <= LINE_BYTES + 1 and len(reader.records.rest) <= RECORD_LINES + 1


FIELD = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters='"\n,'), max_size=12)


def _quoted(value: str) -> str:
    return (
        '"' + value.replace('"', '""') + '"'
        if any(mark in value for mark in '",\n') or value != value.strip()
        else value
    )


@given(st.lists(st.tuples(st.sampled_from([("md5", MD5), ("pdq", PDQ)]), FIELD, FIELD), max_size=8), st.integers(1, 60))
def test_what_is_written_is_read(rows: list[tuple[tuple[str, str], str, str]], piece: int) -> None:
    lines = [
        f"{name},{digest},{_quoted(note)},{_quoted(series.replace(chr(10), ' '))}"
        for (name, digest), note, series in rows
    ]
    entries, bad = read("algorithm,digest,note,series\n" + "\n".join(lines) + "\n", piece)
    assert not bad
    assert [(entry.digests[0][0], entry.note, entry.series) for entry in entries] == [
        (name, note.strip(), series.replace("\n", " ").strip()) for (name, _), note, series in rows
    ]


@given(st.binary(max_size=400), st.integers(1, 100))
def test_any_bytes_after_the_header_raise_nothing(junk: bytes, piece: int) -> None:
    good = f"\nmd5,{MD5},A,,,\n".encode()
    entries, bad = read(HEADER.encode() + junk + good, piece)
    assert b'"' in junk or entries[-1].member_entry_id == f"md5:{MD5}"
    assert all(0 < line.line <= junk.count(b"\n") + junk.count(b"\r") + 3 for line in bad)
    whole_entries, whole_bad = read(HEADER.encode() + junk + good)
    assert whole_entries == entries and whole_bad == bad


def test_batches_are_bounded_however_large_the_pieces_are() -> None:
    raw = HEADER.encode() + f"md5,{MD5},A,,,\n".encode() * 100_000
    batches = list(csv.read([raw], About("known.csv", "mine")))
    assert max(batch.bytes_read for batch in batches) == csv.BLOCK and len(batches) > 4
    assert sum(len(batch.entries) for batch in batches) == 100_000 == sum(batch.lines for batch in batches) - 1


VALID = (HEADER + f'md5,{MD5},A,IWF,S,"a ""b"",\nc"\nsha1, {SHA1} ,B,,,\n\npdq,{PDQ},\'=1,x,y,z\n' * 2).encode()


@given(
    st.lists(st.tuples(st.integers(len(HEADER), len(VALID) - 1), st.binary(max_size=3)), max_size=6), st.integers(1, 90)
)
def test_any_mutation_is_read_alike_in_any_pieces(changes: list[tuple[int, bytes]], piece: int) -> None:
    raw = bytearray(VALID)
    for at, data in changes:
        raw[at : at + len(data)] = data
    assert read(bytes(raw), piece) == read(bytes(raw))


# The fast way and the careful way agree on every line that both can read.
@given(st.lists(st.sampled_from(["md5", "sha1", "pdq", "SHA1", "x"]), min_size=1, max_size=6), FIELD, FIELD)
def test_both_ways_of_reading_agree(names: list[str], category: str, note: str) -> None:
    digests = {"md5": MD5, "sha1": SHA1, "pdq": PDQ, "SHA1": SHA1, "x": MD5}
    lines = [f"{name},{digests[name]},{_quoted(category)},IWF,,{_quoted(note)}" for name in names]
    fast = read(HEADER + "\n".join(lines))
    careful = read(HEADER.rstrip("\n") + ",size\n" + "\n".join(line + "," for line in lines))
    assert fast == careful
