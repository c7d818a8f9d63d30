"""Series and notes before they go anywhere: sealed, and named blindly."""

import hmac
from typing import Final

from contracts.lists import NewEntry
from contracts.seal import Sealer
from hasher.lists import ListEntry

REMEMBERED: Final = 10_000
"""Sealed texts kept for reuse: lists repeat series and notes, and sealing costs a tenth of a millisecond."""
BLIND_BYTES: Final = 16


class Sealing:
    """Seals series and notes before they go anywhere, and names them blindly by a keyed HMAC."""

    def __init__(self, sealer: Sealer, series_key: bytes) -> None:
        self._sealer, self._key = sealer, series_key
        self._known: dict[tuple[str, str], tuple[bytes, bytes]] = {}

    def blind(self, scope: str, text: str) -> tuple[bytes, bytes]:
        """(blind id, sealed text); two empty strings for no text. Names are unique in a `scope`."""
        if not text:
            return b"", b""
        known = self._known.get((scope, text))
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            message = b"\0".join((scope.encode(), text.encode()))
            known = hmac.digest(self._key, message, "sha256")[:BLIND_BYTES], self._sealer.seal(text)
            self._known[scope, text] = known
        return known

    def entry(self, entry: ListEntry) -> NewEntry:
        """The entry as it may be stored. A series belongs to its member: another's series of that name is another."""
        series_id, series_sealed = self.blind(f"series:{entry.member}", entry.series) if entry.series else (b"", b"")
        note_key, note_sealed = self.blind("note", entry.note) if entry.note else (b"", b"")
        return NewEntry(
            entry.member, entry.member_entry_id, entry.digests, entry.category, series_id, series_sealed, note_key,
            note_sealed, entry.held, entry.size, entry.legality, entry.act, entry.age, entry.generated, entry.media, entry.deleted,
            entry.opinions, entry.opaque,
        )  # fmt: skip
