"""`crawlctl migrate` over TCP with passwords: by ten processes at once, again, checked, and with everything that may be wrong."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.crawls import REPOSITORY
from tests.postgres import PASSWORD, Database, Server
from tests.unit.crawlctl.conftest import Crawlctl

AT_ONCE = 10


@pytest.fixture
def other_database(postgres_server: Server) -> Iterator[Database]:
    """A second empty database."""
    with postgres_server.database() as database:
        yield database


@pytest.fixture
def cluster(empty_database: Database, other_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two empty databases of ours, by the environment, as a job gets them."""
    monkeypatch.setenv("PISAURA_POSTGRES_CRAWL", empty_database.tcp())
    monkeypatch.setenv("PISAURA_POSTGRES_VAULT", other_database.tcp())


async def migrate() -> list[dict[str, object]]:
    """One process; its answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crawlctl", "migrate", "--json", cwd=REPOSITORY, env=dict(os.environ),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.usefixtures("cluster")
async def test_ten_processes_at_once() -> None:
    done = await asyncio.gather(*(migrate() for _ in range(AT_ONCE)))
    for number, database in enumerate(("crawl", "vault")):
        applied = [answers[number]["applied"] for answers in done]
        assert sum(map(bool, applied)) == 1, "one works, the others find it done"
        assert all(answers[number]["database"] == database for answers in done)
    assert {answers[0]["partitions"] for answers in done} == {128}


@pytest.mark.usefixtures("cluster")
def test_check_changes_nothing_and_says_what_is_pending(crawlctl: Crawlctl) -> None:
    for _ in range(2):
        ran = crawlctl("migrate", "--check")
        assert ran.code == 1 and "crawl: migration 0001_pre_crawl.sql is pending\n" in ran.out
        assert "vault: migration 0001_pre_vault.sql is pending\n" in ran.out
    one = crawlctl("migrate", "--database", "vault")
    assert one.code == 0 and "owned by pisaura_admin: applied 0001_pre_vault.sql" in one.out
    assert crawlctl("migrate", "--check", "--database", "vault").out == "vault: nothing to do\n"
    assert crawlctl("migrate", "--check").code == 1
    both = crawlctl("migrate")
    assert both.code == 0 and "128 partitions in 64 ranges" in both.out and "nothing to apply" in both.out
    assert crawlctl("migrate", "--check", "--json").answers == [
        {"database": "crawl", "pending": []}, {"database": "vault", "pending": []},
    ]  # fmt: skip
    assert crawlctl("migrate", "--check").code == 0
    assert PASSWORD not in ran.out + one.out + both.out + both.err


def test_sql_needs_no_database(crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISAURA_POSTGRES_CRAWL", "postgresql://me:geheim@db.test/our-crawl")
    out = crawlctl("migrate", "--sql").out
    assert 'CREATE DATABASE "our-crawl"' in out and 'CREATE DATABASE "vault"' in out and "geheim" not in out
    assert "vault" not in crawlctl("migrate", "--sql", "--database", "crawl").out


@pytest.mark.parametrize(
    ("dsn", "code", "words"),
    [
        ("", 2, ["postgres.crawl is not set", "PISAURA_POSTGRES_CRAWL"]),
        ("postgresql://pisaura_admin:geheim@{server}/nowhere", 2, ["does not let us in", "{server}/nowhere"]),
        ("postgresql://pisaura_admin:{password}@{server}/nowhere", 2, ["there is no database at {server}/nowhere"]),
        ("postgresql://pisaura_frontier:{password}@{server}/crawl", 2, ["belongs to pisaura_admin", "pisaura_frontier"]),
        ("postgresql://pisaura_admin:geheim@127.0.0.1:1/crawl", 1, ["127.0.0.1:1/crawl does not answer"]),
        ("postgresql://pisaura_admin:ge/heim@{server}/crawl", 2, ["must be like postgresql://"]),
        ("postgresql://pisaura_admin:geheim@{server}/crawl?sslmode=never", 2, ["cannot be used", "sslmode"]),
        ("postgresql://pisaura_admin:geheim@{server}/crawl?sslmode=require", 1, ["{server}/crawl does not answer", "SSL"]),
        ("mysql://pisaura_admin:geheim@{server}/crawl", 2, ["must be like postgresql://"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_without_a_secret(
    crawlctl: Crawlctl, postgres_server: Server, tmp_path: Path, dsn: str, code: int, words: list[str]
) -> None:
    server, password = postgres_server.tcp().rpartition("@")[2].rpartition("/")[0], postgres_server.tcp().split(":")[2]
    values = {"server": server, "password": password.rpartition("@")[0]}
    settings = tmp_path / "pisaura.toml"
    settings.write_text(f"[postgres]\ncrawl = {json.dumps(dsn.format(**values))}\n")
    for more in ([], ["--check"]):
        ran = crawlctl("migrate", "--database", "crawl", "--settings", str(settings), "-v", "-v", *more)
        if more and "nowhere" in dsn and "password" in dsn:
            assert ran.code == 1 and words[0].format(**values) in ran.out
        elif not more or "belongs" not in words[0]:
            assert ran.code == code and all(word.format(**values) in ran.err for word in words), ran.err
        assert not any(word in ran.err + ran.out for word in ("geheim", "ge/heim", PASSWORD, values["password"]))
