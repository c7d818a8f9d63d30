"""Acts of release: exact cases in bulk, by counts and seeing none; verdicts that guards hold, by two people (docs/domain.md, section 2)."""

from typing import Final

from contracts.cases import CaseState
from contracts.errors import UsageError
from contracts.people import Identity
from notices import events
from notices.desk.further import Agreed, Matches, MatchesAsked, Ready, Release, Released, ReleaseMatch
from notices.desk.office import Office, person, said
from notices.desk.words import Asked

MOST: Final = 10_000
"""Cases of one release; more take another."""


async def ready(office: Office, who: Identity, asked: Asked, now: float) -> Ready:
    """How many exact cases wait, by list and recipient."""
    return Ready(await office.store.ready())


async def release(office: Office, who: Identity, asked: Release, now: float) -> Released:
    """Release what was counted. "A supervisor releases them in bulk from counts by list and recipient, seeing no case"; where the
    list lacks may_notify it takes two. UsageError if there are not as many any more: they must be counted again."""
    why = said(asked.why)
    lines = await office.store.ready()
    counted = next((line for line in lines if (line.list, line.recipient) == (asked.list, asked.recipient)), None)
    if counted is None or counted.cases != asked.cases:
        raise UsageError(
            f"{counted.cases if counted else 0} cases of this list and recipient wait now, not {asked.cases}: count them again"
        )
    by = [who.name]
    if not counted.may_notify:
        agreed = await office.store.ask("review.release", f"{asked.list} {asked.recipient}", why, person(who), now)
        if not agreed.done:
            return Released(0, 0, False, agreed.by)
        by = agreed.by
    subject = f"{asked.cases} of list {asked.list!r} to {asked.recipient!r}"
    await office.trail.acted(who, "review.release", subject, why, 0, now)
    released = stopped = 0
    for number, entry in await office.store.ready_cases(asked.list, asked.recipient, min(asked.cases, MOST)):
        case = await office.cases.apply(number, events.Released(tuple(by), entry, now))
        if case.state in (CaseState.READY, CaseState.HELD, CaseState.CLOSED):
            stopped += 1
        else:
            released += 1
    return Released(released, stopped, True, by)


async def matches(office: Office, who: Identity, asked: MatchesAsked, now: float) -> Matches:
    """A page of verdicts that a guard holds: tiny pictures, known-good files, frames that are in many videos."""
    return Matches(await office.store.held_matches((bytes.fromhex(asked.sha256), asked.entry), asked.limit))


async def release_match(office: Office, who: Identity, asked: ReleaseMatch, now: float) -> Agreed:
    """Let a held verdict count, at all places: takes two people."""
    why = said(asked.why)
    await office.trail.acted(who, "review.release_match", f"entry {asked.entry}", why, 0, now)
    agreed = await office.store.release_match(bytes.fromhex(asked.sha256), asked.entry, why, person(who), now)
    return Agreed(agreed.done, agreed.by)
