"""Messages and dead letters as people may see them: sealed things stay sealed, and so do bytes that nobody can read."""

import json
from typing import Any, Final

from contracts.codec import decode_all, to_json, unreadable
from contracts.errors import UsageError
from contracts.messages import Message
from contracts.ports import Unreadable
from contracts.topics import DEAD, DIGESTS, MATCHES, RECHECKS, TOPICS

HEAD: Final = 64
"""First bytes shown of what cannot be read."""
SEALED_HEAD: Final = 6
"""The same of topics that carry digests and places: the format and type of a message, and none of its fields."""
SEALED: Final = frozenset({DIGESTS, MATCHES, RECHECKS})


def shown(message: Message | Unreadable) -> dict[str, Any]:
    """A message as `contracts.codec.to_json` has it, or why it cannot be read."""
    if isinstance(message, Unreadable):
        return {"type": "Unreadable", "why": message.why}
    found: dict[str, Any] = json.loads(to_json(message))
    return found


def contents(topic: str, payload: bytes) -> dict[str, Any]:
    """What a dead letter of a topic holds: the messages that can be read, and the first bytes, as hex, of what cannot."""
    messages = decode_all(payload) if payload else []
    found: dict[str, Any] = {"bytes": len(payload), "messages": [shown(message) for message in messages]}
    if any(isinstance(message, Unreadable) for message in messages):
        found["head"] = unreadable(payload)[: SEALED_HEAD if topic in SEALED else HEAD].hex()
    return found


def place(text: str) -> tuple[str, int, int]:
    """topic, partition and offset of `urls/3/1200`. UsageError if it is none."""
    topic, *numbers = text.removeprefix("[").replace("]", "").split("/")
    if topic.removesuffix(DEAD) in TOPICS and len(numbers) == 2 and all(n.isascii() and n.isdigit() for n in numbers):
        return topic.removesuffix(DEAD), int(numbers[0][:18]), int(numbers[1][:18])
    raise UsageError(
        f"{text[:100]!r} is no place; write TOPIC/PARTITION/OFFSET like urls/3/1200, as `crawlctl dead ls` lists them"
    )
