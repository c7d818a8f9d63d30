"""hasher.formats.csvwriter: what is written is read again, but for what `LOSES` names."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from contracts.lists import Opinion
from hasher.formats import csv, csvwriter
from hasher.formats.format import About
from hasher.formats.table import FORMATS
from hasher.lists import NOTE_CHARS, OPAQUE_BYTES, ListEntry
from tests.unit.hasher.formats.samples import GRADES, MD5, NOTE, WORD, digests, held, opaque

ABOUT = About("out.csv", "mine")
ENTRY = st.builds(
    ListEntry,
    member=WORD.filter(bool),
    member_entry_id=WORD.filter(bool),
    digests=digests("md5", "sha1", "sha256", "pdq"),
    category=WORD,
    series=WORD,
    note=NOTE,
    size=st.integers(0, (1 << 63) - 1),
    media=st.sampled_from(["", "image", "video"]),
    deleted=st.booleans(),
    generated=st.booleans(),
    opaque=opaque("photodna", "tmk-pdqf"),
    **{name: st.sampled_from(values) for name, values in GRADES.items()},
)
LOST: dict[str, Any] = {"line": 7, "held": "many_sites", "opinions": (Opinion("IWF", "confirm"),), "kind": "csam"}
"""Every field that CSV cannot hold, with a value that it would have."""


def written(*entries: ListEntry) -> bytes:
    return b"".join(csvwriter.write(entries, ABOUT))


def read(raw: bytes) -> list[ListEntry]:
    batches = list(csv.read([raw], ABOUT))
    assert not any(batch.bad for batch in batches)
    return [entry for batch in batches for entry in batch.entries]


@given(st.lists(ENTRY, max_size=4))
@settings(max_examples=300)
def test_what_is_written_is_read(entries: list[ListEntry]) -> None:
    again = read(written(*entries))
    assert [replace(entry, line=0) for entry in again] == held(entries)


def test_exactly_what_is_named_is_lost() -> None:
    full = ListEntry(
        "IWF", "1", (("md5", bytes.fromhex(MD5)),), "A", "S", "n", size=5, legality="baseline", act="A", age="pubescent",
        generated=True, media="image", deleted=True, opaque=(("photodna", b"p"),), **LOST,
    )  # fmt: skip
    empty = asdict(ListEntry("", "", ()))
    assert all(value != empty[name] for name, value in asdict(full).items()), "every field must say something"
    (again,) = read(written(full))
    lost = {name for name, value in asdict(again).items() if value != asdict(full)[name]}
    assert lost == set(FORMATS["csv"].loses) == set(LOST)


# CWE-1236: no cell of ours begins with what a spreadsheet runs; an apostrophe before it is taken off when it is read.
@given(st.from_regex("'{0,3}[=+@\uff1d\uff0d-][a-z(),\"'|!]{0,9}", fullmatch=True))
def test_formulas_are_marked_and_come_back(text: str) -> None:
    entry = ListEntry(text, text, (("md5", bytes.fromhex(MD5)),), text, text, text)
    raw = written(entry)
    cells = [cell.strip('"') for cell in raw.decode().split("\r\n")[1].split(",")]
    assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d", "\uff0d")) for cell in cells[:2])
    assert raw.decode().split("\r\n")[1].lstrip('"').startswith("'")
    assert [replace(again, line=0) for again in read(raw)] == [entry]


def test_an_entry_too_long_for_a_line_takes_several_of_the_same_id() -> None:
    frames = tuple(("pdq", bytes([n % 256, n // 256] * 16)) for n in range(1000))
    tmk = ("tmk-pdqf", bytes(OPAQUE_BYTES + 1))
    entry = ListEntry("IWF", "1", frames, "A", note="x" * NOTE_CHARS, opaque=(("photodna", b"p" * 144),) * 9 + (tmk,))
    again = read(written(entry))
    assert {(part.member, part.member_entry_id, part.category) for part in again} == {("IWF", "1", "A")}
    assert tuple(digest for part in again for digest in part.digests) == frames
    assert {pair for part in again for pair in part.opaque} == {("photodna", b"p" * 144)}


def test_it_is_written_in_pieces() -> None:
    entries = [ListEntry("IWF", str(n), (("md5", bytes.fromhex(MD5)),)) for n in range(5000)]
    pieces = list(csvwriter.write(iter(entries), ABOUT))
    assert len(pieces) > 3 and max(map(len, pieces)) < 100_000 and len(read(b"".join(pieces))) == 5000
    assert list(csvwriter.write((), ABOUT)) == [",".join(csvwriter.HEADER).encode() + b"\r\n"]
