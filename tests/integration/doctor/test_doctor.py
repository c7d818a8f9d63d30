"""`crawlctl doctor` as an operator runs it: on a cluster with a real broker and real databases, and on a state."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from backends.kafka.log import KafkaLog
from backends.kafka.topics import create
from contracts.cluster import Kafka
from contracts.messages import HostMatched
from contracts.notes import Heartbeat
from contracts.ports import Record
from contracts.sites import psl_sha256
from contracts.topics import DEAD_LETTERS, HEARTBEATS, MATCHES, TOPICS, URLS
from crawlctl.verbs.keys import make
from tests.kafka import Broker
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl, Ran
from tests.unit.crawlctl.conftest import crawlctl as crawlctl

PARTITIONS = 2
Doctor = Callable[..., dict[str, list[dict[str, str]]]]


class Cluster:
    """Settings of a cluster, and `crawlctl doctor` on it."""

    def __init__(self, run: Crawlctl, folder: Path, kafka: Kafka, crawl: Database, vault: Database) -> None:
        self._run = run
        self.kafka, self.crawl, self.vault, self.folder = kafka, crawl, vault, folder
        self.ran: Ran

    def __call__(self, *arguments: str, **changes: object) -> dict[str, list[dict[str, str]]]:
        """Findings by check."""
        make(self.folder / f"keys-{time.monotonic_ns()}")
        keys = next(self.folder.glob("keys-*")) / "notices.keys"
        values = {
            "bootstrap": self.kafka.bootstrap, "prefix": self.kafka.prefix, "replication": 1, "min_insync": 1,
            "crawl": self.crawl.dsn("pisaura_frontier"), "vault": self.vault.dsn("pisaura_hasher"), **changes,
        }  # fmt: skip
        file = self.folder / "settings.toml"
        file.write_text(
            'user_agent = "Pisaura/1.0 (+https://hotline.pisaura.org/bot)"\n'
            f'[kafka]\nbootstrap = "{values["bootstrap"]}"\nprefix = "{values["prefix"]}"\n'
            f"replication = {values['replication']}\nmin_insync = {values['min_insync']}\n"
            f'[postgres]\ncrawl = "{values["crawl"]}"\nvault = "{values["vault"]}"\n'
            f'[cluster]\npartitions = {PARTITIONS}\nkeys = "{keys}"\n'
        )
        file.chmod(0o600)
        self.ran = self._run("doctor", "--settings", str(file), "--json", *arguments)
        assert self.ran.code in (0, 1), self.ran.err
        found: dict[str, list[dict[str, str]]] = {}
        for answer in self.ran.answers:
            found.setdefault(answer["check"], []).append(answer)
        return found


async def _settle(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        f"INSERT INTO facts (name, value) VALUES ('partitions', '{PARTITIONS}'), ('psl_sha256', '{psl_sha256()}')"
    )
    await connection.execute(f"INSERT INTO partitions (partition) SELECT generate_series(0, {PARTITIONS - 1})")
    await connection.close()


@pytest.fixture
def cluster(
    crawlctl: Crawlctl,
    tmp_path: Path,
    kafka_broker: Broker,
    kafka_prefix: str,
    crawl_database: Database,
    vault_database: Database,
) -> Cluster:
    """Topics, databases and keys, as `topics create`, `migrate` and `keys new` leave them; no process runs."""
    kafka = Kafka(bootstrap=kafka_broker.bootstrap, prefix=kafka_prefix, replication=1, min_insync=1)
    asyncio.run(create(kafka, PARTITIONS))
    crawl_database.server.run(_settle(crawl_database.dsn()))
    return Cluster(crawlctl, tmp_path, kafka, crawl_database, vault_database)


def failures(found: dict[str, list[dict[str, str]]]) -> set[str]:
    return {name for name, findings in found.items() for one in findings if one["verdict"] == "failed"}


def test_a_cluster_that_was_just_made(cluster: Cluster) -> None:
    found = cluster()
    assert failures(found) == set(), cluster.ran.out
    assert cluster.ran.code == 0
    assert [*found] == [
        "settings", "contact", "keys", "kafka addresses", "kafka", "topics", "readers", "dead letters", "processes",
        "clock of Kafka", "crawl", "crawl user", "crawl migrations", "crawl doors", "crawl rights", "suffix list",
        "partitions", "owners", "clock of Postgres", "vault", "vault user", "vault migrations", "vault doors",
        "vault rights", "vault shut", "crawl shut", "offsets", "address guard", "core dumps", "open files", "index",
    ]  # fmt: skip
    for well in (
        "topics",
        "offsets",
        "clock of Kafka",
        "clock of Postgres",
        "vault shut",
        "crawl shut",
        "crawl rights",
    ):
        assert found[well][0]["verdict"] == "ok", found[well]
    for nobody in ("readers", "processes", "owners"):
        assert found[nobody][0]["verdict"] == "warning"
    assert all(one["todo"] for findings in found.values() for one in findings if one["verdict"] != "ok")
    assert all(not one["todo"] for findings in found.values() for one in findings if one["verdict"] == "ok")


def test_people_see_a_line_for_each_check_and_a_sum(cluster: Cluster, crawlctl: Crawlctl) -> None:
    cluster()
    ran = crawlctl("doctor", "--settings", str(cluster.folder / "settings.toml"))
    assert ran.code == 0
    assert f"ok       topics             all of {len(TOPICS) + len(DEAD_LETTERS)} are as they must be\n" in ran.out
    assert ran.out.splitlines()[-1].endswith("0 failed")


async def _speak(kafka: Kafka, skew: float, waits_for: str) -> None:
    log = KafkaLog(kafka, "speaker", time.time)
    await log.start()
    now = time.time()
    await log.send(HEARTBEATS, 0, [Heartbeat("frontier", "f-1", "a", now, now, skew, {}, waits_for)])
    await log.send(MATCHES, 0, [HostMatched("a.test", 1)])
    await log.park(Record(URLS, 1, 5, HostMatched("a.test", 1)), "no reader could handle it")
    await log.close()


def test_what_processes_say_and_what_waits(cluster: Cluster) -> None:
    asyncio.run(_speak(cluster.kafka, 4.5, "clock: it is off"))
    found = cluster()
    assert failures(found) == {"processes", "readers"}
    assert "f-1 by +4.5 s" in found["processes"][0]["found"]
    assert "frontier f-1: clock: it is off" in found["processes"][1]["found"]
    (matches,) = [one for one in found["readers"] if "matches" in one["found"]]
    assert "crawlctl notices" in matches["todo"]
    assert found["dead letters"][0]["found"] == "1 of [urls]"


def test_a_topic_that_was_made_anew(cluster: Cluster) -> None:
    async def read_far() -> None:
        connection = await asyncpg.connect(cluster.crawl.dsn())
        await connection.execute("UPDATE partitions SET urls_offset = 1000 WHERE partition = 1")
        await connection.close()

    cluster.crawl.server.run(read_far())
    (offsets,) = cluster()["offsets"]
    assert offsets["verdict"] == "failed"
    assert "urls/1: read up to 1000, ends at 0" in offsets["found"]
    assert "UPDATE partitions SET urls_offset = 0 WHERE partition IN (1)" in offsets["todo"]


def test_one_failing_service_does_not_hide_the_others(cluster: Cluster) -> None:
    found = cluster(bootstrap="127.0.0.1:1")
    assert failures(found) == {"kafka addresses"}
    assert "Connect" in found["kafka addresses"][0]["found"]
    assert found["crawl"][0]["verdict"] == found["vault"][0]["verdict"] == "ok"
    assert "address guard" in found

    found = cluster(crawl="postgresql://u:topsecret@127.0.0.1:1/crawl")
    assert {"crawl"} <= failures(found)
    assert found["topics"][0]["verdict"] == found["vault"][0]["verdict"] == "ok"
    assert "topsecret" not in cluster.ran.out


def test_fewer_brokers_than_copies(cluster: Cluster) -> None:
    found = cluster(replication=3, min_insync=2)
    assert {"kafka", "topics"} <= failures(found)


def test_topics_that_are_missing(cluster: Cluster) -> None:
    found = cluster(prefix="nobody-made-these.")
    assert "topics" in failures(found)
    assert "crawlctl topics create" in found["topics"][0]["todo"]
    assert found["crawl rights"][0]["verdict"] == "ok"


def test_the_settings_of_one_role(cluster: Cluster) -> None:
    as_notices = cluster.vault.dsn("pisaura_notices")
    found = cluster("--role", "notices", vault=as_notices)
    assert failures(found) == set()
    assert {"recipients", "senders", "audit anchor", "people", "cases"} <= found.keys()
    (wrong,) = cluster("--role", "notices")["cases"]
    assert wrong["verdict"] == "failed" and "permission denied" in wrong["found"] and "pisaura_notices" in wrong["todo"]
    found = cluster("--role", "fetcher")
    assert failures(found) == {"keys"}
    assert "can open what fetchers seal" in found["keys"][0]["found"]


def test_a_state_that_is_none(crawlctl: Crawlctl, tmp_path: Path) -> None:
    ran = crawlctl("doctor", "--state", str(tmp_path))
    assert ran.code == 2
    assert "there is no such state" in ran.err
    assert list(tmp_path.iterdir()) == []
