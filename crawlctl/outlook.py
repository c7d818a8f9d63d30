"""What comes next for a URL, when, and why then; and the sentence that sums its life up."""

from typing import Any

from contracts.crawl import FAR, Lane
from contracts.refusals import Reason
from contracts.settings import Settings
from contracts.urls import Url, url_id
from crawlctl.access import Access
from crawlctl.hosts import Known
from crawlctl.hoststate import OPTED_OUT, PAUSED
from crawlctl.times import iso
from frontier.admission import FRESH


async def outlook(
    access: Access, known: Known, url: Url, row: dict[str, Any] | None, found: dict[str, Any], now: float
) -> dict[str, Any]:
    """When it is fetched next, in which lane, and why then. `at` None: not by itself."""
    if row is None:
        if url.path == "/robots.txt":
            file = found["robots"]
            why = "asked for as the origin's robots.txt, not as a page" + (
                "" if file else ", once a URL there is queued"
            )
            return {"at": file["refresh_at"] if file else None, "lane": None, "why": why}
        if found["refused"]:
            return {"at": None, "lane": None, "why": "refused: it gets no row"}
        fresh = known.row is None or known.row.fetched < FRESH
        best = Lane.MATCHED_SITE if known.site.matches else Lane.FRESH_HOST if fresh else Lane.REST
        steps = [] if known.addresses else ["resolve the host"]
        steps += [] if found["robots"] else ["ask for its robots.txt"]
        then = f"; first of all, {' and '.join(steps)}" if steps else ""
        return {"at": None, "lane": best.name.lower(), "why": f"once a page links to it, it is queued at once{then}"}
    queued = await access.operator.queue_of(known.bucket, known.id, url_id(url.text))
    if queued is None:
        return {"at": None, "lane": None, "why": "not queued: this was its last word"}
    lane, due_at = Lane(queued[0]).name.lower(), queued[1]
    if found["order"]:
        return {
            "at": found["order"]["issued_at"],
            "lane": lane,
            "why": f"out with an order, until {found['order']['deadline']}",
        }
    state, why, until = known.turn(now)
    if state == OPTED_OUT:
        return {"at": None, "lane": lane, "why": f"opted out: {why}"}
    at = max(due_at, known.row.next_at if known.row else 0.0, until if state == PAUSED else 0.0)
    if at >= FAR:
        return {"at": None, "lane": lane, "why": f"paused: {why}"}
    no, file = found["refused"], found["robots"]
    if no and no["reason"] == Reason.ROBOTS_UNREACHABLE and file and file["refresh_at"] > (iso(max(at, now)) or ""):
        return {"at": file["refresh_at"], "lane": lane, "why": "its robots.txt is asked for again"}
    reasons = {
        due_at: "judged again" if found["state"] == "refused" else "fetched again after its interval" if row["fetched_at"] else "tried again" if row["tries"] else "queued",
        known.row.next_at if known.row else 0.0: f"its host waits{f' ({known.row.why})' if known.row and known.row.why else ''}",
        until if state == PAUSED else -1.0: f"its host is paused: {why}",
    }  # fmt: skip
    return {"at": iso(at), "lane": lane, "why": "its turn has come" if at <= now else reasons[at]}


def summary(found: dict[str, Any], settings: Settings) -> str:
    """One sentence: where it stands, and what comes next."""
    no, next_ = found["refused"], found["next"]
    refused = f"refused: {no['reason']}" + (f" ({no['evidence']})" if no and no["evidence"] else "") if no else ""
    seed = found["seed"]
    if not found["known"]:
        if no:
            return f"it has no row; {refused}"
        if found["url"].endswith("/robots.txt") and found["robots"]:
            return f"a robots.txt, which {found['robots']['why']} made {found['robots']['means']}; next {next_['at']}"
        if seed is not None:
            return f"given as a seed at {seed['given_at']}, {'refused: ' + seed['why'] if seed['why'] else 'not taken yet'}"
        limits = settings.limits
        where = f"deeper than {limits.depth} links or {limits.redirects} redirects"
        return f"never found (or only {where}), and nothing else forbids it: {next_['why']}"
    comes = f"next {next_['at']} in lane {next_['lane']}: {next_['why']}" if next_["at"] else next_["why"]
    if found["state"] == "refused":
        word = refused
    elif no and no["reason"] == Reason.ROBOTS_UNREACHABLE:
        word = f"{found['state']}; held back until its robots.txt can be had ({no['evidence']})"
    else:
        word = found["state"] + (f"; now it would be {refused}" if no else "")
    return f"{word}; {comes}"
