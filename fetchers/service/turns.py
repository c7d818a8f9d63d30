"""Who does heavy work in the loop takes turns, so that a burst of answers does not keep everybody else waiting."""

import asyncio
from collections import deque


class Turns:
    """At most `most` callers go on in one round of the loop; the others follow in their order, round after round."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._counting = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Return when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        if not self._counting:
            self._counting = True
            loop.call_soon(self._round)
        if self._left > 0 and not self._waiting:
            self._left -= 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _round(self) -> None:
        """A new round begins: wake whose turn it is."""
        self._left = self._most
        while self._waiting and self._left > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                self._left -= 1
                turn.set_result(None)
        if self._left < self._most:
            asyncio.get_running_loop().call_soon(self._round)
        else:
            self._counting = False
