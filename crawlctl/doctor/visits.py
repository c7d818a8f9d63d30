"""Visits to the databases: what is asked there, in which order, and what one answer spares the next question."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Final

from backends.postgres.inspection import Held, Inspection, inspecting, other_database, shut, wanted_grants
from contracts.sites import psl_sha256
from crawlctl.doctor import clocks, databases, permissions
from crawlctl.doctor.findings import Check, Finding, carry_out, warning

READINGS: Final = 5
"""Times that a clock is read; the quickest answer counts."""
CLOCK: Final = "clock of Postgres"
OTHER: Final = {"crawl": "vault", "vault": "crawl"}
_LOG: Final = "look at the server's log"


class Visit:
    """A visit to `crawl` or `vault`. `wanted` partitions are what the settings say, None where they do not count."""

    def __init__(self, database: str, *, wanted: int | None, lease: float, max_skew: float) -> None:
        self.database = database
        self.held: list[Held] = []
        """The partitions, once they were read."""
        self._wanted, self._lease, self._max_skew = wanted, lease, max_skew
        self._stack = AsyncExitStack()
        self._inspection: Inspection | None = None
        self._migrated = False

    async def findings(self, dsn: str) -> AsyncIterator[Finding]:
        """Log in and look at everything there."""

        async def enter() -> list[Finding]:
            self._inspection = await self._stack.enter_async_context(inspecting(dsn))
            return []

        async with self._stack:
            for finding in await carry_out(
                Check(self.database, enter, f"see postgres.{self.database}, and {_LOG[5:]}")
            ):
                yield finding
            for check in self._checks() if self._inspection else ():
                for finding in await carry_out(check):
                    yield finding

    def _checks(self) -> list[Check]:
        name = self.database
        checks = [
            Check(name, self._about, _LOG),
            Check(f"{name} migrations", self._migrations, "run the version of crawlctl that fits, or a later one"),
            Check(f"{name} rights", self._rights, _LOG),
        ]
        if name == "crawl":
            checks += [Check("partitions", self._partitions, _LOG), Check(CLOCK, self._clock, _LOG)]
        return checks

    @property
    def _ask(self) -> Inspection:
        assert self._inspection is not None
        return self._inspection

    async def _about(self) -> list[Finding]:
        about = await self._ask.about()
        return [
            databases.judge_version(self.database, about.version),
            permissions.judge_user(f"{self.database} user", about, self.database),
        ]

    async def _migrations(self) -> list[Finding]:
        missing = await self._ask.missing(self.database)
        self._migrated = not missing
        return [databases.judge_migrations(f"{self.database} migrations", missing)]

    async def _rights(self) -> list[Finding]:
        doors = permissions.judge_doors(f"{self.database} doors", await self._ask.doors(), self.database)
        if not self._migrated:
            return [doors, self._spared("rights")]
        found, wanted = await self._ask.grants(), wanted_grants(self.database)
        return [doors, permissions.judge_grants(f"{self.database} rights", found, wanted, self.database)]

    async def _partitions(self) -> list[Finding]:
        if not self._migrated:
            return [self._spared("partitions")]
        fixed, self.held = await self._ask.fixed(), await self._ask.partitions()
        shards, now = await self._ask.shards(), await self._ask.clock()
        found = [
            databases.judge_suffixes("suffix list", fixed.get("psl_sha256", ""), psl_sha256()),
            databases.judge_count("partitions", fixed.get("partitions", ""), len(self.held), self._wanted),
        ]
        if self.held and self._wanted is not None:  # on one machine nobody need be running
            found.append(databases.judge_owners("owners", self.held, shards, now, self._lease))
        return found

    def _spared(self, what: str) -> Finding:
        return warning(f"{self.database} {what}", "not looked at: migrations are missing", "run `crawlctl migrate`")

    async def _clock(self) -> list[Finding]:
        readings = []
        for _ in range(READINGS):
            asked = time.time()
            theirs = await self._ask.clock()
            readings.append(clocks.reading(asked, theirs, time.time()))
        return [clocks.judge_clock(CLOCK, "Postgres", readings, self._max_skew)]


async def doors(dsns: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Try to open each database with the user of the other one. `dsns` by database, empty where the settings name none."""
    for database, user in dsns.items():
        if not user:
            continue
        other = OTHER[database]

        async def look(database: str = database, user: str = user, other: str = other) -> list[Finding]:
            said = await shut(user, dsns[other] or other_database(user, other))
            return [permissions.judge_shut(f"{other} shut", database, other, said)]

        for finding in await carry_out(
            Check(f"{other} shut", look, "it could not be tried; is the other database there?")
        ):
            yield finding
