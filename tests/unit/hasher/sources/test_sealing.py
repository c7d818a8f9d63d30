"""hasher.sources.sealing: names of series and notes leave only sealed, and are told apart without being known."""

import pytest

from contracts.seal import Opener, Sealer, new_keys
from hasher.lists import ListEntry
from hasher.sources import sealing
from hasher.sources.sealing import BLIND_BYTES, Sealing

KEYS = new_keys()


def made() -> Sealing:
    return Sealing(Sealer(KEYS.public, KEYS.place_key), KEYS.series_key)


def test_series_and_notes_leave_sealed() -> None:
    """Domain, section 4: "Series names and notes can hold victims' names: sealed, opaque ids outside"."""
    sealed = made().entry(ListEntry("IWF", "1", (("md5", bytes(16)),), series="anna", note="of anna", size=7))
    assert (sealed.member, sealed.size, len(sealed.series_id), len(sealed.note_key)) == (
        "IWF",
        7,
        BLIND_BYTES,
        BLIND_BYTES,
    )
    assert b"anna" not in repr(sealed).encode()
    opener = Opener(KEYS.secret)
    assert (opener.open(sealed.series_sealed), opener.open(sealed.note_sealed)) == ("anna", "of anna")
    bare = made().entry(ListEntry("IWF", "1", ()))
    assert (bare.series_id, bare.series_sealed, bare.note_key, bare.note_sealed) == (b"", b"", b"", b"")


def test_a_series_belongs_to_its_member() -> None:
    ids = {made().entry(ListEntry(member, "1", (), series="s")).series_id for member in ("IWF", "IWF", "NCMEC")}
    assert len(ids) == 2


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "REMEMBERED", 3)
    one = made()
    blind = {one.blind("series:IWF", str(n))[0] for n in range(10)}
    assert len(blind) == 10 and len(one._known) <= 3
    assert one.blind("series:IWF", "0")[0] in blind
