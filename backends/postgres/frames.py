"""How a medium's frames are kept in one column: per frame its quality, its time and its eight forms, laid end to end. And how
the frames that agree are kept with a verdict."""

import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from contracts.messages import FrameDigest
from contracts.vault import Agreement

_HEAD: Final = struct.Struct(">BI")
FORMS: Final = 8
HASH: Final = 32
FRAME: Final = _HEAD.size + FORMS * HASH
MOST_MILLIS: Final = 2**32 - 1


def pack(frames: Sequence[FrameDigest]) -> bytes:
    """261 bytes a frame. A frame without exactly eight forms of 32 bytes is left out: it cannot be one of ours."""
    parts: list[bytes] = []
    for frame in frames:
        forms = b"".join(frame.forms)
        if len(frame.forms) == FORMS and len(forms) == FORMS * HASH:
            millis = min(MOST_MILLIS, max(0, round(frame.at * 1000)))
            parts.append(_HEAD.pack(min(100, max(0, frame.quality)), millis) + forms)
    return b"".join(parts)


def unpack(data: bytes) -> list[FrameDigest]:
    """The frames again; times to the millisecond."""
    frames: list[FrameDigest] = []
    for start in range(0, len(data) - FRAME + 1, FRAME):
        quality, millis = _HEAD.unpack_from(data, start)
        first = start + _HEAD.size
        forms = [data[at : at + HASH] for at in range(first, start + FRAME, HASH)]
        frames.append(FrameDigest(forms, quality, millis / 1000))
    return frames


_agreements = msgspec.msgpack.Decoder(tuple[Agreement, ...])


def pack_evidence(agreements: Sequence[Agreement]) -> bytes:
    """Msgpack, about 50 bytes a frame; nothing for nothing."""
    return msgspec.msgpack.encode(agreements) if agreements else b""


def unpack_evidence(data: bytes) -> tuple[Agreement, ...]:
    """The agreements again."""
    return _agreements.decode(data) if data else ()
