"""What is known of a case's places, sealed under the case's own key (`contracts.casekeys`): made, opened, and how it is written.

URL, server address and pages are lines of one text; none of them holds a line feed.
"""

from collections.abc import Sequence
from typing import Final

from contracts.casekeys import new_case_key, open_with, seal_for
from contracts.caserows import Locked
from contracts.errors import Corrupt
from contracts.seal import Keys, Opener, Sealer, opener

PAGES: Final = 8
"""Pages of a case at most."""

Places = tuple[str, str, tuple[str, ...]]
"""(media URL, server address or empty, URLs of pages)"""


def written(url: str, address: str, pages: Sequence[str]) -> str:
    """The text to seal."""
    return "\n".join((url, address, *list(dict.fromkeys(pages))[:PAGES]))


def read(text: str) -> Places:
    """What such a text says."""
    url, _, rest = text.partition("\n")
    address, _, pages = rest.partition("\n")
    return url, address, tuple(pages.split("\n")) if pages else ()


class CaseKeys:
    """Makes and opens what is sealed of cases. Only the notices role can."""

    def __init__(self, keys: Keys) -> None:
        self._sealer = Sealer(keys.public, keys.place_key)
        self._opener = opener(keys)

    @property
    def opener(self) -> Opener:
        """What opens places of matches."""
        return self._opener

    @property
    def sealer(self) -> Sealer:
        """What names places."""
        return self._sealer

    def new(self, url: str, address: str, pages: Sequence[str]) -> tuple[bytes, bytes]:
        """(wrapped key, sealed text) of a new case."""
        key = new_case_key()
        return self._sealer.seal_bytes(key), seal_for(key, written(url, address, pages))

    def key(self, locked: Locked) -> bytes:
        """A case's key; `Corrupt` if it was destroyed or cannot be opened."""
        if not locked.wrapped:
            raise Corrupt(f"the key of case {locked.case.case_id} was destroyed: its places cannot be opened any more")
        return self._opener.open_bytes(locked.wrapped)

    def open(self, locked: Locked) -> Places:
        """What is known of a case's places; `Corrupt` if it cannot be opened."""
        return read(open_with(self.key(locked), locked.sealed))

    def seal(self, locked: Locked, text: str) -> bytes:
        """A text under a case's key; empty if the key is gone, so that nothing is kept that nobody can open."""
        try:
            return seal_for(self.key(locked), text) if text else b""
        except Corrupt:
            return b""
