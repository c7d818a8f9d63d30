"""What is fixed when a crawl is created: partitions, table ranges, and the Public Suffix List that decides buckets."""

from backends.postgres.connection import connect, translated
from backends.postgres.databases import ADMIN, ROLES, Reachable, ensure_doors, ensure_schema
from backends.postgres.migrate import Connection
from contracts.errors import UsageError
from contracts.sites import psl_sha256

RANGES_MOST = 64


@translated
async def prepare(server: Reachable, partitions: int) -> int:
    """Create or migrate both databases of the embedded server; the number of partitions, which is decided only once."""
    await ensure_doors(server)
    for database in ROLES:
        await ensure_schema(server, database, ranges_of(partitions))
    crawl = await connect(server.dsn("crawl", ADMIN))
    try:
        return await settle(crawl, partitions)
    finally:
        await crawl.close()


def ranges_of(partitions: int) -> int:
    """Ranges of the tables that grow with the web: one for each partition, but not more than are quick to plan with."""
    return min(partitions, RANGES_MOST)


async def settle(crawl: Connection, partitions: int) -> int:
    """Fix what is fixed at creation, as the owner; the number of partitions that counts. UsageError as `partitions_of`."""
    async with crawl.transaction():
        await crawl.execute("LOCK TABLE facts")
        if await crawl.fetchval("SELECT value FROM facts WHERE name = 'partitions'") is None:
            facts = [("partitions", str(partitions)), ("psl_sha256", psl_sha256())]
            await crawl.executemany("INSERT INTO facts (name, value) VALUES ($1, $2)", facts)
            await crawl.execute("INSERT INTO partitions (partition) SELECT generate_series(0, $1 - 1)", partitions)
    return await partitions_of(crawl)


@translated
async def partitions_of(crawl: Connection) -> int:
    """The number of partitions of a crawl. UsageError if it is not settled yet, or was with another Public Suffix List."""
    facts = {
        row[0]: row[1]
        for row in await crawl.fetch("SELECT name, value FROM facts WHERE name IN ('partitions', 'psl_sha256')")
    }
    if "partitions" not in facts:
        raise UsageError(
            "database crawl is not settled yet; run `crawlctl migrate` as its owner, then start this again"
        )
    if facts["psl_sha256"] != psl_sha256():
        raise UsageError(
            "this state was made with another Public Suffix List, which decides where each host is kept; run the version "
            "of crawlctl that made it, or make a new state"
        )
    return int(facts["partitions"])
