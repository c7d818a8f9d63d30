"""Acts on notices: listed, previewed, tried again, switched on by two people, appealed against."""

from typing import Final

from contracts.casedesk import CaseFile
from contracts.cases import Target
from contracts.errors import UsageError
from contracts.notices import FIRST, ORIGIN, PAGE, PARTNER, Notice, NoticePlace, Unfit
from contracts.people import Identity
from contracts.recipients import Recipient
from notices import events, reviews
from notices.compose.whole import compose
from notices.desk import sight
from notices.desk.casing import place_for
from notices.desk.further import (
    Appeal,
    Notices,
    NoticesAsked,
    Preview,
    Previews,
    Retried,
    RetryAsked,
    SendAsked,
    Sending,
)
from notices.desk.office import Denied, Office, person, said
from notices.desk.words import Became, CaseAsked, Place

SENDING: Final = "sending"
AUTO: Final = "auto"
ON: Final = "on"
OFF: Final = "off"
STATES: Final = ("made", "sending", "accepted", "written", "refused", "failed", "bounced", "held")
HIDDEN: Final = "https://sealed.invalid/"
"""What stands in a preview where the place would."""


async def ls(office: Office, who: Identity, asked: NoticesAsked, now: float) -> Notices:
    """A page of notices. UsageError for a state that there is none of."""
    for state in asked.states:
        if state not in STATES:
            raise UsageError(f"there is no state {state[:40]!r}; there are {', '.join(STATES)}")
    lines = await office.store.notices(asked.states, asked.after, asked.limit)
    return Notices(lines, lines[-1].notice if len(lines) == asked.limit else 0)


async def preview(office: Office, who: Identity, asked: CaseAsked, now: float) -> Previews:
    """What each recipient of a case would be told now. Without a purpose its place is not in it."""
    file = await office.store.file(asked.case)
    place = await place_for(office, who, file, asked.purpose, "notices.preview", now)
    wanted = [target for target in file.case.targets if target.recipient and not target.former]
    known = await office.store.recipients([target.recipient for target in wanted])
    found, seen = [], set()
    for target in wanted:
        if target.recipient in known and target.recipient not in seen:
            seen.add(target.recipient)
            found.append(_preview(office, file, place, target, known[target.recipient], now))
    why = "" if found else "nobody who could be told is known" if not file.case.why else file.case.why
    return Previews(found, why)


def _preview(office: Office, file: CaseFile, place: Place, target: Target, recipient: Recipient, now: float) -> Preview:
    case = file.case
    kind = _kind(target)
    languages = office.operator.languages or ["en"]
    notice = Notice(
        0, kind, recipient, recipient.language or languages[0], f"preview-{case.case_id}@preview.invalid", f"preview-{case.case_id}",
        now, (_told(file, place),),
    )  # fmt: skip
    try:
        whole = compose(notice, office.operator)
    except Unfit as error:
        return Preview(case.case_id, recipient.key, kind, notice.language, "", str(error), {})
    attached = {one.name: one.data.decode("utf-8", "replace") for one in whole.attachments} if place.shown else {}
    return Preview(case.case_id, recipient.key, kind, notice.language, whole.subject, whole.text, attached)


def _kind(target: Target) -> str:
    if target.place:
        return PAGE
    return {"reverse-proxy": ORIGIN, "partner": PARTNER}.get(target.klass, FIRST)


def _told(file: CaseFile, place: Place) -> NoticePlace:
    case, medium = file.case, file.medium
    url, pages, address = (place.url, tuple(place.pages), place.address) if place.shown else (HIDDEN, (), "")
    leading = next((one for one in case.evidence if one.entry_id == case.entry_id), None)
    return NoticePlace(
        case.case_id, url, pages, address, case.first_seen or case.opened_at, case.confirmed_at, medium.size, medium.media_type,
        case.sha256, case.near, case.category, case.legality, case.kind, bool(leading and leading.confirmed),
    )  # fmt: skip


async def retry(office: Office, who: Identity, asked: RetryAsked, now: float) -> Retried:
    """Let notices be handed over again. UsageError if this one is none that waits for a person."""
    await office.trail.acted(who, "notices.retry", str(asked.notice or "all that failed"), "", 0, now)
    again = await office.store.retry(asked.notice, now)
    if asked.notice and not again:
        raise UsageError(
            f"notice {asked.notice} is none that failed, was refused or bounced; `crawlctl notices ls` lists them"
        )
    return Retried(again)


async def send(office: Office, who: Identity, asked: SendAsked, now: float) -> Sending:
    """Switch sending on, which takes two people, or off, which one may do at once. Auto-send likewise."""
    name, value = AUTO if asked.auto else SENDING, ON if asked.on else OFF
    why = said(asked.why) if asked.on else " ".join(asked.why.split())
    await office.trail.acted(who, "notices.send", f"{name} {value}", why, 0, now)
    agreed = await office.store.set_switch(name, value, why, person(who), now, 2 if asked.on else 1)
    switched = {one: await office.store.switch(one) == ON for one in (SENDING, AUTO)}
    return Sending(switched[SENDING], switched[AUTO], agreed.done, agreed.by)


async def appeal(office: Office, who: Identity, asked: Appeal, now: float) -> Became:
    """Somebody told appeals: notices pause. "A person not involved decides again": Denied for who was."""
    why, case = said(asked.why), (await office.store.file(asked.case)).case
    event: events.Event = events.Appealed(now, why)
    if asked.decide:
        if not case.paused:
            raise UsageError(f"nobody has appealed against case {asked.case}")
        if reviews.involved(case, who.name) or any(sight.same(who, one.person, one.account) for one in case.decisions):
            raise Denied("you had a part in this case: a person who was not involved decides on the appeal")
        event = events.AppealDecided(who.name, asked.decide == "granted", why, now)
    elif not any(target.informed or target.told_at for target in case.targets):
        raise UsageError(f"nobody was told of case {asked.case}, so nobody can appeal")
    await office.trail.acted(who, "notices.appeal", str(asked.case), why, 0, now)
    after = await office.cases.apply(asked.case, event)
    return Became(asked.case, after.state, True, [who.name])
