"""From a URL back to the seed: the pages and redirects by which it was found, each by the reference that its row keeps."""

from typing import Any, Final

from contracts.crawl import UrlState
from contracts.urls import origin_of, robots_of, unref, url_id
from crawlctl.access import Access
from crawlctl.times import iso

STEPS: Final = 100
"""Longest chain that is followed."""


async def ancestry(access: Access, url: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The URL itself, the page it was found on first, and so on to the seed: url, how, found_at, depth, state.

    `how` a step was found by way of the next one: link, embed, redirect, sitemap (in a robots.txt); or seed, the last. A row
    keeps the page that shows a link, not the redirects in between: those of its own host are found again by their targets.
    """
    steps: list[dict[str, Any]] = []
    seen = {url_id(url)}
    while len(steps) < STEPS:
        if not row["found_on"] and not row["hops"]:
            steps.append(_step(url, "seed", row))
            break
        source = await access.operator.redirect_to(row["bucket"], row["host_id"], url) if row["hops"] else None
        if source is not None and source["url_id"] not in seen:
            steps.append(_step(url, "redirect", row))
            seen.add(source["url_id"])
            url, row = origin_of(source["https"], source["host"]) + source["path"], source
            continue
        if not row["found_on"]:
            steps.append(_step(url, "redirect", row))
            break
        bucket, host, identity = unref(bytes(row["found_on"][0]))
        parent = await access.operator.url_row(bucket, host, identity)
        if parent is None:
            file = await _file(access, bucket, host, identity)
            steps += [
                _step(url, "sitemap" if file else "link", row),
                {"url": file or "(not known any more)", "how": ""},
            ]
            break
        steps.append(_step(url, _how(row, parent), row))
        if identity in seen:
            break
        seen.add(identity)
        url, row = origin_of(parent["https"], parent["host"]) + parent["path"], parent
    return steps


def _how(row: dict[str, Any], parent: dict[str, Any]) -> str:
    if row["hops"] > parent["hops"]:
        return "redirect"
    return "embed" if row["as_kind"] == "media" else "link"


def _step(url: str, how: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": url, "how": how, "found_at": iso(row["found_at"] / 1000), "depth": row["depth"],
        "state": UrlState(row["state"]).name.lower(),
    }  # fmt: skip


async def _file(access: Access, bucket: int, host: int, identity: bytes) -> str:
    """A parent without a row: the robots.txt that names a sitemap, "" if it is none of a known host."""
    rows, _, _ = await access.store.load_hosts([(bucket, host)])
    files = (robots_of(https, known.host) for known in rows for https in (False, True))
    return next((url for url in files if url_id(url) == identity), "")
