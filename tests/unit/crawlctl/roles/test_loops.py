"""Loops by name, pauses that grow, and what is said of a loop that ended."""

import asyncio

import pytest

from contracts.errors import Unavailable
from crawlctl.roles.loops import BackOff, Loops, describe, persist


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


async def test_pauses_double_up_to_the_longest_and_end_early(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    backoff = BackOff(0.8)
    for _ in range(4):
        await backoff.pause()
    backoff.reset()
    await backoff.pause()
    for seconds, most in zip(slept, (0.2, 0.4, 0.8, 0.8, 0.2), strict=True):
        assert most / 2 <= seconds <= most
    stop = asyncio.Event()
    stop.set()
    await BackOff(3600.0).pause(stop)


def test_a_loop_that_ended_is_described_without_the_words_of_a_library() -> None:
    """Section 7: no location in errors. Our own errors are worded by us."""
    assert str(describe(Unavailable("Postgres does not answer"))) == "Postgres does not answer"
    assert str(describe(KeyError("secret.test"))) == "a part of the crawler failed: KeyError"
