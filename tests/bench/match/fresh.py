"""A vault for one bench: a Postgres of its own, in a folder that is gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Database, running


@contextmanager
def fresh_vault() -> Iterator[tuple[Database, Path]]:
    """(a migrated and empty vault, a folder for files of the bench)."""
    with (
        tempfile.TemporaryDirectory(prefix="pisaura-bench-") as folder,
        running(Path(folder) / "state") as server,
        server.database("vault") as database,
    ):
        yield database, Path(folder)
