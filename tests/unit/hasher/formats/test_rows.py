"""hasher.formats.rows: the fields of a row to an entry."""

import pytest

from hasher.formats.mapping import Columns
from hasher.formats.rows import Rows, Unfit, media_of
from tests.unit.hasher.formats.samples import MD5, PDQ, SHA1, SHA256


def rows(*names: str, **more: object) -> Rows:
    return Rows({name: place for place, name in enumerate(names)}, Columns({}, **more), "mine")  # type: ignore[arg-type]


def test_an_entry_without_an_id_is_named_by_its_strongest_digest() -> None:
    made = rows("pdq", "md5", "sha1", "sha256")
    for fields, name in (
        ((PDQ, MD5, SHA1, SHA256), f"sha256:{SHA256}"),
        ((PDQ, MD5, SHA1, ""), f"sha1:{SHA1}"),
        ((PDQ, MD5, "", ""), f"md5:{MD5}"),
        ((PDQ, "", "", ""), f"pdq:{PDQ}"),
    ):
        assert made.entry(1, fields).member_entry_id == name


def test_a_cell_may_hold_several_digests() -> None:
    entry = rows("id", "pdq").entry(1, ("a", f" {PDQ}  {'00' * 32} {PDQ}"))
    assert entry.digests == (("pdq", bytes.fromhex(PDQ)), ("pdq", bytes(32)))


def test_constants_hold_where_the_row_says_nothing() -> None:
    made = rows("md5", "member", "category", constants={"member": "NGO", "category": "A", "series": "S", "note": "n"})
    entry = made.entry(1, (MD5, "", ""))
    assert (entry.member, entry.category, entry.series, entry.note) == ("NGO", "A", "S", "n")
    entry = made.entry(1, (MD5, "IWF", "B"))
    assert (entry.member, entry.category) == ("IWF", "B")


def test_a_tombstone_needs_a_name_and_no_digest() -> None:
    entry = rows("id", "md5", "deleted").entry(3, ("a", "", "true"))
    assert entry.deleted and not entry.digests and entry.line == 3
    with pytest.raises(Unfit) as unfit:
        rows("id", "md5", "deleted").entry(1, ("", "", "true"))
    assert unfit.value.place == -1


def test_what_a_medium_is() -> None:
    assert [media_of(word) for word in ("image/jpeg", "photo", "video/mp4", "movie", "audio", "")] == [
        "image", "image", "video", "video", "", "",
    ]  # fmt: skip
