"""A hasher as a process: sightings from the log, lists and verdicts in the vault, matches to the log."""

from collections.abc import Iterator

from backends.postgres.connection import close, connect
from backends.postgres.migrate import require_current
from backends.postgres.vault_store import PostgresVault, close_pool, open_pool
from contracts.metrics import Sample
from crawlctl.roles import measures
from crawlctl.roles.hashing import BACKWARDS_EVERY, LISTS_EVERY, emit, hashing, snapshots
from crawlctl.roles.loops import persist
from crawlctl.roles.needs import hasher_keys
from crawlctl.roles.saying import OPINIONS_EVERY, hand_on
from crawlctl.roles.shell import Place
from crawlctl.roles.taker import Takes
from hasher.service import HasherService


class HasherRole(Takes):
    """`crawlctl.roles.shell.Role` of a hasher."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.tally)
        self._place = place
        self._settings = place.settings
        self._service: HasherService | None = None
        self._away = ""

    async def start(self) -> None:
        """Load the index, then take sightings."""
        dsn, keys = self._settings.postgres.vault, hasher_keys(self._settings)
        connection = await connect(dsn, name="pisaura-hasher", serving=True)
        try:
            await require_current(connection, "vault")
        finally:
            await close(connection)
        self._pool = await open_pool(dsn, most=self._settings.postgres.hasher_connections)
        try:
            service = HasherService(
                PostgresVault(self._pool, self._settings.lists),
                self._settings.matching,
                lambda matches: emit(self._tally, matches),
                self._place.clock,
                snapshots(self._settings, None, keys),
            )
            await service.start()
        except BaseException:
            self._pool.terminate()
            raise
        self._service, self._taker = service, hashing(self._tally, service)
        self._taker.hold(self._held)
        self._loops.spawn("hashing", self._taker.run())
        self._loops.spawn("lists", persist("lists", service.load, LISTS_EVERY, self._look))
        self._loops.spawn("backwards", persist("backwards", service.refresh, BACKWARDS_EVERY))
        self._loops.spawn("opinions", persist("opinions", hand_on(self._pool, self._place.clock), OPINIONS_EVERY))

    def hold(self, reason: str) -> None:
        """Take no sightings."""
        self._held = reason
        if self._taker is not None:
            self._taker.hold(reason)

    def _look(self, away: str) -> None:
        """A look at the lists went well, or the vault is away: known also while there are no sightings."""
        self._away = away

    def waits(self) -> list[tuple[str, str]]:
        """What it waits for."""
        why = (self._taker.waits_for if self._taker is not None else "") or self._away
        return [("hashing", why)] if why else []

    def counts(self) -> dict[str, float]:
        """Sightings taken, and the matches that came of them."""
        return {"sightings": self._tally.taken["sightings"], "matches": self._tally.sent["matches"]}

    def samples(self) -> Iterator[Sample]:
        """The hasher's metrics."""
        if self._service is not None:
            yield from measures.matching(self._service)

    async def stop(self, seconds: float) -> None:
        """Finish the batch at hand, commit it, leave the group."""
        if self._taker is not None:
            self._taker.stop()
            await self._loops.ended("hashing", seconds)
            await self._loops.end()
            if self._service is not None:
                await self._service.stop()
            await close_pool(self._pool, 1.0)


role = HasherRole
