"""What is fixed when a state is created: partitions, table ranges, and the Public Suffix List that decides buckets."""

import asyncpg

from backends.postgres.configuration import SUPERUSER
from backends.postgres.connection import connect, translated
from backends.postgres.databases import ADMIN, ROLES, Reachable, ensure_doors, ensure_schema
from contracts.errors import UsageError
from contracts.sites import psl_sha256

RANGES_MOST = 64


@translated
async def prepare(server: Reachable, partitions: int) -> int:
    """Create or migrate both databases; the number of partitions of the state, which `partitions` decides only once."""
    await ensure_doors(server)
    admin = await connect(server.dsn("postgres", SUPERUSER))
    try:
        # Read by the first migration, which lays out the tables that grow with the web.
        await admin.execute(f"ALTER DATABASE crawl SET pisaura.ranges = '{min(partitions, RANGES_MOST)}'")
    finally:
        await admin.close()
    for database in ROLES:
        await ensure_schema(server, database)
    crawl = await connect(server.dsn("crawl", ADMIN))
    try:
        return await _settle(crawl, partitions)
    finally:
        await crawl.close()


async def _settle(crawl: "asyncpg.Connection[asyncpg.Record]", partitions: int) -> int:
    async with crawl.transaction():
        await crawl.execute("LOCK TABLE facts")
        facts = {row["name"]: row["value"] for row in await crawl.fetch("SELECT name, value FROM facts")}
        if "partitions" not in facts:
            facts = {"partitions": str(partitions), "psl_sha256": psl_sha256()}
            await crawl.executemany("INSERT INTO facts (name, value) VALUES ($1, $2)", list(facts.items()))
            await crawl.execute("INSERT INTO partitions (partition) SELECT generate_series(0, $1 - 1)", partitions)
    if facts["psl_sha256"] != psl_sha256():
        raise UsageError(
            "this state was made with another Public Suffix List, which decides where each host is kept; run the version "
            "of crawlctl that made it, or make a new state"
        )
    return int(facts["partitions"])
