"""Messages as bytes, alone and in bundles, and as JSON for people.

A message is one byte of format version, one byte that tells its type, then its fields as a msgpack array. A newer
writer may add fields at an array's end (older readers skip them, newer ones fill in defaults); whatever readers could
not get right that way needs a new format version.

A bundle is one byte of its own version, then a msgpack array of messages as binaries: each is read for itself, so that one
that cannot be read costs no other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import Struct

from contracts.errors import Corrupt
from contracts.messages import DigestRecord, Discovery, HostMatched, Match, Message, Order, OutcomeBatch, Recheck
from contracts.notes import Control, DeadLetter, Heartbeat
from contracts.ports import Unreadable

VERSION: Final = 1
"""The format version that is written; older ones down to 1 are read."""

BUNDLE: Final = 1
"""The version of bundles that is written and read."""

TAGS: Final[Mapping[int, type[Message]]] = {
    1: Discovery,
    2: HostMatched,
    3: Order,
    4: OutcomeBatch,
    5: DigestRecord,
    6: Match,
    7: Control,
    8: Heartbeat,
    9: DeadLetter,
    10: Recheck,
}
"""The type byte. A number is never used again for another type."""

PLAIN_BYTES: Final = frozenset({"url_id", "order_id", "parent", "chain", "found_on"})
"""Fields of bytes that people may see (as hex). All other bytes are digests, sealed places, keys or bodies."""

SECRETS: Final = frozenset({"entry_id", "etag"})
"""Fields not of bytes that are hidden too: list data, and the ETag, which is the content's MD5 at many hosters."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoders: Final = {tag: msgspec.msgpack.Decoder(kind) for tag, kind in TAGS.items()}
_heads: Final = {kind: bytes((VERSION, tag)) for tag, kind in TAGS.items()}
_bundles: Final = msgspec.msgpack.Decoder(list[memoryview])
_FRAME: Final = 6
"""Most bytes that a bundle adds to a message, and to the whole."""
_ILL_FORMED: Final = re.compile("[\ud800-\udfff]")


class UnknownVersion(Corrupt):
    """Written by a newer release than this one: park it, and upgrade this process."""


def encode(message: Message) -> bytes:
    """The bytes of a message. Lone surrogates in its texts (from hostile headers) become U+FFFD; nothing else is changed."""
    head = _heads[type(message)]
    try:
        return head + _encoder.encode(message)
    except UnicodeEncodeError:
        return head + _encoder.encode(_mended(message))


def decode(data: bytes | memoryview) -> Message:
    """The message in `data`; `Corrupt` says what is wrong with it, `UnknownVersion` that it is from a newer release."""
    if len(data) < 3:
        raise Corrupt(f"a message of {len(data)} bytes is too short to be one")
    version, tag = data[0], data[1]
    if version > VERSION:
        raise UnknownVersion(f"message format {version} is newer than {VERSION}, the newest known here; upgrade")
    if version < 1:
        raise Corrupt(f"there is no message format {version}")
    decoder = _decoders.get(tag)
    if decoder is None:
        raise Corrupt(f"there is no message type {tag}")
    try:
        return decoder.decode(memoryview(data)[2:])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Corrupt(f"{TAGS[tag].__name__} of {len(data)} bytes cannot be read: {error}") from error


def encode_all(messages: Sequence[Message]) -> bytes:
    """A bundle of messages."""
    return bundle([encode(message) for message in messages])


def bundle(encoded: Sequence[bytes | memoryview]) -> bytes:
    """A bundle of messages that are bytes already."""
    return bytes((BUNDLE,)) + _encoder.encode(encoded)


def bundles(messages: Sequence[Message], most: int) -> Iterator[tuple[bytes, Sequence[Message]]]:
    """Bundles of at most `most` bytes, in order, each with its messages. A message that is larger is alone in a bundle."""
    whole = encode_all(messages)
    if len(whole) <= most:
        yield whole, messages
        return
    encoded = [encode(message) for message in messages]
    start, size = 0, _FRAME
    for index, data in enumerate(encoded):
        if size + len(data) + _FRAME > most and index > start:
            yield bundle(encoded[start:index]), messages[start:index]
            start, size = index, _FRAME
        size += len(data) + _FRAME
    yield bundle(encoded[start:]), messages[start:]


def decode_all(data: bytes) -> list[Message | Unreadable]:
    """The messages of a bundle, in order. Never raises: what cannot be read is an `Unreadable` in its place, a bundle that is
    none a single one."""
    try:
        parts = _parts(data)
    except Corrupt as error:
        return [Unreadable(str(error))]
    found: list[Message | Unreadable] = []
    for part in parts:
        try:
            found.append(decode(part))
        except Corrupt as error:
            found.append(Unreadable(str(error)))
    return found


def unreadable(data: bytes) -> bytes:
    """What cannot be read of a bundle, as a bundle: it may be read by a newer release. All of what is no bundle."""
    try:
        parts = _parts(data)
    except Corrupt:
        return data
    return bundle([part for part, found in zip(parts, decode_all(data), strict=True) if isinstance(found, Unreadable)])


def _parts(data: bytes) -> list[memoryview]:
    if not data:
        raise Corrupt("a bundle of 0 bytes is none")
    if data[0] > BUNDLE:
        raise UnknownVersion(f"bundle format {data[0]} is newer than {BUNDLE}, the newest known here; upgrade")
    if data[0] < BUNDLE:
        raise Corrupt(f"there is no bundle format {data[0]}")
    try:
        return _bundles.decode(memoryview(data)[1:])
    except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise Corrupt(f"a bundle of {len(data)} bytes cannot be read: {error}") from error


def to_json(message: Message, *, reveal: bool = False) -> str:
    """The message as one JSON object with its `type` first, for people.

    Digests, sealed places, list data and bodies are shown as "(sealed)" or by their length, unless `reveal`, which
    shows their bytes as hex: for tests and for roles that may know.
    """
    shown = {"type": type(message).__name__} | _shown(message, reveal)
    return msgspec.json.encode(shown).decode()


def _shown(value: Any, reveal: bool, name: str = "") -> Any:
    if isinstance(value, Struct):
        return {field: _shown(getattr(value, field), reveal, field) for field in value.__struct_fields__}
    if isinstance(value, (list, tuple)):
        return [_shown(item, reveal, name) for item in value]
    if isinstance(value, dict):
        return {_scalar(key): _shown(item, reveal, name) for key, item in value.items()}
    if isinstance(value, bytes):
        if reveal or name in PLAIN_BYTES:
            return value.hex()
        return "(sealed)" if name in ("place", "sealed") else f"({len(value)} bytes)"
    if name in SECRETS and value and not reveal:
        return "(sealed)"
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name.lower()
    return _ILL_FORMED.sub("\ufffd", value) if isinstance(value, str) else value


def _mended(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return _ILL_FORMED.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    if isinstance(value, Struct):
        return type(value)(*(_mended(getattr(value, field)) for field in value.__struct_fields__))
    return value
