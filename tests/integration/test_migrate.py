import asyncpg

from tests.postgres import Database


async def test_fixture_gives_a_database(crawl_database: Database) -> None:
    connection = await asyncpg.connect(crawl_database.dsn("pisaura_frontier"))
    assert await connection.fetchval("SELECT count(*) FROM migrations") >= 1
    await connection.close()


async def test_fixture_gives_a_database2(crawl_database: Database) -> None:
    connection = await asyncpg.connect(crawl_database.dsn("pisaura_frontier"))
    assert await connection.fetchval("SELECT count(*) FROM migrations") >= 1
    await connection.close()
