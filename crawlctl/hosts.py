"""All that is known of one host, as one object: its row, addresses, robots.txt, orders, and operators' words on it."""

from collections.abc import Sequence
from typing import Any

from contracts.crawl import HostRow, Lane, OriginRow, SiteRow
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.sites import address_group, bucket_of, site_of
from contracts.urls import host_id, origin_of
from crawlctl.access import Access
from crawlctl.hoststate import host_state
from crawlctl.times import iso
from crawlctl.words import Said, current
from fetchers.addresses import Guard
from frontier import robots
from frontier.controls import Controls
from frontier.politeness import base_delay


class Known:
    """What the state holds of a host. `row` is None if no URL of it was ever admitted."""

    def __init__(
        self,
        host: str,
        row: HostRow | None,
        origins: Sequence[OriginRow],
        site: SiteRow,
        said: dict[tuple[str, str], Said],
    ) -> None:
        self.host = host
        self.bucket = bucket_of(host)
        self.id = host_id(host)
        self.row = row
        self.origins = origins
        self.site = site
        self.said = said
        self.words = Controls()
        self.words.take(one.control for one in said.values())

    @property
    def addresses(self) -> list[str]:
        """Its addresses as far as they are known."""
        return self.row.addresses if self.row else []

    def turn(self, now: float) -> tuple[str, str, float]:
        """State, why, until when: see `hoststate.host_state`."""
        row = self.row or HostRow(self.bucket, self.id, self.host, self.site.site, now)
        return host_state(
            self.words, self.host, row.addresses, now,
            queued=row.queued, next_at=row.next_at, due_at=row.due_at, errors=row.errors, why=row.why,
        )  # fmt: skip


async def look_up(access: Access, host: str, now: float) -> Known:
    """What the state holds of a canonical host."""
    bucket, site = bucket_of(host), site_of(host)
    key = (bucket, host_id(host))
    rows, _, sites = await access.store.load_hosts([key], [(bucket, site)])
    origins = await access.store.load_robots([key])
    said = current(await access.operator.controls(), now)
    budget = next((one for one in sites if one.site == site), SiteRow(bucket, site))
    return Known(host, rows[0] if rows else None, origins, budget, said)


async def report(access: Access, settings: Settings, known: Known, now: float) -> dict[str, Any]:
    """The host as `hosts show --json` and `explain --json` have it. Times are ISO 8601, durations seconds."""
    row = known.row
    state, why, until = known.turn(now)
    report: dict[str, Any] = {
        "host": known.host,
        "site": known.site.site,
        "bucket": known.bucket,
        "known": row is not None,
        "state": state if row else "unknown",
        "why": why,
        "until": iso(until),
        "delay": _delay(settings, known, now),
    }
    if row is not None:
        report |= {
            "found_at": iso(row.found_at),
            "queued": row.queued,
            "urls": row.urls,
            "fetched": row.fetched,
            "lane": Lane(row.lane).name.lower(),
            "errors_in_a_row": row.errors,
            "mean_request": round(row.mean, 4),
            "next_at": iso(row.next_at),
            "due_at": iso(row.due_at),
            "matches": row.matches,
        }
    report["site_urls"], report["site_matches"] = known.site.urls, known.site.matches
    report["addresses"] = await _addresses(access, settings, known)
    report["addresses_until"] = iso(row.addresses_until) if row else None
    report["robots"] = [robots_of(known, origin) for origin in known.origins]
    report["orders"] = [
        {
            "kind": lease["kind"],
            "address": lease["address"],
            "issued_at": iso(lease["issued_at"] / 1000),
            "deadline": iso(lease["deadline"] / 1000),
            "urls": len(lease["url_ids"]),
        }
        for lease in await access.operator.leases_of(known.bucket, known.id)
    ]
    report["words"] = [
        {"verb": verb, **one.plain()}
        for (verb, target), one in known.said.items()
        if _concerns(verb, target, known, now)
    ]
    return report


def robots_of(known: Known, origin: OriginRow) -> dict[str, Any]:
    """What counts for one origin."""
    state = robots.decode(origin.state)
    return {
        "origin": origin_of(origin.https, known.host),
        "means": state.kind.value,
        "why": state.why,
        "fetched_at": iso(state.fetched_at),
        "refresh_at": iso(state.refresh_at),
        "expires_at": iso(state.expires_at),
        "unreachable_since": iso(state.unreachable_since),
        "size": len(origin.body or b""),
    }


def _delay(settings: Settings, known: Known, now: float) -> dict[str, Any]:
    politeness = settings.politeness
    asked = known.words.word_on(known.host, now).delay
    wanted = known.row.crawl_delay if known.row else 0.0
    crawl_delay = min(wanted, politeness.max_crawl_delay)
    own = asked if asked >= 0 else politeness.delay
    source = "robots.txt" if crawl_delay > own else "operator" if asked >= 0 else "politeness.delay"
    return {"seconds": round(base_delay(politeness, asked, crawl_delay), 3), "by": source, "crawl_delay": wanted}


async def _addresses(access: Access, settings: Settings, known: Known) -> list[dict[str, Any]]:
    guard = Guard(settings.addresses.allow, settings.addresses.deny)
    groups = {address: address_group(address) for address in known.addresses}
    rows = {row["address"]: row for row in await access.operator.addresses_of(sorted({*groups.values()}))}
    found = []
    for address, group in groups.items():
        no, row = guard.check(address), rows.get(group)
        one: dict[str, Any] = {"address": address, "verdict": str(no) if isinstance(no, Refusal) else "allowed"}
        if row:
            one |= {
                "sites": row["sites"],
                "permits": row["permits"],
                "orders": row["orders"],
                "next_at": iso(row["next_at"] / 1000),
                "strained_until": iso(row["strained_until"] / 1000),
            }
        found.append(one)
    return found


def _concerns(verb: str, target: str, known: Known, now: float) -> bool:
    """Whether a word is about this host."""
    alone = Controls()
    alone.take([known.said[verb, target].control])
    word = alone.word_on(known.host, now)
    blocked = alone.block_of(known.host, known.addresses, now) is not None
    return blocked or word.paused_until > now or word.delay >= 0
