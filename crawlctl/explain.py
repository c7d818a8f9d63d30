"""The life of one URL as one object: what is stored of it, and what the deciding code says of it now.

Verdicts are recomputed by the very functions that the frontier and the fetcher use, on copies of the stored state.
"""

from typing import Any, Final

from contracts.crawl import UrlState
from contracts.messages import LinkKind
from contracts.refusals import Reason, Refusal, refuse
from contracts.settings import PRODUCT_TOKEN, Settings
from contracts.sites import bucket_of, partition_of, site_of
from contracts.urls import Url, host_id, origin_of, parse, url_id
from crawlctl.access import Access
from crawlctl.ancestry import ancestry
from crawlctl.hosts import Known, look_up, report, robots_of
from crawlctl.outlook import outlook, summary
from crawlctl.times import iso
from fetchers.addresses import Guard
from frontier import robots
from frontier.issue import LOST_MOST
from frontier.policy import Policy
from frontier.traps import HostTraps

KEYS: Final = {
    "input": "what was asked for",
    "summary": "one sentence: where it stands, and what comes next",
    "url": "canonical form; `travels_as` is the form without the parameters that policy drops, if it differs",
    "host, site, bucket, partition, url_id": "what is derived from it",
    "known": "whether it has a row; `state`: queued, fetched, redirect, gone, failed, refused; `kind`: page, media...",
    "refused": "reason and evidence, if it is refused, by `by`: url, policy, traps, robots, addresses, tries",
    "found": "at, depth, hops, pages (those that show it), chain (it and its ancestors, each with how it was found: link, "
    "embed, redirect, sitemap, seed)",
    "seed": "given_at, taken_at, why, if it was given as a seed",
    "verdicts": "rule, verdict (ok or the reason), evidence: policy, budgets and traps by the same code as in the crawl",
    "robots": "the origin's robots.txt, and allowed, line_number, line, why for this URL",
    "fetch": "the last fetch: at, status, size, cut, redirect_to, error, tries, lost_orders, interval (seconds)",
    "order": "the order that it is out with now",
    "next": "when it is fetched next and in which lane (seeds, near_match, matched_site, fresh_host, rest), and why then",
    "host_state": "as `crawlctl hosts show --json`",
    "matches": "as `crawlctl matches --json`; null where --purpose is missing",
}
"""The keys of `explain --json`, and what they mean."""


async def explain(access: Access, settings: Settings, text: str, now: float) -> dict[str, Any]:
    """An object with the keys of `KEYS`, but `matches`."""
    url = parse(text, max_bytes=settings.limits.url_bytes)
    if isinstance(url, Refusal):
        shown = f"(credentials)@{text.rpartition('@')[2]}" if url.reason is Reason.CREDENTIALS else text[:4096]
        no = _refused(url, "url")
        return {"input": shown, "summary": f"refused before anything else: {url}", "known": False, "refused": no}
    controls = [control for _, control in await access.operator.controls()]
    policy = Policy(settings, controls)
    found: dict[str, Any] = {"input": text, "summary": "", "url": url.text}
    url, row = await _row(access, policy, url)
    if url.text != found["url"]:
        found["travels_as"] = url.text
    known = await look_up(access, url.host, now)
    found |= {
        "host": url.host, "site": site_of(url.host), "bucket": known.bucket,
        "partition": partition_of(known.bucket, access.partitions), "url_id": url_id(url.text).hex(),
        "known": row is not None,
    }  # fmt: skip
    source = None if row else await access.operator.redirect_to(known.bucket, known.id, url.text)
    verdicts = await _verdicts(access, settings, policy, known, url, row or source, row is None, now)
    file, said = _robots(known, url, settings)
    refused = _first_no(verdicts, said, _guarded(settings, known), row)
    if row is not None:
        found |= {"state": UrlState(row["state"]).name.lower(), "kind": LinkKind(row["kind"]).name.lower()}
    found |= {"refused": refused, "found": await _found(access, url, row, source), "verdicts": verdicts, "robots": file}
    found["seed"] = await _seed(access, url, found["url"])
    if row is not None:
        found |= {"fetch": _fetch(row), "order": await _order(access, known, url)}
    found["next"] = await outlook(access, known, url, row, found, now)
    found["host_state"] = await report(access, settings, known, now)
    found["summary"] = summary(found, settings)
    return found


async def _row(access: Access, policy: Policy, url: Url) -> tuple[Url, dict[str, Any] | None]:
    """The URL as it travels, and its row."""
    key = bucket_of(url.host), host_id(url.host)
    row = await access.operator.url_row(*key, url_id(url.text))
    path = policy.path_verdict(url.path)
    if row is not None or isinstance(path, Refusal) or path == url.path:
        return url, row
    cleaned = Url(origin_of(url.https, url.host) + path, url.https, url.host, path)
    return cleaned, await access.operator.url_row(*key, url_id(cleaned.text))


async def _verdicts(
    access: Access,
    settings: Settings,
    policy: Policy,
    known: Known,
    url: Url,
    row: dict[str, Any] | None,
    new: bool,
    now: float,
) -> list[dict[str, str]]:
    """Each rule's word on the URL, in the order of the road. What has a row took its place in budgets and traps already.

    `row` is the URL's own, or if it is `new`, that of a URL that redirects to it.
    """
    depth, hops = (row["depth"], row["hops"] + new) if row else (0, 0)
    path = policy.path_verdict(url.path)
    verdicts = [
        _word("opt-outs and scope of the host", policy.host_verdict(url.host, known.site.site, now, known.addresses)),
        _word("depth and redirects", policy.hops_verdict(depth, hops)),
        _word("scope of the path", path if isinstance(path, Refusal) else None),
    ]
    if new:
        queued = (await access.operator.counters()).get("state:0", 0)
        urls = known.row.urls if known.row else 0
        traps = HostTraps.from_bytes(known.row.traps if known.row else b"")
        verdicts += [
            _word("budgets", policy.budget_verdict(urls, known.site.urls, queued)),
            _word("traps", traps.check(url.path, LinkKind.PAGE, now, settings.traps, settings.budgets)),
        ]
    elif row and row["lost"] >= LOST_MOST:
        verdicts.append(_word("lost orders", refuse(Reason.POISON, f"{row['lost']} orders with it were lost")))
    return verdicts


