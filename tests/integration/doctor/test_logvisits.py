"""Visits to brokers that are there in every way but the right one."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.cluster import Kafka, Postgres
from contracts.settings import Settings
from crawlctl.doctor import logvisits
from crawlctl.doctor.findings import Finding, Verdict
from crawlctl.doctor.logvisits import LogVisit, connecting, settled
from tests import certificates, kafka
from tests.postgres import Database
from tools.kafka.configuration import PASSWORD, USER


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[kafka.Broker, certificates.Files]]:
    folder = tmp_path_factory.mktemp("secure")
    files = certificates.make(folder)
    with kafka.running(folder, files=files) as brokers:
        yield brokers.nodes[0], files


async def visit(**given: object) -> dict[str, Finding]:
    settings = Settings(kafka=Kafka(replication=1, min_insync=1, **given))  # type: ignore[arg-type]
    return {finding.check: finding async for finding in LogVisit(settings, 2).findings()}


async def test_tls_and_login(secure: tuple[kafka.Broker, certificates.Files], tmp_path: Path) -> None:
    broker, files = secure
    doors = broker.node.secure
    assert doors
    host, ca = broker.node.host, str(files.authority)
    login = {"sasl": "SCRAM-SHA-512", "username": USER, "password": PASSWORD}

    found = await visit(bootstrap=f"{host}:{doors.sasl}", tls=True, ca=ca, **login)
    assert f"with TLS, logged in as {USER} by SCRAM-SHA-512" in found["kafka"].found
    assert found["topics"].verdict is Verdict.FAILED  # nobody has made any
    assert found["clock of Kafka"].verdict is Verdict.WARNING

    found = await visit(bootstrap=f"{host}:{doors.sasl}", tls=True, ca=ca, **{**login, "password": "topsecret"})
    assert [*found] == ["kafka addresses", "kafka"]
    assert found["kafka"].verdict is Verdict.FAILED
    assert "kafka.password" in found["kafka"].todo
    assert "topsecret" not in str(found)

    strangers = certificates.make(tmp_path)
    found = await visit(bootstrap=f"{host}:{doors.tls}", tls=True, ca=str(strangers.authority))
    assert [*found] == ["kafka addresses"]
    assert "certificate is not to be trusted" in found["kafka addresses"].found

    found = await visit(bootstrap=broker.bootstrap, tls=True, ca=ca)
    assert found["kafka addresses"].verdict is Verdict.FAILED

    found = await visit(bootstrap=f"{host}:{doors.tls}")
    assert "without TLS (kafka.tls)" in found["kafka"].todo


async def test_one_address_of_two_answers(kafka_broker: kafka.Broker, kafka_prefix: str) -> None:
    found = await visit(bootstrap=f"127.0.0.1:1, {kafka_broker.bootstrap}", prefix=kafka_prefix)
    assert found["kafka addresses"].verdict is Verdict.WARNING
    assert found["kafka"].found.startswith("1 broker of Kafka 4.0 or later, without TLS, without login")


async def test_addresses_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("nonsense", "a:b", "127.0.0.1:99999", "127.0.0.1:1"):
        assert await connecting(wrong, None)
    monkeypatch.setattr(logvisits, "CONNECT", 0.2)
    import ssl

    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = await connecting(f"127.0.0.1:{silent.getsockname()[1]}", ssl.create_default_context())
    assert said == "no answer within 0.2 s"


async def test_partitions_by_whoever_knows(crawl_database: Database) -> None:
    assert await settled(8, "") == 8
    assert await settled(8, "postgresql://u@127.0.0.1:1/crawl") == 8
    assert await settled(8, Postgres(crawl=crawl_database.dsn("pisaura_frontier")).crawl) == 8
