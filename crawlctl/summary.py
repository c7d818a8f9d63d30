"""What a run ends with: the matches with their evidence, the refusals by reason, and how many URLs are in which state."""

from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console
from rich.table import Table

from backends.postgres.connection import connect
from backends.postgres.operator import OperatorStore
from backends.postgres.vault_reads import VaultReads
from contracts.crawl import UrlState
from contracts.seal import Opener
from crawlctl.matches import matches

SHOWN = 60


async def show(crawl: str, vault: str, opener: Opener, stream: TextIO) -> None:
    """Print it, of databases by their connection strings."""
    # A file or pipe has no width of its own: wide enough that most places stay on one line.
    console = Console(file=stream, highlight=False, width=None if stream.isatty() else 160)
    crawl_db = await connect(crawl)
    vault_db = await connect(vault)
    try:
        operator = OperatorStore(crawl_db)
        console.print(await _matches(VaultReads(vault_db), operator, opener))
        counters = await operator.counters()
        console.print(_refusals(counters))
        console.print(_counts(counters))
        later = await operator.soonest(5)
        if later:
            console.print(_later(later))
    finally:
        await crawl_db.close()
        await vault_db.close()


async def _matches(vault: VaultReads, operator: OperatorStore, opener: Opener) -> Table:
    table = Table(title="Matches", title_justify="left", expand=False)
    for column in ("place", "found on", "evidence", "strength", "list", "category"):
        table.add_column(column, overflow="fold")
    count = 0
    async for row in matches(vault, operator, opener, reveal=False):
        count += 1
        if count > SHOWN:
            continue
        evidence = row["algorithm"]
        if row["algorithm"] == "pdq":
            evidence = f"pdq distance {row['distance']} quality {row['quality']}" + (
                f", {row['turn']}" if row["turn"] != "as shown" else ""
            )
        strength = row["strength"] + ("" if row["counts"] else f" (held: {row['why']})")
        pages = "\n".join(row["found_on"][:2]) + (
            f"\n+{len(row['found_on']) - 2} more" if len(row["found_on"]) > 2 else ""
        )
        table.add_row(row["url"], pages, evidence, strength, row["list"], row["category"])
    table.caption = f"{count} matches" + (f", the first {SHOWN} shown" if count > SHOWN else "")
    table.caption_justify = "left"
    return table


def _refusals(counters: dict[str, int]) -> Table:
    table = Table("reason", "count", title="Refusals", title_justify="left")
    refused = {name.partition(":")[2]: count for name, count in counters.items() if name.startswith("refused:")}
    for reason, count in sorted(refused.items(), key=lambda pair: -pair[1]):
        table.add_row(reason, str(count))
    return table


def _counts(counters: dict[str, int]) -> Table:
    table = Table("URLs", "count", title="URLs by state", title_justify="left")
    for state in UrlState:
        table.add_row(state.name.lower(), str(counters.get(f"state:{state.value}", 0)))
    table.add_row("requests made", str(counters.get("requests", 0)))
    return table


def _later(rows: list[dict[str, object]]) -> Table:
    table = Table("host", "next turn (UTC)", "queued", "why", title="Scheduled later", title_justify="left")
    for row in rows:
        at = datetime.fromtimestamp(int(str(row["ready_at"])) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(str(row["host"]), at, str(row["queued"]), str(row["why"]))
    return table
