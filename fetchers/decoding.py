"""Bodies read in bounded steps: gzip, deflate, br, zstd, at most two on top of each other (RFC 9110, 8.4).

A body never holds more than its limit, and a decoder hands over at most `STEP` bytes at a time, so that a bomb costs
the limit and one step of memory whatever it claims. What was decoded before a limit or an error bit is kept.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, cast

import brotli
from backports import zstd
from isal import igzip_lib

from contracts.faults import Cut, Fault

STEP: Final = 65_536
"""Most bytes that one step of a decoder makes."""
FREE: Final = 65_536
"""Decoded bytes that are never called a bomb: small pages of one repeated byte are honest."""
STACKED: Final = 2
"""Most content codings on top of each other."""
MEMBERS: Final = 256
"""Most gzip members or zstd frames in a row: each costs a decoder."""

Sink = Callable[[bytes], None]
"""Takes decoded chunks as they come."""

# Some servers name what is no coding at all; a body is then as it stands, as browsers read it.
_PLAIN: Final = frozenset({"", "identity", "none", "binary", "7bit", "8bit", "utf-8", "utf8"})
_ERRORS: Final[tuple[type[BaseException], ...]] = (
    cast(type[Exception], igzip_lib.IsalError),  # its stub says that this is an instance
    zstd.ZstdError,
    brotli.error,
    EOFError,
    ValueError,
    OverflowError,
    MemoryError,
)
# RFC 9659, 3: a zstd content coding uses windows of at most 8 MiB.
_ZSTD_OPTIONS: Final[dict[int, int]] = {zstd.DecompressionParameter.window_log_max: 23}


class _Codec(Protocol):
    """`hungry`: all output of the input so far was handed over. `complete`: the stream's own end was seen."""

    hungry: bool
    complete: bool

    def decode(self, data: bytes) -> bytes: ...


class _Members:
    """gzip (RFC 1952, 2.2) or zstd (RFC 8878, 3): members one after the other; whatever follows the last one is ignored."""

    def __init__(self, make: Callable[[], Any], magics: tuple[bytes, ...]) -> None:
        self._make, self._magics = make, magics
        self._inner = make()
        self._members = 1
        self._rest = b""
        self._over = False
        self.hungry = True
        self.complete = False

    def decode(self, data: bytes) -> bytes:
        if self._over:
            self.hungry = True
            return b""
        if self.complete:
            data, self._rest = self._rest + data, b""
            if not any(data[: len(magic)] == magic[: len(data)] for magic in self._magics):
                self._over = self.hungry = True
                return b""
            if self._members == MEMBERS:
                raise ValueError("too many members")
            self._inner = self._make()
            self._members += 1
        out: bytes = self._inner.decompress(data, STEP)
        self.complete = self._inner.eof
        if self.complete:
            self._rest = self._inner.unused_data
            self.hungry = not self._rest
        else:
            self.hungry = self._inner.needs_input
        return out


class _Deflate:
    """ "deflate" means zlib (RFC 9110, 8.4.1.2), yet some servers send raw deflate: the first two bytes tell (RFC 1950, 2.2)."""

    def __init__(self) -> None:
        self._inner: Any = None
        self._head = b""
        self.hungry = True
        self.complete = False

    def decode(self, data: bytes) -> bytes:
        if self.complete:
            return b""
        if self._inner is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return b""
            zlib = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._inner = igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_ZLIB if zlib else igzip_lib.DECOMP_DEFLATE)
        out: bytes = self._inner.decompress(data, STEP)
        self.complete = self._inner.eof
        self.hungry = self.complete or self._inner.needs_input
        return out


class _Brotli:
    """br (RFC 7932)."""

    # The library rounds its limit up to its next block: this one yields 32 KiB, 64 KiB would yield 96.
    _LIMIT: Final = 32_000

    def __init__(self) -> None:
        self._inner: Any = brotli.Decompressor()
        self.hungry = True
        self.complete = False

    def decode(self, data: bytes) -> bytes:
        if self.complete:
            return b""
        out: bytes = self._inner.process(data, output_buffer_limit=self._LIMIT)
        self.complete = self._inner.is_finished()
        # It accepts more input while it still holds output back: only a short chunk says that nothing is left.
        self.hungry = self.complete or (len(out) < self._LIMIT and self._inner.can_accept_more_data())
        return out


