"""What is around every role: it waits for services, is held by a bad clock, tells how it is, and ends in order."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from backends.system import SteadyClock
from contracts.cluster import Cluster
from contracts.errors import PisauraError, Unavailable, UsageError
from contracts.metrics import Sample
from contracts.notes import Heartbeat
from contracts.settings import Settings, Workers
from crawlctl.roles import shell
from crawlctl.roles.shell import Shell, serve
from tests.cluster.processes import free_port
from tests.unit.crawlctl.roles.logs import until

SETTINGS = Settings(workers=Workers(shutdown_grace=5.0), cluster=Cluster(heartbeat=0.01))


class Log:
    """What the shell asks of the log."""

    def __init__(self) -> None:
        self.away = 0
        self.skew = 0.0
        self.trouble = ""
        self.unread = 0.0
        self.beats: list[Heartbeat] = []
        self.closed = False
        self.parked = self.unsent = self.lost = 0

    async def start(self) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("no broker answers")

    async def close(self, grace: float) -> None:
        self.closed = True

    async def heartbeat(self, said: Heartbeat) -> tuple[float, float]:
        self.beats.append(said)
        return self.skew, 0.001

    def stalled(self) -> float:
        return self.unread


class Place:
    def __init__(self, settings: Settings) -> None:
        self.role, self.process, self.host, self.settings = "fetcher", "fetcher-1", "here", settings
        self.clock, self.log = SteadyClock(), Log()


class Role:
    """Does nothing, and remembers what it was told."""

    def __init__(self) -> None:
        self.away = 0
        self.held: list[bool] = []
        self.waiting: list[tuple[str, str]] = []
        self.failure: BaseException | None = None
        self.stopped: float | None = None
        self.started = False

    async def start(self) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("Postgres does not answer")
        self.started = True

    def hold(self, reason: str) -> None:
        self.held.append(bool(reason))

    def waits(self) -> list[tuple[str, str]]:
        return self.waiting

    def failed(self) -> BaseException | None:
        return self.failure

    def busy(self) -> bool:
        return True

    def progress(self) -> int:
        return 0

    def counts(self) -> dict[str, float]:
        return {"pages": 7}

    def samples(self) -> Iterator[Sample]:
        yield "pisaura_connections", (), 3

    async def stop(self, seconds: float) -> None:
        self.stopped = seconds


class Scene:
    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        cluster = replace(settings.cluster, listen=f"127.0.0.1:{self.port}")
        self.place, self.role = Place(replace(settings, cluster=cluster)), Role()
        given: Any = self.place
        self.shell = Shell(given, self.role)
        self.task: asyncio.Task[int] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.shell.run())

    async def ended(self) -> int:
        assert self.task is not None
        async with asyncio.timeout(10):
            return await self.task


@asynccontextmanager
async def scene(monkeypatch: pytest.MonkeyPatch, settings: Settings = SETTINGS) -> AsyncIterator[Scene]:
    monkeypatch.setattr(shell, "collect_seldom", lambda: None)
    monkeypatch.setattr(shell, "LOOK_EVERY", 0.01)
    one = Scene(settings)
    try:
        yield one
    finally:
        if one.task is not None and not one.task.done():
            os.kill(os.getpid(), signal.SIGTERM)
            await one.ended()


async def get(port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


async def test_serves_once_all_is_well_and_ends_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(monkeypatch) as one:
        one.start()
        await until(lambda: one.role.started and not one.shell.ready())
        await until(lambda: one.role.held[-1:] == [False])
        assert one.role.held[0], "held before the first measurement"
        assert await get(one.port, "/livez") == (200, '{"live":true,"reasons":[]}\n')
        assert (await get(one.port, "/readyz"))[0] == 200
        metrics = (await get(one.port, "/metrics"))[1]
        assert "pisaura_ready 1.0" in metrics and "pisaura_connections 3.0" in metrics
        await until(lambda: one.place.log.beats[-1].counts == {"pages": 7.0})
        assert not one.place.log.beats[-1].waits_for
        os.kill(os.getpid(), signal.SIGTERM)
        assert await one.ended() == 0
        assert one.role.stopped == 5.0 * shell.SHARE and one.place.log.closed
        assert one.place.log.beats[-1].leaving and not one.place.log.beats[-2].leaving


async def test_services_that_are_away_are_waited_for_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(monkeypatch) as one:
        one.place.log.away, one.role.away = 1, 1
        one.start()
        seen: set[tuple[str, str]] = set()

        def looked() -> bool:
            seen.update(one.shell.ready())
            return one.role.started

        await until(looked)
        assert {("kafka", "no broker answers"), ("start", "Postgres does not answer")} <= seen
        status, body = await get(one.port, "/readyz")
        assert status in (200, 503) and set(msgspec.json.decode(body)) == {"ready", "reasons"}


async def test_a_signal_ends_the_waiting_for_services(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(monkeypatch) as one:
        one.place.log.away = 1_000_000
        one.start()
        await until(lambda: one.shell.ready() == [("kafka", "no broker answers")])
        os.kill(os.getpid(), signal.SIGINT)
        assert await one.ended() == 0
        assert one.role.stopped == 0.0 and not one.place.log.beats


async def test_a_clock_that_goes_wrong_holds_the_role_until_it_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(monkeypatch) as one:
        one.start()
        await until(lambda: one.role.held[-1:] == [False])
        one.place.log.skew = 2.5
        await until(lambda: one.role.held[-1])
        ((part, why),) = one.shell.ready()
        assert part == "clock" and why.startswith("the clock is 2.5 s ahead of the brokers'")
        await until(lambda: one.place.log.beats[-1].waits_for.startswith("clock: the clock is 2.5 s"))
        one.place.log.skew = -1.0
        await until(lambda: not one.role.held[-1] and not one.shell.ready())
        assert ("pisaura_clock_skew_seconds", (), -1.0) in list(one.shell.samples())


async def test_trouble_of_log_and_role_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(monkeypatch) as one:
        one.start()
        await until(lambda: one.role.held[-1:] == [False])
        one.place.log.trouble = "no broker has answered for 12 s"
        one.role.waiting = [("frontier", "no partition is free")]
        assert one.shell.ready() == [("kafka", one.place.log.trouble), *one.role.waiting]
        one.place.log.trouble = ""


async def test_an_error_of_a_loop_ends_the_process_and_says_no_more_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scene(monkeypatch) as one:
        one.start()
        await until(lambda: one.role.started)
        one.role.failure = KeyError("secret.test")
        with pytest.raises(PisauraError, match=r"^a part of the crawler failed: KeyError$"):
            await one.ended()
        assert one.role.stopped is not None and one.place.log.closed


async def test_a_process_that_does_not_get_on_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(SETTINGS, cluster=replace(SETTINGS.cluster, stall=0.2))
    async with scene(monkeypatch, settings) as one:
        one.start()
        with pytest.raises(
            PisauraError, match=r"^fetcher ends itself: there is work, all services answer, and yet nothing"
        ):
            await one.ended()
        assert one.shell.live() and one.place.log.closed


async def test_why_it_ends_is_said_before_an_end_that_may_hang(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []

    async def stop(seconds: float) -> None:
        said.append(caplog.text)

    async with scene(monkeypatch) as one:
        monkeypatch.setattr(one.role, "stop", stop)
        one.start()
        await until(lambda: one.role.started)
        one.role.failure = PisauraError("the pages are torn")
        with pytest.raises(PisauraError, match="the pages are torn"):
            await one.ended()
    assert "fetcher fails: the pages are torn" in said[0]


async def test_a_role_that_cannot_end_does_not_keep_the_rest_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(seconds: float) -> None:
        raise ZeroDivisionError

    async with scene(monkeypatch) as one:
        monkeypatch.setattr(one.role, "stop", breaks)
        one.start()
        await until(lambda: one.role.started)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await one.ended() == 0
        assert one.place.log.closed


def test_without_its_settings_nothing_is_begun() -> None:
    with pytest.raises(UsageError, match="a hasher process needs"):
        serve("hasher", lambda place: Role(), Settings())
