"""What the notices role does by the clock besides cases: it exports the end of the audit, and looks at what people should be told of.

The export is a line of a file that belongs where who can write the database cannot (docs/domain.md, section 4).
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from backends.postgres.vault_audit import VaultAudit, anchor
from backends.postgres.vault_watch import VaultWatch
from contracts.auditing import audit_key
from contracts.errors import UsageError
from contracts.metrics import Sample
from contracts.ports import Clock
from contracts.seal import Keys
from contracts.settings import Settings

log = logging.getLogger(__name__)

EVERY: Final = 60.0
HOUR: Final = 3600.0
WAITING: Final = ("found", "in_review", "ready", "held", "released")
"""States in which a case waits for us, not for a recipient."""
FIGURES: Final = {
    "lookups_failing": "pisaura_lookups_failing",
    "tell_age": "pisaura_tell_age_seconds",
    "retractions_late": "pisaura_retractions_late",
    "sending": "pisaura_sending",
    "keys_missing": "pisaura_case_keys_missing",
    "retention_at": "pisaura_retention_timestamp_seconds",
}


class Watch:
    """One process' look, `every` so often by its caller. `path` is None where nothing is exported."""

    def __init__(self, settings: Settings, keys: Keys, pool: Any, path: Path | None, clock: Clock) -> None:
        self._vault, self._clock, self._path = VaultWatch(pool), clock, path
        self._chain = VaultAudit(pool, audit_key(keys.series_key))
        self._live = settings.notices.sender != "folder"
        self._retract_within = settings.notices.retract_within
        self._figures: dict[str, float] = {}
        self._exported_at = 0.0
        self._said = ""

    async def look(self) -> None:
        """Look at the vault; export if an hour has passed. Raises Unavailable."""
        self._figures = await self._vault.figures(self._clock(), self._retract_within)
        if self._path is not None and self._clock() >= self._exported_at + HOUR:
            await self._export(self._path)

    async def _export(self, path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            end = await anchor(self._chain, path, self._clock())
        except (UsageError, OSError) as error:
            self._complain(f"{path.parent}: {error.strerror}" if isinstance(error, OSError) else str(error))
            return
        self._said = ""
        if end is not None:  # an audit without a line has no end
            self._exported_at = self._clock()

    def _complain(self, why: str) -> None:
        if why != self._said:
            log.error("the end of the audit is not exported: %s", why)
        self._said = why

    def samples(self) -> Iterator[Sample]:
        """Nothing before the first look."""
        if not self._figures:
            return
        for state in WAITING:
            yield "pisaura_case_age_seconds", (state,), self._figures.get(f"age:{state}", 0.0)
        for name, metric in FIGURES.items():
            yield metric, (), self._figures[name]
        yield "pisaura_sends_live", (), float(self._live)
        if self._path is not None:
            yield "pisaura_audit_anchor_timestamp_seconds", (), self._exported_at
