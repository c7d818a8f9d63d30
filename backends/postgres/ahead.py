"""Reading on while what was read is being worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def ahead(source: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """What `source` gives, in its order; it is asked for the next one before one is handed on. Who ends early ends it as well."""
    asked = asyncio.create_task(_next(source))
    try:
        while True:
            try:
                one = await asked
            except StopAsyncIteration:
                return
            asked = asyncio.create_task(_next(source))
            yield one
    finally:
        asked.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await asked
        await source.aclose()


async def _next(source: AsyncGenerator[T, None]) -> T:
    return await anext(source)
