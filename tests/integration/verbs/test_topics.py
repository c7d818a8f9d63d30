"""`crawlctl topics` on a real broker, and with a real crawl database beside it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contracts.topics import DEAD_LETTERS, HASHERS, ORDERS_PAGES, TOPICS, URLS
from tests.kafka import Broker
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl, Ran

Verb = Callable[..., Ran]


def settings_file(folder: Path, broker: Broker, prefix: str, partitions: int = 2, more: str = "") -> Path:
    file = folder / f"settings-{partitions}.toml"
    file.write_text(
        f'[kafka]\nbootstrap = "{broker.bootstrap}"\nprefix = "{prefix}"\nreplication = 1\nmin_insync = 1\n'
        f"[cluster]\npartitions = {partitions}\n{more}"
    )
    file.chmod(0o600)
    return file


@pytest.fixture
def topics(crawlctl: Crawlctl, kafka_broker: Broker, kafka_prefix: str, tmp_path: Path) -> Verb:
    def run(*arguments: str, partitions: int = 2, more: str = "") -> Ran:
        file = settings_file(tmp_path, kafka_broker, kafka_prefix, partitions, more)
        return crawlctl("topics", *arguments, "--settings", str(file))

    return run


def test_from_nothing_to_all_and_again(topics: Verb) -> None:
    missing = topics("check", "--json")
    assert missing.code == 1
    assert {row["setting"] for row in missing.answers} == {"missing"}
    assert len(missing.answers) == len(TOPICS) + len(DEAD_LETTERS)

    made = topics("create")
    assert made.code == 0
    assert made.out.count("created") == len(TOPICS) + len(DEAD_LETTERS)
    again = topics("create", "--json")
    assert (again.code, again.answers) == (0, [{"done": [], "left": []}])
    assert topics("check").out == f"all of {len(TOPICS) + len(DEAD_LETTERS)} topics are as they must be\n"
    assert topics("check", "--json").answers == []

    listed = topics("ls", "--json")
    assert listed.code == 0, listed.err
    rows = {row["topic"]: row for row in listed.answers}
    assert rows[ORDERS_PAGES]["ends"] == [0, 0]
    assert rows["digests"]["readers"] == HASHERS
    assert rows["urls"]["readers"] == "frontier"
    assert "orders.pages" in topics("ls").out


def test_what_differs_is_named_with_its_remedy(topics: Verb, kafka_prefix: str) -> None:
    assert topics("create").code == 0
    fewer = topics("check", "--json", partitions=4)
    assert fewer.code == 1
    (urls,) = [row for row in fewer.answers if row["topic"] == kafka_prefix + URLS]
    assert (urls["setting"], urls["wanted"], urls["found"]) == ("partitions", "4", "2")
    left = topics("create", partitions=4)
    assert left.code == 1
    assert "cluster.partitions" in left.out


def test_several_at_once(kafka_broker: Broker, kafka_prefix: str, tmp_path: Path) -> None:
    file = settings_file(tmp_path, kafka_broker, kafka_prefix)
    command = [sys.executable, "-m", "crawlctl", "topics", "create", "--settings", str(file)]

    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    ended = [(process.communicate(timeout=100), process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0, 0], ended


async def _settle(dsn: str, partitions: int) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"INSERT INTO facts (name, value) VALUES ('partitions', '{partitions}')")
    await connection.execute(f"INSERT INTO partitions (partition) SELECT generate_series(0, {partitions - 1})")
    await connection.close()


def test_partitions_are_those_of_the_crawl_database(topics: Verb, crawl_database: Database) -> None:
    more = f'[postgres]\ncrawl = "{crawl_database.dsn("pisaura_frontier")}"\n'
    assert topics("create", more=more).code == 0  # migrated, but never settled: nothing speaks against it
    crawl_database.server.run(_settle(crawl_database.dsn(), 4))
    for what in ("create", "check"):
        ran = topics(what, more=more)
        assert ran.code == 2
        assert "set cluster.partitions = 4" in ran.err
    behind: dict[str, Any] = {row["topic"]: row for row in topics("ls", "--json", more=more).answers}
    assert behind[URLS]["behind"] == 0


def test_a_broker_that_is_away(crawlctl: Crawlctl, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[kafka]\nbootstrap = "127.0.0.1:1"\n')
    for what in ("create", "check", "ls"):
        ran = crawlctl("topics", what, "--settings", str(file))
        assert ran.code == 1
        assert "no broker answers at 127.0.0.1:1" in ran.err


def test_no_broker_is_named(crawlctl: Crawlctl) -> None:
    ran = crawlctl("topics", "check")
    assert ran.code == 2
    assert "kafka.bootstrap is empty" in ran.err
