"""Fixtures that all tests share, and how hypothesis is used: without deadlines, and in CI without chance."""

import os
from collections.abc import Iterator

import hypothesis
import pytest

from tests import postgres

hypothesis.settings.register_profile("pisaura", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("pisaura")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--chaos-rounds=N`: kills of a chaos test."""
    parser.addoption("--chaos-rounds", type=int, default=3, help="kills of each chaos test (default: 3)")


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
