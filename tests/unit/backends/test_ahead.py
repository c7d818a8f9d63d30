"""backends.postgres.ahead: one step ahead and no further, in order; errors come in their turn, and nothing is left running."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from backends.postgres.ahead import ahead


class Source:
    """Numbers from 0 on, and what was asked for and ended meanwhile."""

    def __init__(self, many: int, stuck: int = -1, broken: int = -1) -> None:
        self.many, self.stuck, self.broken = many, stuck, broken
        self.asked: list[int] = []
        self.ended = 0

    async def read(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(self.many):
                self.asked.append(number)
                if number == self.stuck:
                    await asyncio.Event().wait()
                if number == self.broken:
                    raise ValueError("broken")
                await asyncio.sleep(0)
                yield number
        finally:
            self.ended += 1


async def turns(many: int = 5) -> None:
    """Let everybody else go on."""
    for _ in range(many):
        await asyncio.sleep(0)


@pytest.mark.parametrize("many", [0, 1, 2, 7])
async def test_all_of_it_comes_in_its_order(many: int) -> None:
    source = Source(many)
    assert [one async for one in ahead(source.read())] == list(range(many))
    assert source.ended == 1 and len(asyncio.all_tasks()) == 1


async def test_the_next_one_is_read_while_one_is_worked_on_and_no_other() -> None:
    source = Source(9)
    async for one in ahead(source.read()):
        await turns()
        assert source.asked == list(range(min(9, one + 2)))


async def test_an_error_comes_after_what_was_read_before_it() -> None:
    source, seen = Source(9, broken=3), []
    with pytest.raises(ValueError, match="broken"):
        async for one in ahead(source.read()):
            seen.append(one)
            await turns()
    assert seen == [0, 1, 2] and source.ended == 1 and len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("started", [False, True])  # whether the next one has been asked for
@pytest.mark.parametrize("more", [{}, {"stuck": 3}, {"broken": 3}])
async def test_who_ends_early_ends_the_reading(started: bool, more: dict[str, Any]) -> None:
    source = Source(9, **more)
    async with aclosing(ahead(source.read())) as reading:
        async for one in reading:
            if one == 2:
                await turns(5 if started else 0)
                break
    assert source.ended == 1 and len(asyncio.all_tasks()) == 1


async def test_who_is_cancelled_while_waiting_ends_the_reading() -> None:
    source = Source(9, stuck=3)

    async def use() -> None:
        async for _ in ahead(source.read()):
            pass

    user = asyncio.create_task(use())
    await turns(40)
    assert source.asked == [0, 1, 2, 3] and source.ended == 0
    user.cancel()
    with pytest.raises(asyncio.CancelledError):
        await user
    await turns(40)
    assert source.ended == 1 and len(asyncio.all_tasks()) == 1
