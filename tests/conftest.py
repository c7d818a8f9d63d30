"""Fixtures that all tests share, and how hypothesis is used: without deadlines, and in CI without chance."""

import os
import uuid
from collections.abc import Iterator

import hypothesis
import pytest

from tests import kafka, postgres

hypothesis.settings.register_profile("pisaura", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("pisaura")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--chaos-rounds=N`: kills of a chaos test; `--chaos-seed=N`: when, and of whom."""
    parser.addoption("--chaos-rounds", type=int, default=3, help="kills of each chaos test (default: 3)")
    parser.addoption("--chaos-seed", type=int, default=1, help="seed of the cluster's chaos test (default: 1)")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """One real Postgres for the whole session, fsync off."""
    with postgres.running(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def crawl_database(postgres_server: postgres.Server) -> Iterator[postgres.Database]:
    """A fresh migrated crawl database."""
    with postgres_server.database("crawl") as database:
        yield database


@pytest.fixture
def vault_database(postgres_server: postgres.Server) -> Iterator[postgres.Database]:
    """A fresh migrated vault database."""
    with postgres_server.database("vault") as database:
        yield database


@pytest.fixture
def empty_database(postgres_server: postgres.Server) -> Iterator[postgres.Database]:
    """A database with nothing in it."""
    with postgres_server.database() as database:
        yield database


@pytest.fixture(scope="module")
def module_crawl_database(postgres_server: postgres.Server) -> Iterator[postgres.Database]:
    """A migrated crawl database that a module's tests share."""
    with postgres_server.database("crawl") as database:
        yield database


@pytest.fixture(scope="module")
def module_vault_database(postgres_server: postgres.Server) -> Iterator[postgres.Database]:
    """A migrated vault database that a module's tests share."""
    with postgres_server.database("vault") as database:
        yield database


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Broker]:
    """One real Kafka broker for the whole session: not to be killed by the tests that share it."""
    with kafka.running(tmp_path_factory.mktemp("kafka")) as brokers:
        yield brokers.nodes[0]


@pytest.fixture
def kafka_prefix(kafka_broker: kafka.Broker) -> str:
    """What the names of a test's topics and groups begin with, so that tests share a broker."""
    return f"t{uuid.uuid4().hex[:12]}."
