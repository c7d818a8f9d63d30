"""`crawlctl retention run`: deletes what has been kept long enough, by one table."""

import argparse
import asyncio
import time
from typing import Any, Final

from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_retention import Gone, VaultRetention
from backends.postgres.vault_store import open_pool
from contracts.auditing import audit_key
from contracts.settings import Settings
from crawlctl.access import opened
from crawlctl.accounts import asker
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.audit import act_by
from crawlctl.output import ProgressLine, write_json, write_table
from crawlctl.units import write_seconds

WHAT: Final = {
    "cases": "gone or closed, with their keys and the places of their sightings",
    "replies": "what recipients answered, with their keys",
    "sightings": "without a match or a case, since they were last seen",
    "media": "digests that no sighting, match or case refers to",
    "shield matches": "what providers were told",
    "audit": "lines, from the beginning; the chain says up to which",
}
RUN: Final = """\
The ages are settings: retention.cases, replies, sightings, shield, audit. A case under a legal hold stays, with its sightings, its
replies and their keys. The key of a case is destroyed before anything else of it goes, so that backups without the table case_keys
open nothing of it. It works in batches and may be stopped at any moment: the next run goes on. Run it daily.

Messages in Kafka go by themselves (topics with digests, matches, re-checks after 3 days, dead letters after 14): see `crawlctl
topics check`.

keys of --json: what, about, age (seconds), deleted (in a dry run: would be), held (kept for a legal hold), dry

examples:
  crawlctl retention run --dry-run --state ./state
  crawlctl retention run --settings cluster.toml --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    each = add_verb(verbs, "run", "delete what has been kept long enough", RUN)
    each.add_argument("--dry-run", action="store_true", help="only count what would go")
    add_state(each)
    add_key(each)
    add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run it."""
    asyncio.run(_run(arguments, settings))
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    dry = arguments.dry_run
    found: dict[str, Gone] = {}
    line = ProgressLine()
    async with opened(arguments.state, settings, crawl=False) as access:
        who = await asker(arguments, access, "retention.run")
        await access.chain()  # the vault is as this version wants it, and there is a key for the audit
        pool = await open_pool(access.notices_dsn(), most=2, serving=False)
        try:
            audit = VaultAudit(pool, audit_key(access.lists_keys.series_key))
            act = act_by(who, "retention.run", purpose="a dry run" if dry else "")
            await audit.add(act)
            async for step in VaultRetention(pool, audit, act).run(settings.retention, time.time(), dry=dry):
                found[step.what] = step
                line(f"{step.what}: {step.deleted} {'would go' if dry else 'gone'}, {step.held} on hold")
        finally:
            await pool.close()
    line.done()
    rows = [_row(step, dry=dry) for step in found.values()]
    if arguments.json:
        for row in rows:
            write_json(row)
        return
    said = "would go" if dry else "gone"
    write_table(
        ("what", "older than", said, "on hold", "about"),
        [(row["what"], write_seconds(row["age"]), row["deleted"], row["held"], row["about"]) for row in rows],
    )


def _row(step: Gone, *, dry: bool) -> dict[str, Any]:
    return {
        "what": step.what,
        "about": WHAT[step.what],
        "age": step.age,
        "deleted": step.deleted,
        "held": step.held,
        "dry": dry,
    }
