"""`crawlctl run`: crawl, digest, match and report on this machine, until told to stop or until nothing is due."""

import argparse
import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from backends.postgres.connection import connect
from backends.postgres.operator import OperatorStore
from contracts.errors import UsageError
from contracts.refusals import Refusal
from contracts.seal import opener
from contracts.settings import Settings
from contracts.urls import parse
from crawlctl import summary
from crawlctl.arguments import add_dry_run, dried
from crawlctl.contact import contact_of
from crawlctl.lists.imports import import_list
from crawlctl.progress import Progress, figures
from crawlctl.roles.loops import describe
from crawlctl.roles.seeds import stored_seeds
from crawlctl.settings import check_contact
from crawlctl.state import State
from crawlctl.units import duration
from crawlctl.wiring import Embedded

HARD_STOP = 9.0
"""Seconds after which a stop that hangs is cut short; the next run recovers."""
IDLE_LOOKS = 3
"""Looks in a row that must find nothing to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--seeds", type=Path, metavar="FILE", help="URLs to start from, one a line; # begins a comment")
    parser.add_argument(
        "--known",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="known list to import (CSV); may be repeated",
    )
    parser.add_argument(
        "--state", type=Path, required=True, metavar="DIR", help="where everything is kept; made if missing"
    )
    parser.add_argument(
        "--until-idle", action="store_true", help="end when nothing is out and no host is due within 60 s"
    )
    parser.add_argument("--max-pages", type=int, metavar="N", help="end after so many URLs were requested in this run")
    parser.add_argument("--max-time", type=duration, metavar="TIME", help="end after this time, for example 10m")
    add_dry_run(parser)
    parser.add_argument("--metrics", metavar="IP:PORT", help="serve Prometheus metrics and health there")
    parser.add_argument("--quiet", action="store_true", help="no progress line and no summary")


def read_seeds(path: Path, most: int) -> list[str]:
    """Canonical seed URLs of a file. UsageError naming file, line and column of the first line that is no URL."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give a file with one URL a line") from error
    seeds = []
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        line = raw.decode("utf-8", "surrogateescape").strip()
        if not line or line.startswith("#"):
            continue
        url = parse(line, max_bytes=most)
        if isinstance(url, Refusal):
            column = len(raw) - len(raw.lstrip()) + 1
            raise UsageError(f"{path}:{number}:{column}: not a URL that can be crawled ({url})")
        seeds.append(url.text)
    return seeds


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run it under uvloop."""
    import uvloop

    if arguments.max_pages is not None and arguments.max_pages < 1:
        raise UsageError("--max-pages: must be at least 1")
    seeds = read_seeds(arguments.seeds, settings.limits.url_bytes) if arguments.seeds else []
    for known in arguments.known:
        if not known.is_file():
            raise UsageError(f"{known}: cannot be read: there is no such file")
    check_contact(settings, seeds)
    settings = dried(arguments, settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(arguments, settings, seeds))


async def _run(arguments: argparse.Namespace, settings: Settings, seeds: list[str]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    preparing = asyncio.current_task()

    def on_signal() -> None:
        stop.set()
        if preparing is not None:
            preparing.cancel()  # importing a long list, say: it is simply repeated next time

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    async with State(arguments.state, settings, exclusive=True, create=True) as state:
        for known in arguments.known:
            await import_list(state, known.stem, known, settings.lists, quiet=arguments.quiet)
        connection = await connect(state.server.dsn("crawl", "pisaura_frontier"))
        try:
            operator = OperatorStore(connection)
            if seeds:
                await operator.add_seeds(seeds, time.time())
            if not contact_of(settings.user_agent):
                # Seeds of earlier runs too: who forgets the settings must not have all hosts of a crawl refused.
                settings = check_contact(settings, [seed async for seed in stored_seeds(operator)])
        finally:
            await connection.close()
        crawl = Embedded(state, settings, pages_limit=arguments.max_pages)
        await crawl.start()
        preparing = None
        server = None
        try:
            if arguments.metrics:
                from backends.http import HttpServer

                server = HttpServer(arguments.metrics, crawl, _Health(crawl), named="--metrics")
                await server.start()
            failure = await _until_done(crawl, stop, arguments)
        finally:
            last_resort = loop.call_later(HARD_STOP, os._exit, 1)
            if server is not None:
                await server.stop()
            await crawl.finish()
            last_resort.cancel()
        if failure is not None:
            raise describe(failure) from failure
        if not arguments.quiet:
            await _conclude(state)
    return 0


async def _conclude(state: State) -> None:
    """What was found, and where to look next."""
    dsn = state.server.dsn("crawl", "pisaura_frontier")
    await summary.show(dsn, state.vault_dsn(), opener(state.keys), sys.stdout)
    given = f"--state {state.folder}"
    print(f"Next: crawlctl status {given}  |  crawlctl matches {given} --json  |  crawlctl explain {given} URL")


class _Health:
    """`contracts.health.Health` of a crawl in one process."""

    def __init__(self, crawl: Embedded) -> None:
        self._crawl = crawl

    def live(self) -> list[str]:
        return ["a loop of the crawl has ended"] if self._crawl.failed() is not None else []

    def ready(self) -> list[tuple[str, str]]:
        why = self._crawl.frontier.unready
        return [("frontier", why)] if why else []


async def _until_done(crawl: Embedded, stop: asyncio.Event, arguments: argparse.Namespace) -> BaseException | None:
    progress = Progress()
    ends_at = time.monotonic() + arguments.max_time if arguments.max_time else float("inf")
    idle = 0
    try:
        while not stop.is_set() and time.monotonic() < ends_at:
            if (failure := crawl.failed()) is not None:
                return failure
            machine = crawl.frontier.machine
            if machine is not None and not arguments.quiet and progress.wanted():
                progress.show(figures(machine, crawl.matches))
            idle = idle + 1 if crawl.idle() else 0
            if idle >= IDLE_LOOKS and (arguments.until_idle or (machine is not None and machine.exhausted)):
                return None
            try:
                async with asyncio.timeout(0.1):
                    await stop.wait()
            except TimeoutError:
                continue
        return None
    finally:
        if not arguments.quiet:
            if crawl.frontier.machine is not None:
                progress.show(figures(crawl.frontier.machine, crawl.matches))
            progress.done()
