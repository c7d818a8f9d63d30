"""Postgres: version, migrations, the frozen list of suffixes, who holds which partition."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from backends.postgres.inspection import Held
from crawlctl.doctor.findings import Finding, failed, ok, warning

OLDEST: Final = 15
"""The oldest major version of Postgres that has all that the migrations use."""
TRIED: Final = 18
"""The major version that the tests run on."""
FEW: Final = 8


def judge_version(check: str, version: int) -> Finding:
    """`server_version_num`: 180006 is 18.6."""
    found = f"Postgres {version // 10000}.{version % 10000}"
    if version // 10000 < OLDEST:
        return failed(check, found, f"{OLDEST} is the oldest that works; upgrade it")
    if version // 10000 > TRIED:
        return warning(check, found, f"newer than {TRIED}, the version that this release was tested with")
    return ok(check, found)


def judge_migrations(check: str, missing: Sequence[str]) -> Finding:
    """Migrations that were not applied, in their order."""
    if missing:
        return failed(check, f"{len(missing)} not applied: {', '.join(missing[:FEW])}", "run `crawlctl migrate`")
    return ok(check, "all applied")


def judge_suffixes(check: str, stored: str, ours: str) -> Finding:
    """SHA-256 (hex) of the frozen Public Suffix List, as stored and as this version has it."""
    if not stored:
        return warning(check, "none stored: this crawl has never run", "run `crawlctl migrate`")
    if stored != ours:
        return failed(
            check,
            f"this crawl was made with another Public Suffix List ({stored[:12]}...) than this version has ({ours[:12]}...)",
            "the list decides where each host is kept: run the version that made the crawl",
        )
    return ok(check, f"SHA-256 {ours[:12]}..., the one that this crawl was made with")


def judge_count(check: str, stored: str, rows: int, wanted: int | None) -> Finding:
    """How many partitions the crawl has: the stored fact, the rows of the table, and the setting (None: of no account)."""
    if not stored:
        return warning(check, "none: this crawl has never run", "run `crawlctl migrate`")
    if stored != str(rows):
        return failed(
            check, f"{stored} are settled but the table has {rows}", "restore the crawl database from a backup"
        )
    if wanted is not None and stored != str(wanted):
        return warning(
            check,
            f"{stored}; the settings say {wanted}, which counts for a new crawl only",
            f"set cluster.partitions = {stored}: the number was fixed when the crawl was made",
        )
    return ok(check, stored)


def judge_owners(check: str, held: Sequence[Held], shards: Mapping[str, float], now: float, lease: float) -> Finding:
    """Who holds the partitions. `now` by the database's clock; a lease that ended longer than `lease` ago has no taker."""
    living = [owner for owner, until in shards.items() if until >= now]
    owned = Counter(row.owner for row in held if row.owner and row.lease_until >= now)
    free = [row for row in held if not row.owner or row.lease_until < now]
    if not living and not owned:
        return warning(check, "nobody holds any: no frontier process is alive", "start `crawlctl frontier`")
    if not free:
        ages = max(now + lease - row.lease_until for row in held)
        shares = ", ".join(f"{owner}: {count}" for owner, count in sorted(owned.items())[:FEW])
        epochs = max(row.epoch for row in held)
        return ok(
            check,
            f"all of {len(held)} are held by {len(owned)} shards ({shares}{', ...' if len(owned) > FEW else ''}); the oldest "
            f"renewal was {max(0.0, ages):.0f} s ago, the highest epoch is {epochs}",
        )
    named = ", ".join(str(row.partition) for row in free[:FEW]) + (", ..." if len(free) > FEW else "")
    found = f"{len(free)} of {len(held)} are held by nobody ({named}), with {len(living)} shards alive"
    late = [row for row in free if row.lease_until < now - lease]
    if late and living:
        return failed(
            check, found, "`crawlctl status` tells why each shard waits; is one of them stuck? See its /readyz"
        )
    return warning(check, found, f"a take-over: ask again in {lease:g} s")


def judge_offsets(
    check: str, held: Collection[Held], ranges: Mapping[tuple[str, int], tuple[int, int]], urls: str, outcomes: str
) -> Finding:
    """How far the partitions were read, against the beginnings and ends of their topics (`urls` and `outcomes` by name)."""
    beyond: list[str] = []
    before: list[str] = []
    mend: dict[str, list[int]] = {}
    unknown = 0
    for row in held:
        for topic, column, offset in (
            (urls, "urls_offset", row.urls_offset),
            (outcomes, "outcomes_offset", row.outcomes_offset),
        ):
            begin, end = ranges.get((topic, row.partition), (0, -1))
            if end < 0:
                unknown += 1
            elif offset > end:
                beyond.append(f"{topic}/{row.partition}: read up to {offset}, ends at {end}")
                mend.setdefault(column, []).append(row.partition)
            elif offset < begin:
                before.append(f"{topic}/{row.partition}: read up to {offset}, begins at {begin}")
    if beyond:
        statements = "; ".join(
            f"UPDATE partitions SET {column} = 0 WHERE partition IN ({', '.join(map(str, partitions))})"
            for column, partitions in mend.items()
        )
        return failed(
            check,
            f"{len(beyond)} lie beyond the end of their topic, as if it had been made anew ({_few(beyond)})",
            f"stop all frontier processes, then, as pisaura_frontier in the crawl database: {statements}; then start them. "
            "Orders that were out come back by their leases; links that were in the log are found again with their pages",
        )
    if before:
        return warning(
            check,
            f"{len(before)} lie before the beginning of their topic: retention has deleted what was not read ({_few(before)})",
            "frontier processes go on at the beginning; start enough of them, and leave none stopped for days",
        )
    if unknown:
        return warning(
            check, f"{unknown} topic partitions are not there to compare with", "see the check of the topics"
        )
    return ok(check, f"all of {2 * len(held)} lie within their topics")


def _few(items: Sequence[str]) -> str:
    return ", ".join(items[:FEW]) + (f", and {len(items) - FEW} more" if len(items) > FEW else "")
