"""What every role of a cluster has around it: one process with its clock, its log, its heartbeat, its health, and its end.

A service that is away is waited for, from the first moment on, and named in /readyz. SIGTERM or SIGINT stops in order within
workers.shutdown_grace; a second one, or a stop that hangs, ends the process at once.
"""

import asyncio
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, Protocol

from backends.backoff import BackOff
from backends.cores import no_core_dumps
from backends.http import HttpServer
from backends.kafka.log import KafkaLog
from backends.system import SteadyClock
from contracts.errors import PisauraError, Unavailable, kind_and_place
from contracts.metrics import Sample
from contracts.notes import Heartbeat
from contracts.settings import Settings
from crawlctl.roles import needs
from crawlctl.roles.loops import Loops, collect_seldom, describe
from crawlctl.roles.pulse import Pulse
from crawlctl.roles.tally import Tally
from crawlctl.roles.watchdog import Watchdog

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 0.25
SLACK: Final = 4.0
"""Seconds above the grace after which a stop that hangs is cut short; others take over what was ours."""
SHARE: Final = 0.6
"""Share of the grace that the role has for what is out; the rest is for the last messages, and for leaving the log."""
LEAVE: Final = 1.0
"""Seconds that the last heartbeat may take."""
SILENT_BEATS: Final = 4
"""Heartbeats without an ack after which the brokers count as away."""


class Place:
    """What a role is given: its settings, its name, and what it shares with the shell."""

    def __init__(self, role: str, settings: Settings) -> None:
        self.role = role
        self.settings = settings
        self.host = socket.gethostname()
        self.process = f"{self.host}-{os.getpid()}-{secrets.token_hex(4)}"
        self.clock = SteadyClock()
        self.log = KafkaLog(settings.kafka, self.process, self.clock)
        self.tally = Tally(self.log)


class Role(Protocol):
    """What the shell serves."""

    async def start(self) -> None:
        """Begin; may be called again after Unavailable."""

    def hold(self, reason: str) -> None:
        """Issue and take nothing; an empty reason lets go."""

    def waits(self) -> list[tuple[str, str]]:
        """What is waited for, as (part, why); empty while it serves."""

    def failed(self) -> BaseException | None:
        """The error that ended one of its loops."""

    def busy(self) -> bool:
        """Whether there is work that should get on."""

    def progress(self) -> int:
        """A number that changes whenever something was done."""

    def counts(self) -> dict[str, float]:
        """What it did since its start, by names of ours."""

    def samples(self) -> Iterator[Sample]:
        """Its own metrics."""

    async def stop(self, seconds: float) -> None:
        """Finish or hand back what is out."""


def serve(role: str, make: Callable[[Place], Role], settings: Settings) -> int:
    """Run one role's process to its end; the exit code. UsageError if a setting is missing."""
    import uvloop

    needs.check(role, settings)
    no_core_dumps()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(role, make, settings))


async def _serve(role: str, make: Callable[[Place], Role], settings: Settings) -> int:
    place = Place(role, settings)
    return await Shell(place, make(place)).run()


