"""Two fresh vaults for a test."""

from collections.abc import Iterator

import pytest

from tests.exchange.syncs import Databases
from tests.postgres import Database, Server


@pytest.fixture
def databases(vault_database: Database, postgres_server: Server) -> Iterator[Databases]:
    """One vault to synchronise, one to compare with."""
    with postgres_server.database("vault") as reference:
        yield Databases(vault_database, reference)
