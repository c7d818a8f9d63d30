"""All checks in their order, one answer after the other: of a cluster by its settings, or of a state on this machine."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from backends.postgres.inspection import Held
from backends.postgres.migrate import require_current
from backends.postgres.supervisor import Supervisor
from backends.postgres.vault_store import close_pool, open_pool
from backends.postgres.vault_watch import VaultWatch
from contracts.settings import Settings
from contracts.topics import OUTCOMES, URLS
from crawlctl.doctor import cases, given, guard, keyfiles, machine
from crawlctl.doctor.databases import judge_offsets
from crawlctl.doctor.findings import Check, Finding, carry_out, ok
from crawlctl.doctor.logvisits import LogVisit, settled
from crawlctl.doctor.visits import Visit, doors
from crawlctl.roles.casework import FOLDER

STARTING: Final = 120.0
"""Seconds that the embedded server may take to start, a recovery included."""
EMBEDDED: Final = {"crawl": "pisaura_frontier", "vault": "pisaura_hasher"}
"""As whom the embedded databases are looked at."""


async def of_state(settings: Settings, folder: Path) -> AsyncIterator[Finding]:
    """A state that exists; its Postgres is started for this if nobody uses it. Nothing is migrated or written."""
    for check in (
        _given(settings, [], cluster=False),
        _contact(settings),
        Check(keyfiles.CHECK, _now(lambda: keyfiles.look_at_state_keys(folder)), ""),
    ):
        for finding in await carry_out(check):
            yield finding
    server = Supervisor(folder, settings.storage)
    async with AsyncExitStack() as stack:

        async def start() -> list[Finding]:
            await stack.enter_async_context(server)
            return [ok("postgres", "the embedded server answers")]

        started = await carry_out(Check("postgres", start, f"see {server.layout.log}"), STARTING)
        for finding in started:
            yield finding
        if started[0].verdict == "ok":
            dsns = {database: server.dsn(database, role) for database, role in EMBEDDED.items()}
            async for finding in _databases(settings, dsns, None, []):
                yield finding
            for finding in await carry_out(_vault_cases(settings, server.dsn("vault", "pisaura_notices"))):
                yield finding
    for check in (
        *_cases(settings, "notices", folder),
        *_machine(settings),
        Check(machine.DISK, _now(lambda: machine.look_at_disk(folder)), ""),
    ):
        for finding in await carry_out(check):
            yield finding


async def of_cluster(
    settings: Settings, file: Path | None, sources: Mapping[str, str], role: str = ""
) -> AsyncIterator[Finding]:
    """What the settings name, as one role is given them, or an operator.

    `sources` tell where each setting came from, as `crawlctl.settings.load` says.
    """
    for check in (
        _given(settings, given.look_at_secrets(file, sources), cluster=True, role=role),
        _contact(settings),
        Check(keyfiles.CHECK, _now(lambda: keyfiles.look_at_cluster_keys(settings.cluster.keys, role)), ""),
    ):
        for finding in await carry_out(check):
            yield finding
    partitions = await settled(settings.cluster.partitions, settings.postgres.crawl)
    log = LogVisit(settings, partitions)
    if settings.kafka.bootstrap:
        async for finding in log.findings():
            yield finding
    dsns = {"crawl": settings.postgres.crawl, "vault": settings.postgres.vault}
    held: list[Held] = []
    async for finding in _databases(settings, dsns, settings.cluster.partitions, held):
        yield finding
    if held and log.ranges:
        yield judge_offsets("offsets", held, log.ranges, URLS, OUTCOMES)
    last = [*_cases(settings, role, None), *_machine(settings)]
    if role == "notices" and settings.postgres.vault:
        last.insert(0, _vault_cases(settings, settings.postgres.vault))
    for check in last:
        for finding in await carry_out(check):
            yield finding


def _cases(settings: Settings, role: str, folder: Path | None) -> list[Check]:
    """What the notices role and Shield are given, where these settings are for one of them. `folder` is a state's."""
    concern = cases.concern(settings, role)
    dry = (folder or Path()) / FOLDER
    looks = {
        cases.RECIPIENTS: lambda: cases.look_at_recipients(settings),
        cases.SENDERS: lambda: cases.look_at_senders(settings, dry),
        cases.MAILBOX: lambda: cases.look_at_mailbox(settings),
        cases.ANCHOR: lambda: cases.look_at_anchor(settings, folder),
        cases.PEOPLE: lambda: cases.look_at_people(settings),
        cases.API: lambda: cases.look_at_api(settings, time.time()),
    }
    found = [Check(name, _now(look), "") for name, look in looks.items()] if "notices" in concern else []
    if "shield" in concern:
        found.append(Check(cases.SHIELD, _now(lambda: cases.look_at_shield(settings, time.time())), ""))
    return found


def _vault_cases(settings: Settings, dsn: str) -> Check:
    """What the vault says of cases, to the notices role."""

    async def look() -> list[Finding]:
        pool = await open_pool(dsn, most=1, serving=False)
        try:
            async with pool.acquire() as connection:
                await require_current(connection, "vault")
            figures = await VaultWatch(pool).figures(time.time(), settings.notices.retract_within)
        finally:
            await close_pool(pool, 1.0)
        return cases.judge_vault(figures, live=settings.notices.sender != "folder", now=time.time())

    return Check(cases.CASES, look, "see the checks of the vault; the notices role logs in as pisaura_notices")


def _now(look: Callable[[], list[Finding]]) -> Callable[[], Awaitable[list[Finding]]]:
    """A look that needs no waiting, as a check wants it."""

    async def later() -> list[Finding]:
        return look()

    return later


def _given(settings: Settings, more: list[Finding], *, cluster: bool, role: str = "") -> Check:
    judge = partial(given.judge_settings, settings, cluster=cluster, role=role)
    return Check(given.SETTINGS, _now(lambda: [*judge(), *more]), "correct the settings")


def _contact(settings: Settings) -> Check:
    return Check(given.CONTACT, _now(lambda: [given.judge_contact(settings)]), "correct user_agent")


async def _databases(
    settings: Settings, dsns: Mapping[str, str], wanted: int | None, held: list[Held]
) -> AsyncIterator[Finding]:
    """Both databases and their doors; what the crawl's partitions have read goes to `held`."""
    for database, dsn in dsns.items():
        visit = Visit(database, wanted=wanted, lease=settings.cluster.lease, max_skew=settings.cluster.max_skew)
        if dsn:
            async for finding in visit.findings(dsn):
                yield finding
            held += visit.held
    async for finding in doors(dsns):
        yield finding


def _machine(settings: Settings) -> list[Check]:
    return [
        Check(guard.CHECK, _now(lambda: guard.judge_guard(settings.addresses)), ""),
        Check(machine.CORES, _now(machine.look_at_cores), ""),
        Check(machine.FILES, _now(lambda: machine.look_at_files(settings.caps.connections)), ""),
        Check(machine.INDEX, _now(machine.look_at_index), ""),
    ]
