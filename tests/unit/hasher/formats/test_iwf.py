"""hasher.formats.iwf: tables as hotlines and Interpol hand them out."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from hasher.formats import iwf
from hasher.formats.format import About
from hasher.lists import BadLine, ListEntry
from tests.unit.hasher.formats.samples import MD5, PDQ, SHA1, SHA256, reasons

ICSE = (
    "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of submissions;"
    "File Available;Media Type;Baseline\r\n"
)


def read(raw: bytes, piece: int = 1 << 30, mapping: str = "") -> tuple[list[ListEntry], list[BadLine]]:
    entries: list[ListEntry] = []
    bad: list[BadLine] = []
    pieces = (raw[at : at + piece] for at in range(0, len(raw), piece))
    for batch in iwf.read(pieces, About("iwf.csv", "mine", mapping)):
        entries += batch.entries
        bad += batch.bad
    return entries, bad


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_an_icse_table(encoding: str, piece: int) -> None:
    photodna = b64encode(b"\x07" * 144).decode()
    rows = (
        f'"{MD5.upper()}";"{SHA1}";"{photodna}";"11";"True";"False";"False";"Série";"4";"True";"Image";"True"\r\n'
        f"{MD5};;;12;True;False;False;;1;False;Video;False\r\n"
    )
    entries, bad = read((ICSE + rows).encode(encoding), piece)
    assert not bad
    assert entries == [
        ListEntry(
            "mine", "11", (("md5", bytes.fromhex(MD5)), ("sha1", bytes.fromhex(SHA1))), "baseline", "Série", line=2,
            legality="baseline", media="image", opaque=(("photodna", b"\x07" * 144),), kind="csam",
        ),
        ListEntry("mine", "12", (("md5", bytes.fromhex(MD5)),), line=3, media="video"),
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_hotlines_tables_by_their_usual_names(delimiter: str) -> None:
    lines = [
        ("Hotline", "Hash ID", "SHA-256", "PDQ Hash", "Severity", "AI generated", "Removed", "Something else"),
        ("IWF", "a", SHA256, PDQ, "Category B", "no", "no", "x"),
        ("IWF", "b", SHA256, "", "nobody knows", "yes", "yes", "x"),
    ]
    entries, bad = read("\n".join(delimiter.join(line) for line in lines).encode())
    assert not bad
    assert [(e.member, e.member_entry_id, len(e.digests), e.act, e.generated, e.deleted, e.held) for e in entries] == [
        ("IWF", "a", 2, "B", False, False, ""),
        ("IWF", "b", 1, "unknown", True, True, "unmapped"),
    ]


def test_a_mapping_of_the_list_s_own_goes_before() -> None:
    entries, _ = read(f"x,md5\n1,{MD5}\n".encode(), mapping='[columns]\nid = "x"\nmd5 = "md5"\n')
    assert entries[0].member_entry_id == "1"


def test_a_table_without_digests_is_refused() -> None:
    with pytest.raises(UsageError, match=r"iwf\.csv, line 1.*no column holds a digest"):
        read(b"a;b;c\n1;2;3\n")


def test_a_bad_line_costs_itself_alone() -> None:
    entries, bad = read(f"md5;size\n{MD5};1\n{MD5[1:]};1\n{MD5};much\n{MD5};2\n".encode())
    assert [entry.line for entry in entries] == [2, 5] and reasons(bad) == [(3, 1, "bad_digest"), (4, 34, "bad_line")]


@given(st.binary(max_size=300), st.integers(1, 80))
def test_any_bytes_cut_anywhere_give_the_same(junk: bytes, piece: int) -> None:
    raw = ICSE.encode() + junk + f"\r\n{MD5};;;1;;;;;;;;\r\n".encode()
    assert read(raw, piece) == read(raw)


@given(st.binary(max_size=200), st.integers(1, 80))
def test_any_file_is_read_or_refused(junk: bytes, piece: int) -> None:
    try:
        read(junk, piece)
    except UsageError as error:
        assert "iwf.csv, line" in str(error)
