"""Pauses that grow, with chance in them."""

import asyncio

import pytest

from backends.backoff import BackOff


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
