"""The snapshot of a hasher's index: a file that is encrypted and authenticated, opened into memory that processes share.

    pisaura-index-1\\n | length of the header (4 bytes, little-endian) | header (msgpack: `_Header`)
    | header of a secretstream (24 bytes) | its messages: each array in pieces of 1 MiB, in order, then an empty last one

The stream is libsodium's secretstream (XChaCha20-Poly1305): messages cannot be changed, left out, repeated or put in another
order. Everything before it is associated data of each message. In memory the arrays follow each other, aligned.
"""

import fcntl
import hashlib
import logging
import math
import mmap
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct
from nacl import bindings
from nacl.exceptions import CryptoError

from backends.shared_memory import Shared, share
from contracts.errors import Corrupt, Unavailable
from contracts.snapshots import Mark, Parts

log = logging.getLogger(__name__)

NAME: Final = "index.snapshot"
MAGIC: Final = b"pisaura-index-1\n"
PIECE: Final = 1 << 20
MOST_HEADER: Final = 1 << 16
ALIGNED: Final = 64
TYPES: Final = {np.dtype(name).str for name in ("u1", "<u2", "<u4", "<u8", "<i2", "<i4", "<i8")}
_LENGTH: Final = struct.Struct("<I")
_ADDED: Final = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_START: Final = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_MORE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LAST: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class _Array(Struct, frozen=True, array_like=True):
    name: str
    type: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape) * np.dtype(self.type).itemsize


class _Header(Struct, frozen=True):
    radius: int
    mark: Mark
    arrays: tuple[_Array, ...]


class SnapshotFile:
    """`contracts.snapshots.Snapshots` in a folder. `key` has 32 bytes; `memory` is the folder in which opened ones are shared."""

    def __init__(self, folder: Path, key: bytes, radius: int, memory: Path) -> None:
        self._folder, self._key, self._radius, self._memory = folder, key, radius, memory
        self._shared: Shared | None = None
        self._told = False

    def mark(self) -> Mark | None:
        """Which one is there. Corrupt if that cannot be read, or it is for another radius or of another version."""
        try:
            with (self._folder / NAME).open("rb") as file:
                return self._header(file)[0].mark
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Corrupt(f"{self._folder / NAME} cannot be read: {error.strerror}") from error

    def open(self) -> tuple[Mark, Parts]:
        """Decrypt it into memory, or use what another process has decrypted. Corrupt if any byte of it is not as written."""
        try:
            with (self._folder / NAME).open("rb") as file:
                header, known = self._header(file)
                size = sum(_room(array) for array in header.arrays)
                return header.mark, _arrays(header, self._memory_for(file, header, known, size))
        except OSError as error:
            raise Corrupt(f"{self._folder / NAME} cannot be read: {error.strerror}") from error

    def write(self, mark: Mark, parts: Parts) -> None:
        """Write another one beside it and exchange them. Unavailable if the folder cannot be written."""
        temporary = self._folder / f".{NAME}.{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(descriptor, "wb", buffering=0) as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    self._write(file, mark, parts)
                    os.fsync(file.fileno())
                    temporary.rename(self._folder / NAME)
                folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{self._folder}: a snapshot of the index cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Leave the shared memory; the last process removes it."""
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def _sweep(self) -> None:
        """Remove what writers that were killed have left behind."""
        for path in self._folder.glob(f".{NAME}.*"):
            with suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    def _write(self, file: BinaryIO | Any, mark: Mark, parts: Parts) -> None:
        arrays = tuple(_Array(name, array.dtype.str, array.shape) for name, array in parts.items())
        said = msgspec.msgpack.encode(_Header(self._radius, mark, arrays))
        known = MAGIC + _LENGTH.pack(len(said)) + said
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        file.write(known + bindings.crypto_secretstream_xchacha20poly1305_init_push(state, self._key))
        for piece in _pieces(parts):
            file.write(bindings.crypto_secretstream_xchacha20poly1305_push(state, piece, known, _MORE))
        file.write(bindings.crypto_secretstream_xchacha20poly1305_push(state, b"", known, _LAST))

    def _header(self, file: BinaryIO) -> tuple[_Header, bytes]:
        """The header, not to be believed yet, and all bytes up to its end."""
        known = file.read(len(MAGIC) + _LENGTH.size)
        if not known.startswith(MAGIC) or len(known) != len(MAGIC) + _LENGTH.size:
            raise Corrupt("it is of another version, or damaged at its beginning")
        (length,) = _LENGTH.unpack_from(known, len(MAGIC))
        said = file.read(min(length, MOST_HEADER))
        try:
            header = msgspec.msgpack.decode(said, type=_Header)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Corrupt("its header is damaged") from error
        if len(said) != length or not all(
            array.type in TYPES and min(array.shape, default=0) >= 0 for array in header.arrays
        ):
            raise Corrupt("its header is damaged")
        if header.radius != self._radius:
            raise Corrupt(f"it is for a distance of {header.radius} bits, not of {self._radius}")
        sealed = sum(array.size + _ADDED * -(-array.size // PIECE) for array in header.arrays) + _ADDED
        if os.fstat(file.fileno()).st_size != len(known) + length + _START + sealed:
            raise Corrupt("it is cut, or longer than it says")
        return header, known + said

    def _memory_for(self, file: BinaryIO, header: _Header, known: bytes, size: int) -> memoryview:
        """The arrays in shared memory, or in our own where there is none."""

        def fill(into: memoryview) -> None:
            file.seek(len(known))
            self._decrypt(file, header, known, into)

        name = hashlib.blake2b(known, key=self._key, digest_size=16, person=b"pisaura-shared").hexdigest()
        try:
            self.close()
            self._shared = share(self._memory, f"index-{name}", size, fill)
            return self._shared.view
        except OSError as error:
            if not self._told:
                self._told = True
                log.warning(
                    "the index is not shared by the processes of this machine: %s: %s", self._memory, error.strerror
                )
        own = memoryview(mmap.mmap(-1, max(1, size)))
        fill(own)
        return own.toreadonly()

    def _decrypt(self, file: BinaryIO, header: _Header, known: bytes, into: memoryview) -> None:
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        try:
            bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, file.read(_START), self._key)
            start = 0
            for array in header.arrays:
                for at in range(0, array.size, PIECE):
                    sealed = file.read(min(PIECE, array.size - at) + _ADDED)
                    piece, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed, known)
                    if tag != _MORE:
                        raise Corrupt("it ends too early")
                    into[start + at : start + at + len(piece)] = piece
                start += _room(array)
            _, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, file.read(_ADDED), known)
        except CryptoError as error:
            raise Corrupt("it is damaged, or was written with another key") from error
        if tag != _LAST:
            raise Corrupt("its end is missing")


def _pieces(parts: Parts) -> Iterator[bytes]:
    for array in parts.values():
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for at in range(0, len(flat), PIECE):
            yield flat[at : at + PIECE].tobytes()


def _room(array: _Array) -> int:
    return -(-array.size // ALIGNED) * ALIGNED


def _arrays(header: _Header, memory: memoryview) -> Parts:
    parts: dict[str, npt.NDArray[Any]] = {}
    start = 0
    for array in header.arrays:
        flat = np.frombuffer(memory[start : start + array.size], np.dtype(array.type))
        parts[array.name] = flat.reshape(array.shape)
        start += _room(array)
    return parts
