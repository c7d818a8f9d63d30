"""Sightings from the log to the hasher's service, and what nobody can handle set aside.

A sighting that makes the service fail is tried alone and parked if it fails again; those around it go on. Where a whole batch
fails that way, the fault is not in the messages: it is waited for, and nothing is parked.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from backends.snapshots import SnapshotFile
from contracts import seal
from contracts.errors import PisauraError, Unavailable, kind_and_place
from contracts.messages import DigestRecord, Match
from contracts.ports import Log, Record, Unreadable
from contracts.settings import Settings
from contracts.topics import DIGESTS, HASHERS, MATCHES
from crawlctl.roles.taker import Taker
from hasher.service import HasherService

log = logging.getLogger(__name__)

LISTS_EVERY: Final = 0.25
"""Seconds between two looks at changes of known lists: what changes counts within a second."""
BACKWARDS_EVERY: Final = 1.0
"""Seconds between two looks whether something is to be matched with what was seen earlier."""
TOGETHER: Final = 200
"""Sightings handed over at a time: a message may hold many, and no transaction may take long."""
SYSTEMATIC: Final = 8
"""From so many failures of nothing but failures on, the messages are not to blame."""


def snapshots(settings: Settings, folder: Path | None, keys: seal.HasherKeys | None) -> SnapshotFile | None:
    """Where the index's snapshot lies: in the folder of the settings, else in `folder`; None if there is neither, or no key."""
    matching = settings.matching
    where = Path(matching.snapshots) if matching.snapshots else folder
    if where is None or keys is None:
        if where is not None:
            log.warning(
                "matching.snapshots is set, and cluster.keys names no %s: no snapshot of the index is kept",
                seal.HASHER_FILE,
            )
        return None
    return SnapshotFile(where, keys.snapshot, matching.pdq_distance, Path(matching.shared_memory))


async def emit(bus: Log, matches: list[Match]) -> None:
    """Hand matches on; done when they are acked, Unavailable if they cannot be."""
    await bus.send(MATCHES, 0, matches)


def hashing(bus: Log, service: HasherService) -> Taker:
    """The loop that feeds a hasher."""

    async def fails(records: Sequence[Record]) -> str:
        """Why these cannot be handled, empty if they were."""
        try:
            await service.handle([record.message for record in records if isinstance(record.message, DigestRecord)])
        except PisauraError:  # a service that is away or refuses us: no fault of the messages
            raise
        except Exception as error:
            return kind_and_place(error)
        return ""

    async def handle(records: Sequence[Record]) -> None:
        sightings = [record for record in records if isinstance(record.message, DigestRecord)]
        for start in range(0, len(sightings), TOGETHER):
            some = sightings[start : start + TOGETHER]
            if await fails(some):
                bad = [(record, why) for record in some if (why := await fails([record]))]
                if len(bad) == len(some) >= SYSTEMATIC:
                    raise Unavailable(f"{len(bad)} sightings in a row fail, by a fault of ours: {bad[0][1]}")
                for record, why in bad:
                    await bus.park(record, why)
        for record in records:
            if not isinstance(record.message, (DigestRecord, Unreadable)):
                await bus.park(record, f"a {type(record.message).__name__} is no sighting")

    return Taker(bus, HASHERS, DIGESTS, handle)
