"""Files of a dry run go with the notices that they are of: they hold exact URLs, and retention cannot reach them (docs/domain.md, 4)."""

import asyncio
import logging
import os
import re
from pathlib import Path
from typing import Any, Final

from backends.postgres.vault_watch import VaultWatch
from contracts.ports import Clock

log = logging.getLogger(__name__)

EVERY: Final = 3600.0
TOGETHER: Final = 1_000
_NAME: Final = re.compile(r"\.?([0-9]{8,18})-[^/]+\.(eml|json)(\.new)?", re.ASCII)


class Drafts:
    """One folder. A file goes once its notice is gone from the vault, and it is older than `age` seconds besides: so a legal hold, which
    keeps the notice, keeps its file, and what another vault wrote there lately stays."""

    def __init__(self, folder: Path, age: float, pool: Any, clock: Clock) -> None:
        self._folder, self._age, self._vault, self._clock = folder, age, VaultWatch(pool), clock

    async def tidy(self) -> None:
        """Delete what is to go. Raises Unavailable; a file that cannot be deleted is told, and tried again."""
        old = await asyncio.to_thread(self._old)
        for start in range(0, len(old), TOGETHER):
            some = old[start : start + TOGETHER]
            there = await self._vault.notices_there(sorted({number for number, _ in some}))
            await asyncio.to_thread(_delete, [path for number, path in some if number not in there])

    def _old(self) -> list[tuple[int, Path]]:
        """(number of its notice, file) of those that are old enough."""
        before, found = self._clock() - self._age, []
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    name = _NAME.fullmatch(entry.name)
                    if name and entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < before:
                        found.append((int(name[1]), Path(entry.path)))
        except FileNotFoundError:
            pass
        except OSError as error:
            log.warning("the folder of the dry run cannot be read: %s", error.strerror)
        return found


def _delete(paths: list[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a file of the dry run cannot be deleted: %s", error.strerror)
