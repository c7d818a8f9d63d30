"""Shield as a process: over a state, beside its crawl or alone, or over a cluster's vault. It needs no log, no crawl database and no
keys that open anything."""

import asyncio
import logging
import os
import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from backends.backoff import BackOff
from backends.cores import no_core_dumps
from backends.http import HttpServer, endpoint
from backends.postgres.connection import close, connect
from backends.postgres.migrate import require_current
from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_shield import VaultShield
from backends.postgres.vault_store import close_pool, open_pool
from backends.prometheus import Exposition
from contracts.errors import Unavailable
from contracts.metrics import Sample
from contracts.seal import HasherKeys, hasher_keys
from contracts.settings import Settings
from crawlctl.roles import needs
from crawlctl.roles.hashing import LISTS_EVERY, snapshots
from crawlctl.roles.loops import Loops, collect_seldom, describe, persist
from crawlctl.roles.saying import OPINIONS_EVERY, hand_on
from crawlctl.roles.shielded import IndexLookup
from crawlctl.roles.workers import digesting
from crawlctl.state import State
from fetchers.service.single import Single
from hasher.sandbox import SandboxDigester
from hasher.service.keeper import Keeper
from shield.api import Api
from shield.service import LOOK_EVERY, Shield

log = logging.getLogger(__name__)

CONNECTIONS: Final = 6
SNAPSHOT_EVERY: Final = 60.0
SNAPSHOTS: Final = "shield"
"""Folder of Shield's own snapshot: its index holds other entries than the hasher's."""
SLACK: Final = 15.0
"""Seconds above the grace after which a stop that hangs is cut short."""
WATCH_EVERY: Final = 0.25


class Accounts:
    """`contracts.shielding.Accounts`."""

    def __init__(self, checks: VaultAccounts, vault: VaultShield) -> None:
        self.authenticate = checks.authenticate
        self.serving = vault.serving


class ShieldProcess:
    """All of Shield in this process: `contracts.health.Health` and `contracts.metrics.Measured` of it.

    `opinions`: how to reach the vault as the hasher's role, if this process hands opinions on itself (over a state).
    """

    def __init__(
        self,
        settings: Settings,
        vault: str,
        at: tuple[str, int],
        folder: Path | None,
        keys: HasherKeys | None,
        opinions: str = "",
    ) -> None:
        self.settings, self._dsn, self._opinions_dsn = settings, vault, opinions
        self._at, self._loops, self._counts = at, Loops(), Counter[str]()
        self._snapshots = snapshots(_apart(settings), folder, keys)
        self.digester = SandboxDigester.from_settings(
            replace(settings, limits=replace(settings.limits, media_bytes=settings.shield.media_bytes))
        )
        self._fetch = Single(settings, settings.shield.media_bytes, time.time)
        self._why = "starting"
        self.shield: Shield | None = None
        self.api: Api | None = None
        self.lookup: IndexLookup | None = None
        self._ends = AsyncExitStack()

    @property
    def port(self) -> int:
        """Where providers are served, 0 before `start`."""
        return self.api.port if self.api is not None else 0

    def live(self) -> list[str]:
        """Why this process should be ended."""
        return ["a loop of Shield has ended"] if self._loops.failed() is not None else []

    def ready(self) -> list[tuple[str, str]]:
        """What it waits for."""
        why = self._why or (self.shield.waits() if self.shield is not None else "")
        return [("shield", why)] if why else []

    def samples(self) -> Iterator[Sample]:
        """Its metrics."""
        yield "pisaura_ready", (), float(not self.ready())
        yield from digesting(self.digester)
        if self.shield is None or self.api is None or self.lookup is None:
            return
        for answer, count in self.shield.answered.items():
            yield "pisaura_shield_answers_total", (answer,), count
        for status, count in self.shield.refused.items():
            yield "pisaura_shield_refusals_total", (str(status),), count
        yield "pisaura_shield_suspensions_total", (), self.shield.suspensions
        yield "pisaura_shield_questions", (), self.api.open
        yield "pisaura_shield_opinions_total", (), self._counts["opinions"]
        yield "pisaura_shield_index_digests", (), len(self.keeper.index)
        yield "pisaura_shield_index_age_seconds", (), self.keeper.age

    async def start(self) -> None:
        """Reach the vault, load the index, serve. Raises Unavailable and UsageError."""
        await self._reach()
        pool = await open_pool(self._dsn, most=CONNECTIONS)
        self._ends.push_async_callback(close_pool, pool, 1.0)
        vault = VaultShield(pool)
        self.keeper = Keeper(vault, self.settings.matching.pdq_distance, self._snapshots, time.time)
        self.lookup = lookup = IndexLookup(vault, self.keeper, self.settings.matching)
        self.shield = shield = Shield(
            self.settings, lookup, self.digester, vault, Accounts(VaultAccounts(pool), vault), self._fetch, time.time,
            secrets.token_bytes(32),
        )  # fmt: skip
        self.api = Api(shield, self._at, Exposition(self).encode, _version())
        await self._fetch.start()
        await self.digester.start()
        await self.keeper.start()
        await shield.look()
        lookup.started, self._why = True, ""
        collect_seldom()
        for name, work in (
            ("lookup", lookup.run()),
            ("lists", persist("lists", self.keeper.load, LISTS_EVERY)),
            ("keys", persist("keys", shield.look, LOOK_EVERY)),
            ("snapshot", persist("snapshot", self.keeper.save, SNAPSHOT_EVERY)),
        ):
            self._loops.spawn(name, work)
        if self._opinions_dsn:
            writes = await open_pool(self._opinions_dsn, most=1)
            self._ends.push_async_callback(close_pool, writes, 1.0)
            step = hand_on(writes, time.time, self._counts)
            self._loops.spawn("opinions", persist("opinions", step, OPINIONS_EVERY))
        await self.api.start()
        log.info("providers are served: listens on %s:%d", self._at[0], self.api.port)

    def failed(self) -> BaseException | None:
        """The error that ended one of the loops, if one did."""
        return self._loops.failed()

    async def stop(self) -> None:
        """Take no more, finish what is being answered, keep what was counted, end."""
        self._why = "stopping"
        if self.api is not None:
            await self.api.stop()
        await self._loops.end()
        await self.digester.stop()
        await self._fetch.stop()
        if self.shield is not None:
            try:
                await self.shield.keep_count()
            except Unavailable as error:
                log.info("what keys have used in the last seconds is not kept: %s", error)
            await self.keeper.stop()
        await self._ends.aclose()

    async def _reach(self) -> None:
        """Wait until the vault answers, and is as this version wants it."""
        backoff = BackOff()
        while True:
            try:
                connection = await connect(self._dsn, name="pisaura-shield", serving=True)
                break
            except Unavailable as error:
                if self._why != str(error):
                    log.warning("shield waits: %s", error)
                self._why = str(error)
                await backoff.pause()
        try:
            await require_current(connection, "vault")
        finally:
            await close(connection)


