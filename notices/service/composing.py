"""What waits to be told becomes notices: planned by `notices.grouping`, one at a time, each in one transaction (domain, section 2).

What a case wished a minute ago may be wrong now: in the transaction that makes a notice its evidence is read again, and it is
asked again whether this recipient may be told. Message-ID, idempotency key and all that is told are fixed here, so that the notice
is the same however often it is handed over. One process composes at a time, so that the brakes count right.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from contracts.caserows import NoticeRow, Tell, Told
from contracts.cases import Case
from contracts.casestore import CaseWork
from contracts.notices import REMINDER, RETRACTION, NoticePlace
from contracts.options import DAY
from contracts.recipients import Recipient
from notices import events
from notices.grouping import AHEAD, Planned, Waiting, plan
from notices.service.steps import Cases, Happens, Stepped

log = logging.getLogger(__name__)

RECIPIENTS: Final = 20
"""Recipients looked at together."""
TOKEN_BYTES: Final = 16
ANSWERS: Final = (REMINDER, RETRACTION)
"""Kinds of notices that answer an earlier one."""


class Composing:
    """Makes notices. `token` gives bytes by chance that nobody guesses, `domain` is that of Message-IDs."""

    def __init__(self, cases: Cases, token: Callable[[int], bytes], domain: str) -> None:
        self._cases, self._token, self._domain = cases, token, domain
        self._said_braked = False

    async def compose(self) -> int:
        """Make the next notice, if one is due; how many tells are dealt with."""
        limits, now = self._cases.limits.notices, self._cases.clock()
        async with self._cases.vault.work() as work:
            tells = await work.waiting_tells(now + AHEAD, now - limits.recipient_every, RECIPIENTS, limits.places)
            if not tells:
                return 0
            known = await work.recipients([one.recipient for one in tells])
            last = {key: told_at for key, (_, told_at) in known.items() if told_at}
            left = limits.per_day - await work.made_since(now - DAY)
            planned = plan([self._waiting(one, known) for one in tells], last, now, left, limits)
            self._brake(planned.braked)
            if not planned.notices:
                return 0
            chosen = planned.notices[0]
            await self._make(work, chosen, known[chosen.recipient][0], now)
        return len(chosen.told)

    def _waiting(self, tell: Tell, known: Mapping[str, tuple[Recipient, float]]) -> Waiting:
        language = self._language(known[tell.recipient][0])
        return Waiting(tell.case_id, tell.recipient, tell.kind, tell.due_at, language, tell.place)

    def _language(self, recipient: Recipient) -> str:
        ours = self._cases.limits.operator.languages or ["en"]
        return recipient.language if recipient.language in ours else ours[0]

    def _brake(self, braked: bool) -> None:
        if braked and not self._said_braked:
            self._cases.alerts["brake_day"] += 1
            log.warning("notices wait: as many as may be made in a day (notices.per_day) were made")
        self._said_braked = braked

    async def _make(self, work: CaseWork, planned: Planned, recipient: Recipient, now: float) -> None:
        """Ask the cases again, and make the notice of what they still wish."""
        locked = await work.lock([one.case_id for one in planned.told])
        await work.tell(sorted({one.case_id for one in planned.told} - locked.keys()), [])  # deleted, or damaged
        evidence = await work.evidence(sorted({one.case.sha256 for one in locked.values()}))
        happens = {
            number: Happens((events.EvidenceChanged(evidence[one.case.sha256], now), events.Tick()))
            for number, one in locked.items()
        }
        stepped = await self._cases.step(work, locked, happens, now)
        told = [one for one in planned.told if one.case_id in stepped and _wished(one, stepped[one.case_id])]
        if not told:
            return
        grounds = {tell.entry_id for one in told for tell in stepped[one.case_id].tells if _same(one, tell)}
        after = {number: one.locked for number, one in stepped.items()}
        media = await work.media([(one.case.place, one.case.sha256) for one in after.values()])
        rows = []
        for one in told:
            case = after[one.case_id].case
            medium = media[(case.place, case.sha256)]
            rows.append(Told(one.case_id, one.place, _facts(case, medium.size, medium.media_type)))
        earlier = await self._earlier(work, planned, told)
        await work.add_notice(
            NoticeRow(
                planned.kind, recipient, planned.language, f"{self._token(TOKEN_BYTES).hex()}@{self._domain}",
                self._token(TOKEN_BYTES).hex(), now, now, tuple(rows), earlier,
            )
        )  # fmt: skip
        if planned.kind != RETRACTION:
            await work.told_of(sorted(grounds - {0}), recipient.key, now)
        composed = {
            number: Happens((
                events.Composed(
                    planned.kind, recipient.key, tuple(one.place for one in told if one.case_id == number), now
                ),
            ))
            for number in sorted({one.case_id for one in told})
        }  # fmt: skip
        await self._cases.step(work, after, composed, now)
        self._cases.done[f"notice_{planned.kind}"] += 1

    async def _earlier(self, work: CaseWork, planned: Planned, told: Sequence[Waiting]) -> str:
        """The Message-ID of the notice that this one answers."""
        if planned.kind not in ANSWERS:
            return ""
        row = await work.last_notice(told[0].case_id, planned.recipient)
        return row.message_id if row is not None else ""


def _same(one: Waiting, tell: events.Tell) -> bool:
    return (tell.recipient, tell.place, tell.kind) == (one.recipient, one.place, one.kind)


def _wished(one: Waiting, stepped: Stepped) -> bool:
    if one.kind == RETRACTION:
        return any(retract.recipient == one.recipient for retract in stepped.retracts)
    return any(_same(one, tell) for tell in stepped.tells)


def _facts(case: Case, size: int, media_type: str) -> NoticePlace:
    """All that is told of a case but where it is."""
    leading = next((one for one in case.evidence if one.entry_id == case.entry_id), None)
    return NoticePlace(
        case.case_id, "", (), "", case.first_seen or case.opened_at, case.confirmed_at, size, media_type, case.sha256, case.near,
        case.category, case.legality, case.kind, leading is not None and leading.confirmed,
    )  # fmt: skip


def placed(facts: NoticePlace, url: str, address: str, pages: Sequence[str]) -> NoticePlace:
    """The same with where it is."""
    return replace(facts, url=url, address=address, pages=tuple(pages))
