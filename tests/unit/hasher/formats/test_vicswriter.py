"""hasher.formats.vicswriter: what is written is read again, but for what `LOSES` names."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from contracts.lists import Opinion
from hasher.formats import vics, vicswriter
from hasher.formats.format import About
from hasher.formats.table import FORMATS
from hasher.lists import ListEntry
from tests.unit.hasher.formats.samples import MD5, NOTE, SHA256, WORD, digests, opaque

ABOUT = About("out.json", "mine", 'profile = "US"')
ENTRY = st.builds(
    ListEntry,
    member=WORD.filter(bool),
    member_entry_id=st.just(""),
    digests=digests("md5", "sha1", "sha256", "pdq"),
    category=WORD | st.sampled_from(["0", "1", "01", "-1", "²", "1e5"]),
    series=WORD,
    note=NOTE,
    size=st.integers(0, (1 << 63) - 1),
    media=st.sampled_from(["", "image", "video"]),
    opaque=opaque("photodna", "tmk-pdqf"),
)
LOST: dict[str, Any] = {
    "member_entry_id": "of their own", "line": 7, "held": "many_sites", "legality": "baseline", "act": "A", "age": "pubescent",
    "generated": True, "deleted": True, "opinions": (Opinion("IWF", "confirm"),), "kind": "csam",
}  # fmt: skip
"""Every field that a hash set cannot hold, with a value that it would have."""


def read(raw: bytes) -> list[ListEntry]:
    batches = list(vics.read([raw], ABOUT))
    assert not any(batch.bad for batch in batches)
    return [entry for batch in batches for entry in batch.entries]


def kept(entry: ListEntry) -> ListEntry:
    """The entry without what is lost, its digests by algorithm."""
    plain = {name: value for name, value in asdict(ListEntry("", "", ())).items() if name in LOST}
    return replace(entry, **plain, digests=tuple(sorted(entry.digests)), opaque=tuple(sorted(entry.opaque)))


@given(st.lists(ENTRY, max_size=4))
@settings(max_examples=300)
def test_what_is_written_is_read(entries: list[ListEntry]) -> None:
    raw = b"".join(vicswriter.write(entries, ABOUT))
    assert list(map(kept, read(raw))) == list(map(kept, entries))


def test_exactly_what_is_named_is_lost() -> None:
    full = ListEntry(
        "IWF", digests=(("md5", bytes.fromhex(MD5)),), category="2", series="S", note="n", size=5, media="image",
        opaque=(("photodna", bytes(144)),), **LOST,
    )  # fmt: skip
    empty = asdict(ListEntry("", "", ()))
    assert all(value != empty[name] for name, value in asdict(full).items()), "every field must say something"
    (again,) = read(b"".join(vicswriter.write([full], ABOUT)))
    lost = {name for name, value in asdict(again).items() if value != asdict(full)[name]}
    assert lost == set(FORMATS["vics"].loses) == set(LOST)


def test_the_file_is_as_tools_write_it() -> None:
    entry = ListEntry("IWF", "x", (("md5", bytes.fromhex(MD5)), ("sha256", bytes.fromhex(SHA256))), "1", size=9)
    raw = b"".join(vicswriter.write([entry, ListEntry("IWF", "gone", (), deleted=True)], ABOUT))
    assert json.loads(raw) == {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
        "value": [
            {
                "MediaID": 1,
                "Category": 1,
                "MD5": MD5.upper(),
                "AlternativeHashes": [{"HashName": "SHA256", "HashValue": SHA256.upper()}],
                "MediaSize": 9,
                "IsPrecategorized": "true",
                "PrecategorizationSource": "IWF",
            }
        ],
    }
    default = json.loads(b"".join(vicswriter.write([], About("x", "y"))))
    assert default["value"] == [] and "/Default/$metadata#Media" in default["@odata.context"]


def test_it_is_written_in_pieces() -> None:
    entries = (ListEntry("IWF", "", (("md5", n.to_bytes(16)),), "1") for n in range(1, 5001))
    pieces = list(vicswriter.write(entries, ABOUT))
    assert len(pieces) > 3 and max(map(len, pieces)) < 100_000 and len(read(b"".join(pieces))) == 5000
