"""The hasher role: sightings in, verdicts out; and what was seen earlier, matched with what lists say now.

Verdicts are committed before they are emitted, and a message that is handled again emits again: consumers tell repeats by
(medium, entry, place). See `contracts.vault` for why no entry that is added meanwhile is missed.

In reading order: `keeper` (the index, as new as the vault, from a snapshot if there is one), `stops` (frames that count no more), `judge` (media to verdicts),
`retro` (everything seen, with entries that came later), `role` (all of it, for one process).
"""

from hasher.service.role import HasherService

__all__ = ["HasherService"]
