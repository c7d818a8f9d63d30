"""Verbs about people, keys and what is kept, on a vault of a cluster: by connection string, with key files."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contracts.seal import NOTICES_FILE
from crawlctl.verbs.keys import make
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl
from tests.unit.crawlctl.conftest import crawlctl as crawlctl

AddKey = Callable[..., Path]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The folder of a cluster's key files."""
    make(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def cluster(vault_database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A vault, as the environment names it to the notices role."""
    monkeypatch.setenv("PISAURA_POSTGRES_VAULT", vault_database.dsn("pisaura_notices"))
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", str(keys / NOTICES_FILE))
    for name in ("PISAURA_KEY", "PISAURA_TOKEN", "PISAURA_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return vault_database


@pytest.fixture
def add(cluster: Database, crawlctl: Crawlctl, tmp_path: Path) -> AddKey:
    """Makes an account; the path of its keys file."""

    def made(name: str, role: str, *more: str) -> Path:
        ran = crawlctl("keys", "add", name, "--role", role, *more)
        assert ran.code == 0, ran.err
        path = tmp_path / f"{name}.key"
        path.write_text(ran.out)
        path.chmod(0o600)
        return path

    return made


def sql(database: Database, statement: str, *values: Any) -> list[dict[str, Any]]:
    """Rows, as the owner of the database."""

    async def run() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(database.dsn())
        try:
            return [dict(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return asyncio.run(run())
