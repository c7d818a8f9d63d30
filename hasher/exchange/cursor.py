"""What is kept of a source between two syncs: how far it is known, and the range that is being read."""

from hashlib import blake2b
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

VERSION: Final = 1


class Cursor(Struct, frozen=True, array_like=True):
    """Everything changed up to `since` (unix seconds by the source's clock) is in the vault, but for the ranges in `torn`.

    `start`..`until` is the range being read (`until` 0: none), `token` what asks for its next page and is good for this range
    only, `reach` what `since` becomes when it is drained. `pages` and `records` were read in this pass, `before` records in
    the pass before (-1: this is the first). `step` is how long the next range may be (0: up to now). `place` tells whether the
    list was moved to another source, which knows nothing of these times and tokens.
    """

    version: int
    place: bytes
    since: int = 0
    start: int = 0
    until: int = 0
    token: str = ""
    reach: int = 0
    pages: int = 0
    records: int = 0
    before: int = -1
    step: int = 0
    torn: tuple[tuple[int, int], ...] = ()


class FileCursor(Struct, frozen=True, array_like=True):
    """What a list at a URL was when it was imported: the fields of RFC 9110, 8.8, as they came."""

    version: int
    place: bytes
    etag: str = ""
    modified: str = ""


C = TypeVar("C", Cursor, FileCursor)


def place_of(root: str) -> bytes:
    """8 bytes that tell sources apart."""
    return blake2b(root.encode(), digest_size=8, person=b"pisaura-source").digest()


def to_bytes(cursor: Cursor | FileCursor) -> bytes:
    """As it is kept."""
    return msgspec.msgpack.encode(cursor)


def from_bytes(data: bytes, root: str, kind: type[C]) -> C:
    """The cursor, or a fresh one where it is empty, damaged or of another source: then all is read again, and nothing lost."""
    fresh = kind(VERSION, place_of(root))
    try:
        cursor = msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return fresh
    return cursor if (cursor.version, cursor.place) == (fresh.version, fresh.place) else fresh
