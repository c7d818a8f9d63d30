"""The acts of the desk by name: what each asks and answers, and who may do it. Asked in one place, `perform`."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from contracts.casedesk import TeamStats
from contracts.errors import UsageError
from contracts.people import PERMISSIONS, Identity, may
from notices.desk import casing, further, handing, noticing, releasing, reviewing, words
from notices.desk.office import Denied, Office


class Act(Struct, frozen=True):
    """An act: the row of `contracts.people.PERMISSIONS` that allows it, what it is asked with, what it answers, what it does."""

    permission: str
    asks: type[Struct]
    answers: type[Struct]
    does: Callable[[Office, Identity, Any, float], Awaitable[Struct]]


ACTS: Final[dict[str, Act]] = {
    "cases.ls": Act("cases.ls", words.CasesAsked, words.Cases, casing.ls),
    "cases.counts": Act("cases.ls", words.Asked, words.Counts, casing.counts),
    "cases.show": Act("cases.show", words.CaseAsked, words.CaseShown, casing.show),
    "cases.close": Act("cases.close", words.Reasoned, words.Became, casing.close),
    "cases.stop": Act("cases.close", words.Reasoned, words.Became, casing.stop),
    "cases.resume": Act("cases.close", words.Reasoned, words.Became, casing.resume),
    "cases.retract": Act("cases.close", words.Reasoned, words.Became, casing.retract),
    "cases.clear": Act("cases.close", words.Authorised, words.Became, casing.clear),
    "cases.tell": Act("cases.close", words.Directed, words.Became, casing.tell),
    "cases.hold": Act("cases.hold", words.Authorised, words.Became, casing.hold),
    "cases.unhold": Act("cases.hold", words.Reasoned, words.Became, casing.unhold),
    "review.next": Act("review.next", words.Asked, words.NextShown, reviewing.next_),
    "review.show": Act("review.show", words.CaseAsked, words.CaseShown, reviewing.show),
    "review.skip": Act("review.next", words.CaseAsked, words.Became, reviewing.skip),
    "review.decide": Act("review.decide", words.Decide, words.Became, reviewing.decide),
    "review.stats": Act("review.stats", further.StatsAsked, TeamStats, reviewing.stats),
    "review.ready": Act("review.release", words.Asked, further.Ready, releasing.ready),
    "review.release": Act("review.release", further.Release, further.Released, releasing.release),
    "review.matches": Act("review.decide", further.MatchesAsked, further.Matches, releasing.matches),
    "review.release_match": Act("review.decide", further.ReleaseMatch, further.Agreed, releasing.release_match),
    "review.handoff": Act("review.handoff", words.CaseAsked, further.Handed, handing.hand),
    "review.handoff_keys": Act("review.handoff", words.Asked, further.HandoffKeys, handing.keys),
    "review.take": Act("review.handoff", further.Answer, words.Became, handing.take),
    "notices.ls": Act("notices.ls", further.NoticesAsked, further.Notices, noticing.ls),
    "notices.preview": Act("notices.preview", words.CaseAsked, further.Previews, noticing.preview),
    "notices.retry": Act("notices.retry", further.RetryAsked, further.Retried, noticing.retry),
    "notices.send": Act("notices.send", further.SendAsked, further.Sending, noticing.send),
    "notices.appeal": Act("notices.appeal", further.Appeal, words.Became, noticing.appeal),
}


def permitted(who: Identity, name: str) -> Act:
    """An act, if their role may do it. Denied if it may not; UsageError if there is no such act."""
    act = _act(name)
    if not may(who, act.permission):
        roles = " or ".join(PERMISSIONS.get(act.permission, ())) or "nobody"
        raise Denied(f"{who.name} is {who.role}; {name} is for {roles}")
    return act


async def perform(office: Office, who: Identity, name: str, asked: Struct, now: float) -> Struct:
    """Do an act. Denied if their role may not; UsageError if what is asked is not possible."""
    return await permitted(who, name).does(office, who, asked, now)


def asked_with(name: str, body: bytes) -> Struct:
    """What a body in JSON asks. UsageError, without a word of it, if it does not fit the act."""
    try:
        return msgspec.json.decode(body or b"{}", type=_act(name).asks)
    except msgspec.ValidationError as error:
        raise UsageError(f"the body does not fit {name}: {error}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UsageError("the body is no JSON") from None


def _act(name: str) -> Act:
    act = ACTS.get(name)
    if act is None:
        raise UsageError(f"there is no act {name[:80]!r}")
    return act