def _apart(settings: Settings) -> Settings:
    """The settings with a folder for snapshots that is no hasher's."""
    matching = settings.matching
    where = str(Path(matching.snapshots) / SNAPSHOTS) if matching.snapshots else ""
    return replace(settings, matching=replace(matching, snapshots=where))


def _version() -> str:
    try:
        return version("pisaura")
    except PackageNotFoundError:
        return "0"


def serve(settings: Settings, folder: Path | None, listen: str, metrics: str) -> int:
    """Run the process to its end; the exit code. Over a state (`folder`), or over the vault that the settings name."""
    import uvloop

    at = endpoint(listen or settings.shield.listen, "--listen" if listen else "shield.listen")
    if folder is None:
        needs.check("shield", settings)
        no_core_dumps()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, folder, at, metrics))


async def _serve(settings: Settings, folder: Path | None, at: tuple[str, int], metrics: str) -> int:
    if folder is None:
        process = ShieldProcess(settings, settings.postgres.vault, at, None, needs.hasher_keys(settings))
        return await _until_told(process, metrics or settings.cluster.listen)
    async with State(folder, settings) as state:
        process = ShieldProcess(
            settings, state.server.dsn("vault", "pisaura_shield"), at, folder / "index" / SNAPSHOTS, hasher_keys(state.keys),
            state.server.dsn("vault", "pisaura_hasher"),
        )  # fmt: skip
        return await _until_told(process, metrics)


async def _until_told(process: ShieldProcess, metrics: str) -> int:
    """Serve until SIGTERM or SIGINT; a second one ends it at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    http = HttpServer(metrics, process, process, named="--metrics") if metrics else None
    failure: BaseException | None = None
    try:
        if http is not None:
            await http.start()
        starting = asyncio.create_task(process.start())
        told = asyncio.create_task(stop.wait())
        await asyncio.wait([starting, told], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
        else:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        while not stop.is_set() and failure is None:
            failure = process.failed()
            await asyncio.wait([told], timeout=WATCH_EVERY)
        told.cancel()
    finally:
        last_resort = loop.call_later(process.settings.workers.shutdown_grace + SLACK, os._exit, 1)
        await process.stop()
        if http is not None:
            await http.stop()
        last_resort.cancel()
    if failure is not None:
        raise describe(failure) from failure
    return 0
