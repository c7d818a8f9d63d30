"""hasher.formats.mapping: what a TOML mapping may say, and how it is told what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from hasher.formats import csv
from hasher.formats.format import About
from hasher.formats.mapping import Columns, parse
from hasher.lists import BadLine, ListEntry
from tests.unit.hasher.formats.samples import MD5, PDQ, SHA1, SHA256, reasons

NGO = """
delimiter = ";"
encoding = "windows-1252"
base64 = ["md5"]

[columns]
id = "Hash ID"
md5 = "MD5"
sha1 = ["SHA1", "SHA-1"]
sha256 = "sha256"
pdq = 6
photodna = "PDNA"
category = "Grade"
series = "Serie"
note = "Remark"
size = "Bytes"
media = "Kind"
deleted = "State"
generated = "AI"

[values.deleted]
gone = true
"still there" = false

[values.media]
Bild = "image"

[constants]
member = "NGO"
"""


def read(text: str | bytes, mapping: str, piece: int = 1 << 30) -> tuple[list[ListEntry], list[BadLine]]:
    raw = text if isinstance(text, bytes) else text.encode()
    entries: list[ListEntry] = []
    bad: list[BadLine] = []
    about = About("list.csv", "mine", mapping)
    for batch in csv.read((raw[at : at + piece] for at in range(0, len(raw), piece)), about):
        entries += batch.entries
        bad += batch.bad
    return entries, bad


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_one_line_is_one_entry_with_all_its_digests(piece: int) -> None:
    header = "Hash ID;sha256;SHA-1;MD5;Grade;any name;PDNA;Serie;Remark;Bytes;Kind;State;AI;not asked for\n"
    photodna = "ab" * 144
    rows = [
        f"7;{SHA256.upper()};{SHA1};ASNFZ4mrze8BI0VniavN7w==;Stufe 1;{PDQ};{photodna};Müller;naïve;1234;Bild;gone;yes;x",
        f"8;;{SHA1};;;;;;;;video/mp4;still there;;",
        "9;;;;;;;;;;;GONE;;",
    ]
    entries, bad = read((header + "\n".join(rows)).encode("windows-1252"), NGO, piece)
    assert not bad
    digests = (("md5", MD5), ("sha1", SHA1), ("sha256", SHA256), ("pdq", PDQ))
    assert entries == [
        ListEntry(
            "NGO", "7", tuple((name, bytes.fromhex(text)) for name, text in digests), "Stufe 1", "Müller", "naïve",
            line=2, size=1234, media="image", deleted=True, generated=True, opaque=(("photodna", b"\xab" * 144),),
        ),
        ListEntry("NGO", "8", (("sha1", bytes.fromhex(SHA1)),), line=3, media="video"),
        ListEntry("NGO", "9", (), line=4, deleted=True),
    ]  # fmt: skip


def test_columns_by_number_without_a_header() -> None:
    mapping = "header = false\nskip = 2\ndelimiter = '|'\n[columns]\nsha1 = 2\ncategory = 1\nmember = 4\n"
    entries, bad = read(f"made by hand\n\nA|{SHA1}|x|IWF\n\nB|{SHA1}\nC|{SHA1[2:]}\nD\n", mapping)
    assert [(entry.category, entry.member, entry.line) for entry in entries] == [("A", "IWF", 3), ("B", "mine", 5)]
    assert reasons(bad) == [(6, 3, "bad_digest"), (7, 0, "bad_line")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "auto"])
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_encodings(encoding: str, piece: int) -> None:
    mapping = f'encoding = "{encoding}"\n[columns]\nmd5 = "md5"\nnote = "Größe"\n'
    raw = f"md5,Größe\n{MD5},ÿ\n".encode("utf-8-sig" if encoding == "auto" else encoding)
    entries, bad = read(raw, mapping, piece)
    assert not bad and [entry.note for entry in entries] == ["ÿ"]


def test_what_cannot_be_decoded_costs_its_line() -> None:
    for encoding, wrong in (
        ("utf-8", b"\xff"),
        ("utf-16-le", b"\x00\xd8"),
        ("windows-1252", b"\x81"),
        ("auto", b"\x81"),
    ):
        mapping = f'encoding = "{encoding}"\n[columns]\nmd5 = "md5"\nnote = "note"\n'
        plain = encoding if encoding != "auto" else "utf-8"
        raw = f"md5,note\n{MD5},a".encode(plain) + wrong + f"\n{MD5},b\n".encode(plain)
        entries, bad = read(raw, mapping)
        assert [entry.note for entry in entries] == ["b"] and [line.line for line in bad] == [2], encoding


def test_auto_takes_lines_that_are_not_utf_8_for_windows() -> None:
    raw = f"md5,note\n{MD5},é\n".encode() + f"{MD5},é\n".encode("windows-1252")
    entries, bad = read(raw, 'encoding = "auto"\n[columns]\nmd5 = "md5"\nnote = "note"\n')
    assert not bad and [entry.note for entry in entries] == ["é", "é"]


# Domain, section 1: "The source's own word unchanged, plus three fields never derived from each other"; "unmapped: counted, never
# indexed".
def test_a_scheme_reads_the_category() -> None:
    mapping = 'scheme = "iwf"\n[columns]\nmd5 = "md5"\ncategory = "grade"\n'
    entries, bad = read(f"md5,grade\n{MD5},Category A\n{MD5},Z\n{MD5},\n", mapping)
    assert not bad
    found = [(entry.category, entry.legality, entry.act, entry.age, entry.held) for entry in entries]
    assert found == [
        ("Category A", "unknown", "A", "unknown", ""),
        ("Z", "unknown", "unknown", "unknown", "unmapped"),
        ("", "unknown", "unknown", "unknown", ""),
    ]


def test_a_country_s_profile_of_a_scheme() -> None:
    mapping = 'scheme = "vics"\nprofile = "UK"\n[columns]\nmd5 = "md5"\ncategory = "n"\n'
    entries, _ = read(f"md5,n\n{MD5},2\n", mapping)
    assert (entries[0].category, entries[0].act, entries[0].held) == ("2", "B", "")


def test_bad_cells_are_named() -> None:
    mapping = '[columns]\nid = "id"\nmd5 = "md5"\nsize = "size"\ndeleted = "gone"\nphotodna = "pdna"\nact = "act"\n'
    good = f"1,{MD5},,,,"
    rows = [
        (f"2,{MD5},many,,,", 3 + len(MD5) + 1, "bad_line"),
        (f"2,{MD5},,perhaps,,", 3 + len(MD5) + 2, "bad_line"),
        (f"2,{MD5},,,zz,", 3 + len(MD5) + 3, "bad_digest"),
        (f"2,{MD5},,,,Z", 3 + len(MD5) + 4, "bad_line"),
        ("2,,,,,", 0, "bad_line"),
        (f"2,,,,{'ab' * 144},", 0, "unknown_algorithm"),
        (",,,yes,,", 0, "bad_line"),
        (f"{'2' * 201},{MD5},,,,", 1, "bad_line"),
        (f"2,{MD5},{'9' * 19},,,", 3 + len(MD5) + 1, "bad_line"),
        ("2,d41d8cd98f00b204e9800998ecf8427e,,,,", 3, "empty_file_digest"),
    ]
    entries, bad = read("id,md5,size,gone,pdna,act\n" + "".join(f"{row}\n{good}\n" for row, _, _ in rows), mapping)
    assert reasons(bad) == [(2 + 2 * n, column, reason) for n, (_, column, reason) in enumerate(rows)]
    assert len(entries) == len(rows)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "needs a table [columns]"),
        ("delimiter = ", "no TOML"),
        ("delimitr = ';'\n[columns]\nmd5 = 1", "unknown word 'delimitr'; did you mean 'delimiter'?"),
        ("[columns]\nsha = 'x'", "columns: unknown word 'sha'; did you mean 'sha1'?"),
        ("[columns]\nmd5 = true", "columns.md5 is the name or the number"),
        ("[columns]\nmd5 = 0", "from 1 to"),
        ("[columns]\nmd5 = []", "names no column"),
        ("[columns]\ncategory = 'x'", "none holds a digest"),
        ("[columns]\ndigest = 'x'\nmd5 = 'y'", "algorithm and digest go together"),
        ("header = false\n[columns]\nmd5 = 'x'", "columns are numbers"),
        ("header = false\ndelimiter = 'auto'\n[columns]\nmd5 = 1", "there is none"),
        ("header = 'no'\n[columns]\nmd5 = 1", "header is true or false"),
        ("delimiter = ';;'\n[columns]\nmd5 = 1", "delimiter is one ASCII character"),
        ("delimiter = '\"'\n[columns]\nmd5 = 1", "the same"),
        ("quote = 1\n[columns]\nmd5 = 1", "quote is a text"),
        ("encoding = 'windows-12522'\n[columns]\nmd5 = 1", "did you mean 'windows-1252'?"),
        ("skip = -1\n[columns]\nmd5 = 1", "skip is a number"),
        ("scheme = 'inhop'\n[columns]\nmd5 = 1", "did you mean 'inhope'?"),
        ("base64 = ['md6']\n[columns]\nmd5 = 1", "base64: unknown word 'md6'"),
        ("base64 = 'md5'\n[columns]\nmd5 = 1", "base64 is a list"),
        ("values = 1\n[columns]\nmd5 = 1", "values is a table"),
        ("[columns]\nmd5 = 1\n[values.deleted]\ngone = 'yes'", "true or false"),
        ("[columns]\nmd5 = 1\n[values.media]\nfilm = 'film'", "values.media"),
        ("[columns]\nmd5 = 1\n[values]\nmedia = 1", "values.media is a table"),
        ("[columns]\nmd5 = 1\n[values.size]\nbig = 1", "values: unknown word 'size'"),
        ("constants = 1\n[columns]\nmd5 = 1", "constants is a table"),
        ("[columns]\nmd5 = 1\n[constants]\nmember = 1", "constants.member"),
        ("[columns]\nmd5 = 1\n[constants]\nmedia = 'film'", "constants.media"),
        ("a = " + "[" * 5000, "no TOML"),
        ("#" * 200_000, "longer than"),
    ],
)
def test_what_is_wrong_is_named(text: str, what: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(text)
    assert what in str(error.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("md,note\n", "no column 'md5' for md5; did you mean 'md'?"),
        ("md5,md5,note\n", "comes twice"),
        ("\n\n", "no header"),
    ],
)
def test_a_file_without_the_columns_is_refused(text: str, what: str) -> None:
    with pytest.raises(UsageError) as error:
        read(text, '[columns]\nmd5 = "md5"\nnote = "note"\n')
    assert "list.csv, line" in str(error.value) and what in str(error.value)


@given(st.text(max_size=200) | st.sampled_from([NGO[:n] + NGO[n + 3 :] for n in range(0, len(NGO), 5)]))
def test_any_mapping_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(parse(text), Columns)
    except UsageError as error:
        assert "mapping of columns" in str(error)


@given(st.binary(max_size=300), st.integers(1, 100), st.sampled_from(["auto", "utf-16", "windows-1252", "utf-8"]))
def test_any_bytes_cut_anywhere_give_the_same(junk: bytes, piece: int, encoding: str) -> None:
    mapping = f'encoding = "{encoding}"\nheader = false\ndelimiter = ";"\n[columns]\nid = 1\nmd5 = 2\nnote = 3\n'
    raw = f"1;{MD5};x\n".encode("utf-16-le" if encoding == "utf-16" else "ascii") + junk
    assert read(raw, mapping, piece) == read(raw, mapping)
