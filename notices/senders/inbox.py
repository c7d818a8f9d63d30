"""Answers that providers' APIs post to us, signed as our notices to them are (`notices.senders.webhook`)."""

import hmac
from collections.abc import Mapping
from typing import Final

from contracts.errors import PisauraError
from contracts.notices import Replies
from contracts.ports import Clock
from notices.replies.reading import read_answer
from notices.senders.providers import Provider
from notices.senders.webhook import SIGNATURE, TIMESTAMP, signature

APART: Final = 300.0
"""Most seconds between a signature's time and ours."""


class Unsigned(PisauraError):
    """An answer that nobody we know has signed just now: it is not looked at."""


class Inbox:
    """Takes answers of providers of the file of `notices.webhooks`."""

    def __init__(self, providers: Mapping[str, Provider], replies: Replies, clock: Clock) -> None:
        self._providers, self._replies, self._clock = providers, replies, clock

    async def take(self, provider: str, fields: Mapping[str, str], body: bytes) -> int:
        """Keep an answer; its number. `fields` are header fields by their names in lower case. Unsigned if it is not this provider's,
        or not of now; Corrupt if it is no answer; Unavailable if it cannot be kept now."""
        known = self._providers.get(provider)
        timestamp, said = fields.get(TIMESTAMP.lower(), ""), fields.get(SIGNATURE.lower(), "")
        now = self._clock()
        right = known is not None and hmac.compare_digest(
            signature(known.secret, timestamp, body).encode(), said.encode("utf-8", "replace")
        )
        if known is None or not right or not _near(timestamp, now):
            raise Unsigned("an answer was not signed by a provider that we know, or not just now; see notices.webhooks")
        return await self._replies.keep(read_answer(body, known.name, now), now)


def _near(timestamp: str, now: float) -> bool:
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return plain and abs(int(timestamp) - now) <= APART
