"""Loops by name, services that are waited for, and what is said of a loop that ended."""

import asyncio

from contracts.errors import Unavailable
from crawlctl.roles.loops import Loops, describe, persist


async def until(condition: object) -> None:
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0)


async def fails() -> None:
    raise KeyError("secret.test")


async def test_a_loop_that_fails_is_noticed_and_all_are_ended() -> None:
    loops = Loops()
    waiting = loops.spawn("waits", asyncio.Event().wait())  # type: ignore[arg-type]
    assert loops.failed() is None
    loops.spawn("fails", fails())
    await loops.ended("fails", 10.0)
    assert isinstance(loops.failed(), KeyError)
    await loops.ended("no such loop", 10.0)
    await loops.end()
    assert waiting.cancelled()


async def test_a_service_that_is_away_is_waited_for() -> None:
    tries = []
    said: list[str] = []

    async def step() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("away")

    loops = Loops()
    loops.spawn("step", persist("step", step, 0.0, said.append))
    await until(lambda: len(tries) >= 3)
    await loops.end()
    assert said[:2] == ["away", ""]


def test_a_loop_that_ended_is_described_without_the_words_of_a_library() -> None:
    """Section 7: no location in errors. Our own errors are worded by us."""
    assert str(describe(Unavailable("Postgres does not answer"))) == "Postgres does not answer"
    assert str(describe(KeyError("secret.test"))) == "a part of the crawler failed: KeyError"
