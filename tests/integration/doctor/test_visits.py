"""Visits to real databases: all well, and one thing after the other that is not."""

import json
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from backends.postgres.crawl_store import PostgresCrawlStore
from contracts.sites import psl_sha256
from crawlctl.doctor.findings import Finding, Verdict
from crawlctl.doctor.visits import Visit, doors
from tests.postgres import Database, Server

WANTED = 4


async def _do(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def look(database: str, dsn: str, wanted: int | None = WANTED) -> dict[str, Finding]:
    visit = Visit(database, wanted=wanted, lease=10.0, max_skew=2.0)
    return {finding.check: finding async for finding in visit.findings(dsn)}


def bad(found: dict[str, Finding]) -> dict[str, Finding]:
    return {name: finding for name, finding in found.items() if finding.verdict is not Verdict.OK}


@pytest.fixture
def crawl(crawl_database: Database) -> Database:
    """A crawl that was made with four partitions."""
    crawl_database.server.run(
        _do(
            crawl_database.dsn(),
            f"INSERT INTO facts (name, value) VALUES ('partitions', '{WANTED}'), ('psl_sha256', '{psl_sha256()}')",
            f"INSERT INTO partitions (partition) SELECT generate_series(0, {WANTED - 1})",
        )
    )
    return crawl_database


async def hold(dsn: str, owner: str, partitions: list[int], now: float) -> None:
    connection = await asyncpg.connect(dsn)
    store = PostgresCrawlStore(connection)
    await store.renew(owner, now, 10.0)
    await store.claim(owner, now, 10.0, partitions)
    await connection.close()


async def test_all_is_well(crawl: Database, vault_database: Database) -> None:
    await hold(crawl.dsn("pisaura_frontier"), "a-1-00", [0, 1], time.time())
    await hold(crawl.dsn("pisaura_frontier"), "b-2-00", [2, 3], time.time())
    for database, dsn in (
        ("crawl", crawl.dsn("pisaura_frontier")),
        ("crawl", crawl.dsn("pisaura_fetcher")),
        ("vault", vault_database.dsn("pisaura_hasher")),
        ("vault", vault_database.dsn("pisaura_notices")),
    ):
        found = await look(database, dsn)
        assert bad(found) == {}
        assert found[database].found.startswith("Postgres 18")
        assert "exactly" in found[f"{database} rights"].found
    assert "a-1-00: 2, b-2-00: 2" in (await look("crawl", crawl.dsn("pisaura_frontier")))["owners"].found


async def test_nobody_is_there(crawl: Database) -> None:
    found = bad(await look("crawl", crawl.dsn("pisaura_frontier")))
    assert [*found] == ["owners"]
    assert found["owners"].verdict is Verdict.WARNING
    assert "crawlctl frontier" in found["owners"].todo


async def test_a_state_need_not_be_held(crawl: Database) -> None:
    assert bad(await look("crawl", crawl.dsn("pisaura_frontier"), None)) == {}


async def test_partitions_that_nobody_takes(crawl: Database) -> None:
    await hold(crawl.dsn("pisaura_frontier"), "gone", [3], time.time() - 100)
    await hold(crawl.dsn("pisaura_frontier"), "here", [0, 1, 2], time.time())
    owners = (await look("crawl", crawl.dsn("pisaura_frontier")))["owners"]
    assert owners.verdict is Verdict.FAILED
    assert "1 of 4 are held by nobody (3), with 1 shards alive" in owners.found


@pytest.mark.parametrize(
    ("statements", "check", "said", "todo"),
    [
        (["GRANT DELETE ON urls TO pisaura_fetcher"], "crawl rights", "1 too many (pisaura_fetcher: DELETE ON urls)", "REVOKE"),
        (["GRANT SELECT ON facts TO PUBLIC"], "crawl rights", "PUBLIC: SELECT ON facts", "REVOKE SELECT ON facts FROM PUBLIC"),
        (["GRANT UPDATE (host) ON hosts TO pisaura_fetcher"], "crawl rights", "UPDATE (host) ON hosts", "REVOKE"),
        (["GRANT DELETE ON urls_0 TO pisaura_fetcher"], "crawl rights", "DELETE ON urls", "REVOKE"),
        (["REVOKE DELETE ON urls FROM pisaura_frontier", "REVOKE DELETE ON urls_0 FROM pisaura_frontier"],
         "crawl rights", "1 missing (pisaura_frontier: DELETE ON urls)", "GRANT DELETE ON urls TO pisaura_frontier"),
        (["DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)"],
         "crawl migrations", "1 not applied: 0", "crawlctl migrate"),
        (["UPDATE migrations SET sha256 = '' WHERE number = 2"], "crawl migrations", "was edited", "the version"),
        (["INSERT INTO migrations (number, name, sha256) VALUES (900, '0900_pre_future.sql', '')"],
         "crawl migrations", "newer than this version", "version"),
        (["UPDATE facts SET value = 'other' WHERE name = 'psl_sha256'"], "suffix list", "another Public Suffix List", "version"),
        (["DELETE FROM partitions WHERE partition = 2"], "partitions", "4 are settled but the table has 3", "backup"),
        (["UPDATE facts SET value = '8' WHERE name = 'partitions'",
          "INSERT INTO partitions (partition) SELECT generate_series(4, 7)"], "partitions", "8; the settings say 4", "fixed"),
        (["GRANT CREATE ON SCHEMA public TO pisaura_frontier"], "crawl user", "may create tables", "ALTER ROLE"),
    ],
)  # fmt: skip
def test_one_thing_is_wrong(crawl: Database, statements: list[str], check: str, said: str, todo: str) -> None:
    run = crawl.server.run
    run(hold(crawl.dsn("pisaura_frontier"), "here", [0, 1, 2, 3], time.time()))
    run(_do(crawl.dsn(), *statements))
    found = run(look("crawl", crawl.dsn("pisaura_frontier")))
    assert said in found[check].found
    assert todo in found[check].todo
    assert {"crawl", "crawl doors", "clock of Postgres"} <= {one for one in found if found[one].verdict is Verdict.OK}


def test_a_door_is_open(crawl: Database) -> None:
    run, admin = crawl.server.run, crawl.dsn()
    run(_do(admin, f"GRANT CONNECT ON DATABASE {crawl.name} TO PUBLIC"))
    found = run(look("crawl", crawl.dsn("pisaura_frontier")))
    assert "PUBLIC may enter" in found["crawl doors"].found
    assert found["crawl doors"].verdict is Verdict.FAILED


def test_a_user_who_may_everything(crawl: Database) -> None:
    found = crawl.server.run(look("crawl", crawl.server.dsn(crawl.name)))
    assert "logs in as postgres, which is none of its roles" in found["crawl user"].found
    found = crawl.server.run(look("vault", crawl.server.dsn(crawl.name, "pisaura_frontier")))
    assert "none of its roles" in found["vault user"].found


def test_a_database_without_anything(empty_database: Database) -> None:
    found = empty_database.server.run(look("crawl", empty_database.dsn("pisaura_frontier")))
    assert "crawlctl migrate" in found["crawl migrations"].todo
    assert found["crawl migrations"].verdict is Verdict.FAILED
    assert found["crawl partitions"].verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        ("postgresql://u:topsecret@127.0.0.1:1/crawl", "127.0.0.1:1/crawl does not answer"),
        ("postgresql://u:top/secret@127.0.0.1/crawl", "must be like postgresql://"),
        ("mysql://u:topsecret@127.0.0.1/crawl", "must be like postgresql://"),
    ],
)
async def test_a_server_that_is_not_there(dsn: str, said: str) -> None:
    found = await look("crawl", dsn)
    assert [*found] == ["crawl"]
    assert found["crawl"].verdict is Verdict.FAILED
    assert said in found["crawl"].found
    assert "secret" not in found["crawl"].found


