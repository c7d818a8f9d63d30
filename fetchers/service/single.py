"""One URL at a time for a provider (`contracts.shielding.Fetch`): by the crawler's own client and address guard, following nothing.

The provider names hosts of its own, so no robots.txt is asked; a redirect is told and not followed, since it may lead anywhere.
What comes is bounded as the crawler's media are, and stays in memory.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from contracts.faults import Cut, Fault
from contracts.messages import Limits, LinkKind, Order, OrderItem, OrderKind
from contracts.ports import Clock
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.shielding import Fetched
from contracts.urls import parse, url_id
from fetchers.client.fetch import Client
from fetchers.response import Response

AT_A_TIME: Final = 16
PER_HOST: Final = 4
"""Requests to one host at a time."""


class Single:
    """Fetches for one process. `media_bytes` is the largest body."""

    def __init__(self, settings: Settings, media_bytes: int, clock: Clock) -> None:
        limits = settings.limits
        self._agent, self._clock, self._total = settings.user_agent, clock, limits.media_total
        self._limits = Limits(
            media_bytes, limits.header_bytes, limits.media_total, limits.first_byte, limits.min_rate, limits.expansion
        )
        self._client = Client(settings.addresses, settings.caps, clock=clock)
        self._turns = asyncio.Semaphore(AT_A_TIME)
        self._hosts: dict[str, int] = {}

    async def start(self) -> None:
        """Begin on the running loop."""
        await self._client.start()

    async def stop(self) -> None:
        """End; what is under way fails."""
        await self._client.stop()

    async def __call__(self, url: str, sink: Callable[[bytes], None]) -> Fetched:
        """The whole body of a canonical URL, or why there is none."""
        parsed = parse(url)
        if isinstance(parsed, Refusal):
            return Fetched(why="this is no URL that can be fetched")
        if self._turns.locked() or self._hosts.get(parsed.host, 0) >= PER_HOST:
            return Fetched(why="too many URLs are being fetched; ask again in a moment", busy=True)
        self._hosts[parsed.host] = self._hosts.get(parsed.host, 0) + 1
        try:
            async with self._turns:
                return await self._fetch(parsed.text, parsed.host, sink)
        finally:
            self._hosts[parsed.host] -= 1
            if not self._hosts[parsed.host]:
                del self._hosts[parsed.host]

    async def _fetch(self, url: str, host: str, sink: Callable[[bytes], None]) -> Fetched:
        found = await self._client.resolve(host)
        if not found.addresses:
            return Fetched(why=f"the host of the URL cannot be reached ({found.error})")
        now = self._clock()
        item = OrderItem(url, url_id(url), LinkKind.MEDIA)
        order = Order(
            secrets.token_bytes(16), 0, 0, OrderKind.MEDIA, host, found.addresses[0], now, now, now + self._total, 0.0, 1,
            self._agent, self._limits, [item],
        )  # fmt: skip
        answer = await self._client.fetch(item, order, sink=sink)
        if not isinstance(answer, Response):
            busy = answer.error in (Fault.BUSY, Fault.STOPPED)
            return Fetched(why=f"the URL cannot be fetched ({answer.error})", busy=busy)
        return _judged(answer)


def _judged(answer: Response) -> Fetched:
    if 300 <= answer.status < 400:
        return Fetched(why="the URL redirects, and no redirect is followed; ask by the URL that it leads to")
    if not 200 <= answer.status < 300:
        return Fetched(why=f"the URL is answered with status {answer.status}")
    if answer.cut == Cut.BODY_BYTES:
        return Fetched(why="the medium at the URL is too large")
    if answer.cut:
        return Fetched(why=f"the medium at the URL did not come whole ({answer.cut})")
    if not answer.body:
        return Fetched(why="there is no medium at the URL: its body is empty")
    return Fetched(answer.body, answer.headers.get("Content-Type", ""))
