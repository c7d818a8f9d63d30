"""Heartbeats measure the clock; what is measured decides whether anything may be served, and which clock is followed."""

import asyncio

import pytest

import crawlctl.roles.pulse
from backends.system import SteadyClock
from contracts.errors import Unavailable
from contracts.notes import Heartbeat
from crawlctl.roles.pulse import Pulse


class World:
    """Our wall clock, the time since the boot, and the brokers' clock, each set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wall: float = 0.0) -> None:
        self.wall, self.boot, self.brokers, self.slow = 1_000_000.0 + wall, 50.0, 1_000_000.0, 0.0
        self.away = False
        self.beats: list[Heartbeat] = []
        self.clock = SteadyClock(lambda: self.wall, lambda: self.boot)
        monkeypatch.setattr(crawlctl.roles.pulse, "boot", lambda: self.boot)
        self.pulse = Pulse(self.clock, self.beat, self.say, 2.0, 2.0)

    def say(self, skew: float) -> Heartbeat:
        return Heartbeat("fetcher", "p", "h", 0.0, self.clock(), skew)

    async def beat(self, said: Heartbeat) -> tuple[float, float]:
        self.beats.append(said)
        if self.away:
            raise Unavailable("no broker answers")
        return self.clock() - self.brokers, self.slow

    def passes(self, seconds: float) -> None:
        self.wall, self.boot, self.brokers = self.wall + seconds, self.boot + seconds, self.brokers + seconds

    async def steered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One look at the wall clock."""

        async def no_more(seconds: float) -> None:
            raise EOFError

        with monkeypatch.context() as patch, pytest.raises(EOFError):
            patch.setattr(asyncio, "sleep", no_more)
            await self.pulse.steer()


async def test_the_first_good_beat_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, wall=0.5)
    assert world.pulse.hold()
    await world.pulse.beat()
    assert (world.pulse.hold(), world.pulse.skew) == ("", 0.5)
    await world.pulse.beat()
    assert [beat.skew for beat in world.beats] == [0.0, 0.5]
    assert world.pulse.age < 60


async def test_a_clock_that_was_wrong_from_the_start_is_followed_when_it_is_put_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch, wall=30.0)
    await world.pulse.beat()
    assert "30.0 s ahead" in world.pulse.hold()
    world.passes(10.0)
    world.wall -= 30.0
    await world.steered(monkeypatch)
    assert "jumped by -30 s" in world.pulse.hold()
    world.passes(1.0)
    await world.pulse.beat()
    assert world.pulse.hold(), "that beat was of the old clock"
    await world.pulse.beat()
    assert (world.pulse.hold(), world.clock()) == ("", world.brokers)


async def test_a_wall_clock_that_is_set_wrong_holds_until_compared_and_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch)
    await world.pulse.beat()
    world.wall += 3600.0
    await world.steered(monkeypatch)
    assert "jumped by +3600 s" in world.pulse.hold()
    world.passes(1.0)
    await world.pulse.beat()
    assert (world.pulse.hold(), world.clock()) == ("", world.brokers)
    await world.steered(monkeypatch)  # it is the same jump still
    assert world.pulse.hold() == ""
    world.wall -= 3600.0
    await world.steered(monkeypatch)
    assert world.pulse.hold() == ""


async def test_a_slow_broker_holds_nobody_who_was_well(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    await world.pulse.beat()
    world.brokers, world.slow = world.brokers - 20.0, 21.0
    await world.pulse.beat()
    assert world.pulse.hold() == ""


async def test_brokers_that_are_away_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.away = True
    beating = asyncio.create_task(Pulse(world.clock, world.beat, world.say, 0.001, 2.0).run())
    async with asyncio.timeout(10):
        while len(world.beats) < 3:
            await asyncio.sleep(0.001)
    beating.cancel()
    with pytest.raises(Unavailable):
        await world.pulse.beat()
    assert world.pulse.hold()