async def test_a_server_that_does_not_answer_costs_no_more_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from crawlctl.doctor import findings

    monkeypatch.setattr(findings.carry_out, "__defaults__", (0.2,))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        found = await look("crawl", f"postgresql://u@127.0.0.1:{port}/crawl")
    assert "no answer within 0.2 s" in found["crawl"].found


async def through(dsns: dict[str, str]) -> dict[str, Finding]:
    return {finding.check: finding async for finding in doors(dsns)}


def test_doors_are_tried(crawl: Database, vault_database: Database) -> None:
    run: Callable[[Coroutine[Any, Any, Any]], Any] = crawl.server.run
    dsns = {"crawl": crawl.dsn("pisaura_frontier"), "vault": vault_database.dsn("pisaura_hasher")}
    found = run(through(dsns))
    assert [*found] == ["vault shut", "crawl shut"]
    assert bad(found) == {}
    run(_do(vault_database.dsn(), f"GRANT CONNECT ON DATABASE {vault_database.name} TO pisaura_frontier"))
    found = run(through(dsns))
    assert found["vault shut"].verdict is Verdict.FAILED
    assert "can open the database vault" in found["vault shut"].found
    assert found["crawl shut"].verdict is Verdict.OK


def test_a_door_is_tried_even_if_only_one_database_is_named(postgres_server: Server, crawl: Database) -> None:
    """The other one has its usual name on the same server."""
    found = postgres_server.run(through({"crawl": crawl.dsn("pisaura_frontier"), "vault": ""}))
    assert found["vault shut"].verdict is Verdict.OK, json.dumps(found["vault shut"].found)
