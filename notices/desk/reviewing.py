"""Acts of review: the next case, its facts, a decision with its basis, sums of the team (docs/domain.md, sections 2 and 4)."""

from typing import Final

from contracts.casedesk import CaseFile, TeamStats
from contracts.cases import Case, CaseState, Decision
from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.options import DAY
from contracts.people import Identity
from notices import events, reviews
from notices.desk import sight
from notices.desk.casing import case_for
from notices.desk.further import StatsAsked
from notices.desk.office import Office, person, said
from notices.desk.words import Asked, Became, CaseAsked, CaseShown, Decide, NextShown

TRIES: Final = 50
"""Cases passed over that this person may not decide, before it is said that none waits."""
PERIOD: Final = 30 * DAY
OURSELVES: Final = "own"
"""Whose an opinion is while operator.name is not set."""
REFUSED: Final = {
    "unknown_decision": f"a decision is one of {', '.join(reviews.DECISIONS)}",
    "unknown_basis": f"a basis is one of {', '.join(reviews.BASES)}",
    "metadata_never_releases": f"metadata-only may hold, dispute or close, never release; to release, the basis is {' or '.join(reviews.RELEASING)}",
    "close_needs_a_why": "to close a case needs a reason",
    "nobody": "nobody decides",
    "earlier_round": "the case was appealed or came back meanwhile: look at it again",
    "not_its_evidence": "the case has other evidence by now: look at it again",
}
"""Reasons of `notices.reviews.refused`, in words."""


async def next_(office: Office, who: Identity, asked: Asked, now: float) -> NextShown:
    """The case that waits longest for this person, claimed for half an hour; the same one until they decide or skip it: nothing
    advances by itself. Its place is never shown here."""
    for _ in range(TRIES):
        number = await office.store.next_review(who.name, who.account, now)
        if not number:
            return NextShown(None)
        file = await office.store.file(number)
        if not against(file.case, who):
            return NextShown(await case_for(office, who, file, "", "review.next", now))
        await office.store.skip(number, who.name, who.account, now)
    return NextShown(None)


def against(case: Case, who: Identity) -> str:
    """Why this case is not put before this person; empty if it may be. "Exact cases of verified entries are released in bulk, never
    put before a person": those are not in review. A word is said once; what two people hold, they may decide anew."""
    held = case.state == CaseState.HELD and reviews.outcome(case, case.entry_id) == reviews.HOLD
    if case.state != CaseState.IN_REVIEW and not held:
        return f"case {case.case_id} is {case.state}, and waits for no review"
    spoken = any(sight.same(who, one.person, one.account) for one in reviews.words(case, case.entry_id))
    return f"you have decided on case {case.case_id}; another person does so now" if spoken and not held else ""


def refusal(case: Case, word: Decision) -> str:
    """Why a word would not count, for people; empty if it does."""
    return REFUSED.get(why, why) if (why := reviews.refused(case, word)) else ""


async def show(office: Office, who: Identity, asked: CaseAsked, now: float) -> CaseShown:
    """A case in review; its place only for a purpose. UsageError for one that is not for people to look at."""
    file = await office.store.file(asked.case)
    if file.case.state != CaseState.IN_REVIEW:
        raise UsageError(
            f"case {asked.case} is {file.case.state}, and waits for no review; `crawlctl cases show` shows it"
        )
    return await case_for(office, who, file, asked.purpose, "review.show", now)


async def skip(office: Office, who: Identity, asked: CaseAsked, now: float) -> Became:
    """Put a case before others: "skipping needs no reason", and none is kept."""
    file = await office.store.file(asked.case)
    await office.store.skip(asked.case, who.name, who.account, now)
    return Became(asked.case, file.case.state)


async def decide(office: Office, who: Identity, asked: Decide, now: float) -> Became:
    """A person's word on a case. It counts for the entry that they were shown."""
    file = await office.store.file(asked.case)
    entry = asked.entry or file.case.entry_id
    if entry != file.case.entry_id:
        raise UsageError(f"case {asked.case} has another leading entry by now: look at it again before you decide")
    word = Decision(who.name, who.account, asked.decision, asked.basis, now, said(asked.why), file.case.round, entry)
    await office.trail.acted(who, "review.decide", str(asked.case), "", 0, now)
    return await decided(office, who, file, word, now)


async def decided(office: Office, who: Identity, file: CaseFile, word: Decision, now: float) -> Became:
    """Let a decision count. UsageError if the rules do not allow it. What two that agree bring about follows from the case
    (`notices.case`): a near match becomes an entry of our own, or its pair is suppressed. Where two dispute an exact match, it is the
    entry that is wrong: that is an opinion of our organisation."""
    case = file.case
    if refused := against(case, who) or refusal(case, word):
        raise UsageError(refused)
    after = await office.cases.apply(case.case_id, events.Decided(word))
    await office.store.decided(case.case_id, word.round, who.name, who.account, word.decision, word.basis, now)
    if reviews.outcome(after, word.entry_id) == reviews.DISPUTE and not _near(after, word.entry_id):
        await office.opinions.say(
            word.entry_id, Opinion(office.operator.name.strip() or OURSELVES, "dispute", word.why), person(who), now
        )
    return Became(case.case_id, after.state, True, [who.name])


def _near(case: Case, entry_id: int) -> bool:
    return any(one.entry_id == entry_id and one.near for one in case.evidence)


async def stats(office: Office, who: Identity, asked: StatsAsked, now: float) -> TeamStats:
    """Sums of the team: "`stats` shows team sums only". UsageError for a period that ends before it begins."""
    until = asked.until or now
    since = asked.since or until - PERIOD
    if since >= until:
        raise UsageError("--from: must be before --to")
    return await office.store.stats(since, until)