def _gzip() -> _Codec:
    return _Members(lambda: igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP), (b"\x1f\x8b",))


def _zstd() -> _Codec:
    skippable = tuple(bytes((low, 0x2A, 0x4D, 0x18)) for low in range(0x50, 0x60))
    return _Members(lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS), (b"\x28\xb5\x2f\xfd", *skippable))


_CODECS: Final[dict[str, Callable[[], _Codec]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _zstd,
}


def codings_of(values: Iterable[str]) -> tuple[str, ...] | None:
    """The codings of all Content-Encoding fields in the order they were applied; None if one is unknown or they are too many."""
    names = [name.strip().lower() for value in values for name in value.split(",", STACKED + 1)]
    codings = tuple(name for name in names if name not in _PLAIN)
    return codings if len(codings) <= STACKED and all(name in _CODECS for name in codings) else None


class Body:
    """A body on its way in.

    `limit` is the most bytes taken, on the wire and decoded; `expansion` the most decoded bytes that one on the wire may
    make beyond `FREE`. `feed` is False once nothing more is wanted: `cut` says why. `sink` gets what `body` gets.
    """

    __slots__ = ("_between", "_codecs", "_expansion", "_limit", "_sink", "body", "cut", "size", "wire")

    def __init__(self, codings: tuple[str, ...], limit: int, expansion: int, sink: Sink | None = None) -> None:
        self._codecs = [_CODECS[name]() for name in reversed(codings)] if codings else []
        self._limit, self._expansion, self._sink = limit, expansion, sink
        self.body: bytes | bytearray = b""
        self.size = 0
        self.wire = 0
        self._between = 0
        self.cut = ""

    def feed(self, data: bytes) -> bool:
        """Take what came in. False: the body ends here, `cut` is set."""
        if self.cut:
            return False
        room = self._limit - self.wire
        self.wire += len(data)
        if not self._codecs:
            return self._take(data)
        if not self._push(0, data if len(data) <= room else data[:room]):
            return False
        if len(data) > room:
            self.cut = Cut.BODY_BYTES
        return not self.cut

    def finish(self) -> None:
        """The transfer ended as announced: name a content coding that did not. An empty body is whole in any coding."""
        if not self.cut and self.wire and not all(codec.complete for codec in self._codecs):
            self.cut = Cut.TRUNCATED

    def _push(self, level: int, data: bytes) -> bool:
        codec = self._codecs[level]
        inner = level + 1 < len(self._codecs)
        while True:
            try:
                chunk = codec.decode(data)
            except _ERRORS:
                self.cut = Fault.BAD_ENCODING
                return False
            if chunk:
                if inner:  # what one coding makes for the next is never kept, but costs time all the same
                    self._between += len(chunk)
                    if self._between > self._allowed():
                        self.cut = Cut.EXPANSION
                        return False
                if not (self._push(level + 1, chunk) if inner else self._take(chunk)):
                    return False
            elif not codec.hungry and not data and not codec.complete:
                self.cut = Fault.BAD_ENCODING  # neither output nor appetite: no decoder should, none may hang us
                return False
            if codec.hungry:
                return True
            data = b""

    def _allowed(self) -> int:
        return max(FREE, self._expansion * self.wire)

    def _take(self, chunk: bytes) -> bool:
        room = self._limit - self.size
        if self._codecs and (allowed := self._allowed() - self.size) < room:
            if len(chunk) > allowed:
                self.cut = Cut.EXPANSION
                chunk = chunk[:allowed]
        elif len(chunk) > room:
            self.cut = Cut.BODY_BYTES
            chunk = chunk[:room]
        if self.size:
            if type(self.body) is bytes:
                self.body = bytearray(self.body)
            self.body += chunk
        else:
            self.body = chunk
        self.size += len(chunk)
        if self._sink is not None and chunk:
            self._sink(chunk)
        return not self.cut