class Shell:
    """One process of a role: `contracts.health.Health` and `contracts.metrics.Measured` of it."""

    def __init__(self, place: Place, role: Role) -> None:
        self._place = place
        self._settings = place.settings
        self._role = role
        self._loops = Loops()
        self._started_at = place.clock()
        self._starting: list[tuple[str, str]] = [("start", "starting")]
        cluster = place.settings.cluster
        self._pulse = Pulse(place.clock, place.log.heartbeat, self._say, cluster.heartbeat, cluster.max_skew)
        self._watchdog = Watchdog(cluster.stall)
        self._stalled = ""
        self._leaving = False
        self._held: str | None = None
        self._lag = 0.0
        self._stop = asyncio.Event()
        self._preparing: asyncio.Task[None] | None = None

    # -- health and metrics -------------------------------------------------------------------------------------------

    def live(self) -> list[str]:
        """Why this process should be ended."""
        return [self._stalled] if self._stalled else []

    def ready(self) -> list[tuple[str, str]]:
        """What it waits for."""
        waits = list(self._starting)
        if self._leaving:
            waits.append(("stop", "stopping"))
        if not self._starting:
            if trouble := self._place.log.trouble:
                waits.append(("kafka", trouble))
            elif self._pulse.age > SILENT_BEATS * self._settings.cluster.heartbeat:
                why = self._pulse.away or "they do not ack"
                waits.append(("kafka", f"no heartbeat was acked for {self._pulse.age:.0f} s: {why}"))
            if reason := self._pulse.hold():
                waits.append(("clock", reason))
            waits += self._role.waits()
        return waits

    def samples(self) -> Iterator[Sample]:
        """The metrics of this process."""
        yield "pisaura_ready", (), float(not self.ready())
        yield "pisaura_clock_skew_seconds", (), self._pulse.skew
        yield "pisaura_heartbeat_age_seconds", (), self._pulse.age
        yield "pisaura_loop_lag_seconds", (), self._lag
        yield "pisaura_dead_letters_total", (), self._place.log.parked
        yield "pisaura_unsent_bytes", (), self._place.log.unsent
        yield "pisaura_records_missed_total", (), self._place.log.lost
        if not self._starting:
            yield from self._role.samples()

    def _say(self, skew: float) -> Heartbeat:
        waits = self.ready()
        return Heartbeat(
            self._place.role,
            self._place.process,
            self._place.host,
            self._started_at,
            self._place.clock(),
            skew,
            {} if self._starting else self._role.counts(),
            f"{waits[0][0]}: {waits[0][1]}" if waits else "",
            self._leaving,
        )

    # -- from start to end --------------------------------------------------------------------------------------------

    async def run(self) -> int:
        """Serve until a signal; the exit code. Raises what ended a loop, as one of our errors."""
        collect_seldom()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        http = HttpServer(self._settings.cluster.listen, self, self)
        await http.start()
        failure: BaseException | None = None
        try:
            self._preparing = asyncio.create_task(self._prepare())
            await asyncio.wait([self._preparing])
            if not self._preparing.cancelled():
                failure = self._preparing.exception()
            if failure is None and not self._stop.is_set():
                self._loops.spawn("steer", self._pulse.steer())
                self._loops.spawn("pulse", self._pulse.run())
                failure = await self._watch()
        finally:
            if failure is not None:  # now: an end that hangs is cut short before anybody could say it
                log.error("%s fails: %s", self._place.role, describe(failure))
            await self._finish()
            await http.stop()
        if failure is not None:
            raise describe(failure) from failure
        return 0

    def _on_signal(self) -> None:
        if self._stop.is_set():
            os._exit(1)
        self._stop.set()
        if self._preparing is not None and not self._preparing.done():
            self._preparing.cancel()

    async def _prepare(self) -> None:
        """Wait for the services that the role needs, and begin; held, until the clock was measured."""
        await self._persist("kafka", self._place.log.start)
        self._role.hold(self._pulse.hold())
        await self._persist("start", self._role.start)
        self._starting = []

    async def _persist(self, part: str, step: Callable[[], Awaitable[None]]) -> None:
        backoff = BackOff()
        said = ""
        while True:
            try:
                return await step()
            except Unavailable as error:
                self._starting = [(part, str(error))]
                if str(error) != said:
                    log.warning("%s waits: %s", self._place.role, error)
                    said = str(error)
                await backoff.pause()

    async def _watch(self) -> BaseException | None:
        """Look at everything four times a second until a signal (None) or a failure."""
        while not self._stop.is_set():
            before = time.monotonic()
            reason = self._pulse.hold()
            if reason != self._held:
                if reason:
                    log.warning("%s", reason)
                elif self._held is not None:
                    log.info("the clock is good, orders may go")
                self._held = reason
                self._role.hold(reason)
            if (failure := self._loops.failed() or self._role.failed()) is not None:
                return failure
            role, unread, waits = self._role, self._place.log.stalled(), bool(self.ready())
            self._stalled = self._watchdog.look(role.progress(), role.busy(), unread, waits, before)
            if self._stalled:
                return PisauraError(f"{self._place.role} ends itself: {self._stalled}")
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._stop.wait()
            except TimeoutError:
                late = time.monotonic() - before - LOOK_EVERY
                self._lag = max(late, self._lag * 0.9)
        return None

    async def _finish(self) -> None:
        """Stop in order, within the grace."""
        grace = self._settings.workers.shutdown_grace
        last_resort = asyncio.get_running_loop().call_later(grace + SLACK, os._exit, 1)
        self._leaving = True
        ends_at = time.monotonic() + grace
        try:
            await self._role.stop(0.0 if self._starting else SHARE * grace)
        except Exception as error:
            log.error("not everything could be ended in order: %s", kind_and_place(error))
        if not self._starting and not self._place.log.trouble:
            try:
                async with asyncio.timeout(LEAVE):
                    await self._pulse.beat()
            except (Unavailable, TimeoutError) as error:
                log.info("nobody was told that we leave: %s", error)
        await self._loops.end()
        await self._place.log.close(max(LEAVE, ends_at - time.monotonic()))
        last_resort.cancel()
