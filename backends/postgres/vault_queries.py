"""The queries of the database `vault` by name, and rows as these take them."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from backends.postgres.queries import load

QUERIES: Final = load(files("backends.postgres.vault") / "queries")


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into arrays, one a column."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
