"""A message that breaks the machine is found and parked; nothing before or behind it is lost or held up.

After a step failed for no foreseen reason, its messages are handled again one at a time, each from what is stored. One that
fails alone is poison: it goes to the dead letters, and the next time it is stepped over.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from contracts.errors import PisauraError, kind_and_place
from contracts.ports import Log, Record, Unreadable, offsets_after

log = logging.getLogger(__name__)

MOST: Final = 100
"""Poisonous messages after which it is not the messages: the process ends, and somebody has to look."""


class Poison:
    """Which messages are suspected, and which are known to be poison."""

    def __init__(self) -> None:
        self._handled: list[Record] = []
        self._nth = 0
        self._until: dict[tuple[str, int], int] = {}
        self._known: dict[tuple[str, int, int, int], str] = {}
        self.parked = 0

    @property
    def suspected(self) -> bool:
        """Whether messages are to be handled one by one."""
        return bool(self._until)

    def limit(self, usual: int) -> int:
        """Records to ask for at a time."""
        return 1 if self._until else usual

    def only(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Partitions that are not ours are no suspects of ours."""
        if offsets:
            self._until = {key: offset for key, offset in self._until.items() if key in offsets}

    @contextmanager
    def handling(self, records: Sequence[Record], nth: int = 0) -> Iterator[None]:
        """These are being handled: if that fails for no foreseen reason, they are asked about by `caused`. `nth`: the place within
        its record."""
        self._handled, self._nth = list(records), nth
        try:
            yield
        except PisauraError:
            self._handled = []
            raise
        self._handled = []

    def caused(self, error: Exception) -> bool:
        """Whether a message may have caused an error. Then it is looked for; false if none was being handled, if it fails even
        though one is stepped over, or if far too many seem to be poison."""
        records, self._handled = self._handled, []
        if not records or isinstance(error, PisauraError) or len(self._known) >= MOST:
            return False
        said = kind_and_place(error)
        one = records[0]
        if (one.topic, one.partition, one.offset, self._nth) in self._known:
            return False
        if len(records) == 1 and one.offset <= self._until.get((one.topic, one.partition), -1):
            log.error("a message in %s/%d at %d breaks the machine: %s", one.topic, one.partition, one.offset, said)
            self._known[one.topic, one.partition, one.offset, self._nth] = said
        else:
            log.error("a step of %d messages failed, they are handled again one by one: %s", len(records), said)
            for record in records:
                self._until[record.topic, record.partition] = record.offset
        return True

    async def checked(self, record: Record, nth: int, bus: Log) -> Record:
        """The record, or what stands for it once it is parked."""
        why = self._known.get((record.topic, record.partition, record.offset, nth))
        if why is None:
            return record
        await bus.park(record, why)
        self.parked += 1
        return Record(record.topic, record.partition, record.offset, Unreadable(why))

    def passed(self, records: Sequence[Record]) -> None:
        """These are handled and committed."""
        for key, offset in offsets_after(records).items():
            if key in self._until and offset > self._until[key]:
                del self._until[key]
                self._known = {
                    place: why for place, why in self._known.items() if place[:2] != key or place[2] >= offset
                }
