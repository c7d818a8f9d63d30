"""What an outcome means: one table from error to wait, tries and effect on the host, and the verdict on a URL."""

from enum import Enum
from typing import Final

from msgspec import Struct

from contracts.crawl import QueueItem, UrlState
from contracts.faults import Fault
from contracts.messages import Outcome, Result
from contracts.refusals import Reason, Refusal, refuse
from contracts.settings import Politeness, Settings
from frontier.politeness import backoff, retry_after
from frontier.recrawl import next_interval


class Effect(Enum):
    """What an error does to its host."""

    NONE = "none"
    BACK_OFF = "back off"  # the host waits, longer with each error in a row
    GIVE_UP = "back off longest"  # the host waits the longest back-off


class Treatment(Struct, frozen=True):
    """A row of the table. `again`: the URL is tried again after a back-off, or else this was its last word.

    `costs`: a try of the URL is spent. `strain`: the server address is noted as strained (design, rule 9).
    """

    again: bool
    costs: bool
    effect: Effect
    strain: bool = False


_FINAL = Treatment(again=False, costs=True, effect=Effect.NONE)
_URL = Treatment(again=True, costs=True, effect=Effect.NONE)
_HOST = Treatment(again=True, costs=False, effect=Effect.BACK_OFF)
_SLOW = Treatment(again=True, costs=True, effect=Effect.BACK_OFF, strain=True)
_BUSY = Treatment(again=True, costs=False, effect=Effect.BACK_OFF, strain=True)

CRASHED: Final = "parser_crashed"
CRASHES_MOST: Final = 3
"""Fetches after which a page that crashes its parser is refused as poison."""

TREATMENTS: Final[dict[str, Treatment]] = {
    Fault.DNS_NOT_FOUND: Treatment(again=True, costs=False, effect=Effect.GIVE_UP),
    Fault.DNS_TIMEOUT: _HOST,
    Fault.DNS_FAILURE: _HOST,
    Fault.CONNECT_REFUSED: _HOST,
    Fault.CONNECT_TIMEOUT: Treatment(again=True, costs=False, effect=Effect.BACK_OFF, strain=True),
    Fault.CONNECT_FAILED: _HOST,
    Fault.TLS_FAILED: Treatment(again=True, costs=True, effect=Effect.BACK_OFF),
    Fault.TLS_TIMEOUT: _SLOW,
    Fault.RESET: _URL,
    Fault.RESET_IDLE: Treatment(again=True, costs=True, effect=Effect.NONE),
    Fault.FIRST_BYTE_TIMEOUT: _SLOW,
    Fault.TOTAL_TIMEOUT: _SLOW,
    Fault.TOO_SLOW: Treatment(again=True, costs=True, effect=Effect.NONE),
    Fault.BAD_HTTP: _URL,
    Fault.TOO_MANY_HEADERS: _FINAL,
    Fault.BAD_ENCODING: _URL,
    Fault.NO_LOCATION: _FINAL,
    Fault.DEADLINE: _URL,
    Fault.BAD_ROUTE: _HOST,
    Fault.BAD_URL: _FINAL,
    CRASHED: _URL,
    "429": _BUSY,
    "503": _BUSY,
    "500": _URL,
    "502": _URL,
    "504": _SLOW,
    "5xx": _URL,
    "408": _URL,
    "425": _URL,
    "4xx": _FINAL,
    "other": _FINAL,
}
"""Error (a Fault's name or an HTTP status) -> treatment. A busy server's URLs spend no try when it said how long to wait."""

ERRORS_IN_A_ROW: Final = 5
"""Errors in a row of any kind after which a host backs off whatever the table says."""


def treatment(outcome: Outcome) -> Treatment:
    """The table's row for an outcome that brought nothing."""
    if outcome.error in TREATMENTS and outcome.status < 300:
        return TREATMENTS[outcome.error]
    status = outcome.status
    if status >= 300:
        return (
            TREATMENTS.get(str(status))
            or TREATMENTS["5xx" if 500 <= status < 600 else "4xx" if 400 <= status < 500 else "other"]
        )
    return TREATMENTS["other"]


