"""Digests of a stream of bytes while it passes: of what the crawler downloads, and of what providers send."""

import hashlib
from collections.abc import Callable
from typing import Final

HEAD: Final = 65_536
"""Bytes whose SHA-256 re-checks compare."""


class Hashes:
    """MD5, SHA-1 and SHA-256 of a stream, and SHA-256 of its first 64 KiB. Usable as a client's sink.

    `held` is told how many bytes came.
    """

    def __init__(self, held: Callable[[int], None] = lambda octets: None) -> None:
        self._held = held
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._head = hashlib.sha256()
        self.size = 0

    def __call__(self, chunk: bytes) -> None:
        """The next decoded bytes."""
        self._md5.update(chunk)
        self._sha1.update(chunk)
        self._sha256.update(chunk)
        if self.size < HEAD:
            self._head.update(memoryview(chunk)[: HEAD - self.size])
        self.size += len(chunk)
        self._held(len(chunk))

    def digests(self) -> tuple[bytes, bytes, bytes, bytes]:
        """(sha256, sha1, md5, head_sha256)."""
        return self._sha256.digest(), self._sha1.digest(), self._md5.digest(), self._head.digest()