def _word(rule: str, no: Refusal | None) -> dict[str, str]:
    return {"rule": rule, "verdict": no.reason.value if no else "ok", "evidence": no.evidence if no else ""}


def _robots(known: Known, url: Url, settings: Settings) -> tuple[dict[str, Any] | None, Refusal | None]:
    """What the origin's robots.txt says of the URL; None if it was never asked for."""
    origin = next((one for one in known.origins if one.https == url.https), None)
    if origin is None:
        return None, None
    rules = robots.parse_rules(origin.body, PRODUCT_TOKEN) if origin.body else None
    said = robots.explain(robots.decode(origin.state), rules, url.path, settings.politeness.max_crawl_delay)
    file = robots_of(known, origin)
    if isinstance(said, Refusal):
        line = _line(said.evidence)
        return file | {"allowed": False, "reason": said.reason.value, "evidence": said.evidence, **line}, said
    return file | {
        "allowed": True, "line_number": said.line_number, "line": said.line, "evidence": said.why,
    }, None  # fmt: skip


def _line(evidence: str) -> dict[str, Any]:
    """Number and text of the line that `line 12: Disallow: /x` names."""
    head, colon, line = evidence.partition(": ")
    number = head.removeprefix("line ")
    return {"line_number": int(number), "line": line} if colon and number.isdigit() else {}


def _guarded(settings: Settings, known: Known) -> Refusal | None:
    """The address guard's word if none of the host's addresses may be connected to."""
    guard = Guard(settings.addresses.allow, settings.addresses.deny)
    said = [guard.check(address) for address in known.addresses]
    return next((no for no in said if no is not None), None) if said and None not in said else None


def _first_no(
    verdicts: list[dict[str, str]], robots_said: Refusal | None, guarded: Refusal | None, row: dict[str, Any] | None
) -> dict[str, str] | None:
    """The refusal that decides: the stored one of a URL with a row, else the first on the road."""
    if row is not None and row["state"] == UrlState.REFUSED:
        reason, _, evidence = row["why"].partition(": ")
        return {"by": "its last turn", "reason": reason, "evidence": evidence}
    for one in verdicts:
        if one["verdict"] != "ok":
            return {
                "by": "traps" if one["rule"] == "traps" else "policy", "reason": one["verdict"], "evidence": one["evidence"],
            }  # fmt: skip
    for by, no in (("addresses", guarded), ("robots", robots_said)):
        if no is not None:
            return _refused(no, by)
    return None


def _refused(no: Refusal, by: str) -> dict[str, str]:
    return {"by": by, "reason": no.reason.value, "evidence": no.evidence}


async def _found(
    access: Access, url: Url, row: dict[str, Any] | None, source: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Where it was found; of a URL without a row only by a redirect of its own host."""
    if row is None and source is not None:
        parent = origin_of(source["https"], source["host"]) + source["path"]
        chain = [{"url": url.text, "how": "redirect"}, *await ancestry(access, parent, source)]
        return {"at": None, "depth": source["depth"], "hops": source["hops"] + 1, "pages": [], "chain": chain}
    if row is None:
        return None
    pages = await access.operator.locations(list(row["found_on"]))
    return {
        "at": iso(row["found_at"] / 1000), "depth": row["depth"], "hops": row["hops"],
        "pages": [pages[page] for page in row["found_on"] if page in pages],
        "chain": await ancestry(access, url.text, row),
    }  # fmt: skip


async def _seed(access: Access, url: Url, given: str) -> dict[str, Any] | None:
    """When it was given as a seed and taken, and why not, if so."""
    seed = await access.operator.seed(url.text) or await access.operator.seed(given)
    if seed is None:
        return None
    return {"given_at": iso(seed["added_at"] / 1000), "taken_at": iso(seed["taken_at"] / 1000), "why": seed["why"]}


def _fetch(row: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the last fetch. `why` of the row is a cut, a redirect's target or an error, by state."""
    why, state = row["why"], UrlState(row["state"])
    fetched = state in (UrlState.FETCHED, UrlState.REDIRECT)
    return {
        "at": iso(row["fetched_at"] / 1000),
        "status": row["status"] or None,
        "size": row["size"],
        "cut": why.removeprefix("cut: ") if fetched and why.startswith("cut: ") else "",
        "redirect_to": why.removeprefix("to ") if fetched and why.startswith("to ") else "",
        "error": "" if fetched or state is UrlState.REFUSED else why,
        "tries": row["tries"],
        "lost_orders": row["lost"],
        "etag": bool(row["etag"]),
        "last_modified": row["last_modified"],
        "interval": row["interval_s"] or None,
    }


async def _order(access: Access, known: Known, url: Url) -> dict[str, Any] | None:
    identity = url_id(url.text)
    for lease in await access.operator.leases_of(known.bucket, known.id):
        if identity in lease["url_ids"]:
            return {
                "kind": lease["kind"], "address": lease["address"], "urls": len(lease["url_ids"]),
                "issued_at": iso(lease["issued_at"] / 1000), "deadline": iso(lease["deadline"] / 1000),
            }  # fmt: skip
    return None