class Verdict(Struct, frozen=True):
    """What becomes of a URL: its new state, when it is due again (None: not), and whether a try was spent."""

    state: UrlState
    tries: int
    due_at: float | None
    interval: float
    why: str
    changed: bool
    error: Treatment | None = None
    refusal: Refusal | None = None


def judge(outcome: Outcome, item: QueueItem, settings: Settings, chance: float) -> Verdict:
    """The verdict on one URL. `chance` in 0..1 spreads retries."""
    again = settings.recrawl.enabled
    if outcome.result in (Result.FETCHED, Result.NOT_MODIFIED, Result.REDIRECT):
        first = item.fetched_at == 0
        changed = first or (outcome.result is Result.FETCHED and outcome.content_key != item.content_key)
        interval = next_interval(None if first else item.interval, changed, settings.recrawl)
        state = UrlState.REDIRECT if outcome.result is Result.REDIRECT else UrlState.FETCHED
        why = f"to {outcome.location}" if outcome.location else outcome.cut and f"cut: {outcome.cut}"
        return Verdict(state, 0, outcome.ended_at + interval if again else None, interval, why, changed)
    why = outcome.error or str(outcome.status)
    if outcome.detail:
        why = f"{why}: {outcome.detail}"
    if outcome.result is Result.REFUSED:
        if outcome.error == Reason.TOO_LARGE and outcome.is_media and not item.media:
            # A link to a picture or video, fetched within the limits of pages: again, within those of media.
            return Verdict(UrlState.QUEUED, item.tries, outcome.ended_at, item.interval, why, False)
        later = outcome.ended_at + settings.recrawl.longest if again else None
        no = refuse(Reason(outcome.error), outcome.detail)
        return Verdict(UrlState.REFUSED, item.tries, later, settings.recrawl.longest, why, False, refusal=no)
    row = treatment(outcome)
    busy = row.effect is Effect.BACK_OFF and outcome.retry_at > outcome.ended_at
    tries = item.tries + (1 if row.costs or (row is _BUSY and not busy) else 0)
    if outcome.error == CRASHED and tries >= CRASHES_MOST:
        no = refuse(Reason.POISON, f"{tries} fetches failed, this one since it crashed its parser")
        return Verdict(UrlState.REFUSED, tries, None, settings.recrawl.longest, str(no), False, row, no)
    if row.again and tries < settings.limits.tries:
        asked = retry_after(outcome.retry_at, outcome.ended_at, settings.politeness)
        due = asked if busy else outcome.ended_at + backoff(max(tries, 1), settings.politeness, chance)
        return Verdict(UrlState.QUEUED, tries, due, item.interval, why, False, row)
    later = outcome.ended_at + settings.recrawl.longest if again else None
    state = UrlState.GONE if outcome.status in (404, 410) else UrlState.FAILED
    if row.again:
        why = f"{Reason.TRIES}: {settings.limits.tries}, the last one {why}"
    return Verdict(state, 0, later, settings.recrawl.longest, why, False, row)


def host_wait(row: Treatment, outcome: Outcome, errors: int, settings: Politeness, chance: float) -> float:
    """Until when (unix seconds) an error keeps its host waiting; 0.0 if it does not. `errors` counts this one too."""
    if row.effect is Effect.GIVE_UP:
        return (
            outcome.ended_at + settings.max_backoff * (1 + settings.jitter * chance)
            if errors >= 3
            else (outcome.ended_at + backoff(errors, settings, chance))
        )
    if row.effect is Effect.BACK_OFF or errors >= ERRORS_IN_A_ROW:
        own = outcome.ended_at + backoff(errors, settings, chance)
        if outcome.retry_at <= outcome.ended_at:
            return own
        asked = min(outcome.retry_at, outcome.ended_at + settings.max_retry_after)
        return max(asked, own) if errors > ERRORS_IN_A_ROW else asked
    return 0.0
