"""Sightings from the log to the hasher's service, and what nobody can handle set aside.

A sighting that makes the service fail is tried alone and parked if it fails again; those around it go on. Where a whole batch
fails that way, the fault is not in the messages: it is waited for, and nothing is parked.
"""

import logging
from collections.abc import Sequence
from typing import Final

from contracts.errors import Unavailable, kind_and_place
from contracts.messages import DigestRecord, Match
from contracts.ports import Log, Record, Unreadable
from contracts.topics import DIGESTS, HASHERS, MATCHES
from crawlctl.roles.taker import Taker
from hasher.service import HasherService

log = logging.getLogger(__name__)

LISTS_EVERY: Final = 2.0
"""Seconds between two looks at changes of known lists."""
SYSTEMATIC: Final = 8
"""From so many failures of nothing but failures on, the messages are not to blame."""


async def emit(bus: Log, matches: list[Match]) -> None:
    """Hand matches on; done when they are acked, Unavailable if they cannot be."""
    await bus.send(MATCHES, 0, matches)


def hashing(bus: Log, service: HasherService) -> Taker:
    """The loop that feeds a hasher."""

    async def fails(records: Sequence[Record]) -> str:
        """Why these cannot be handled, empty if they were."""
        try:
            await service.handle([record.message for record in records if isinstance(record.message, DigestRecord)])
        except Unavailable:
            raise
        except Exception as error:
            return kind_and_place(error)
        return ""

    async def handle(records: Sequence[Record]) -> None:
        sightings = [record for record in records if isinstance(record.message, DigestRecord)]
        if await fails(sightings):
            bad = [(record, why) for record in sightings if (why := await fails([record]))]
            if len(bad) == len(sightings) >= SYSTEMATIC:
                raise Unavailable(f"{len(bad)} sightings in a row cannot be handled, by a fault of ours: {bad[0][1]}")
            for record, why in bad:
                log.error("a sighting is set aside (partition %d, offset %d): %s", record.partition, record.offset, why)
                await bus.park(record, why)
        for record in records:
            if not isinstance(record.message, (DigestRecord, Unreadable)):
                await bus.park(record, f"a {type(record.message).__name__} is no sighting")

    return Taker(bus, HASHERS, DIGESTS, handle)
