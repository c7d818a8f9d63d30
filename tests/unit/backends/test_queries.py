"""backends.postgres.queries: one named query a file."""

from importlib.resources import files
from pathlib import Path

import pytest

from backends.postgres.queries import load
from contracts.errors import Corrupt


def test_names_and_texts(tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text("-- one: asks for one\nSELECT 1\n")
    (tmp_path / "two.sql").write_text("-- two: asks for two\nSELECT 2\n")
    (tmp_path / "notes.txt").write_text("no query")
    assert load(tmp_path) == {"one": "-- one: asks for one\nSELECT 1", "two": "-- two: asks for two\nSELECT 2"}


@pytest.mark.parametrize(
    "text", ["", "SELECT 1\n", "-- other: asks\nSELECT 1\n", "-- one:\nSELECT 1\n", "-- one: asks\n\n"]
)
def test_a_file_without_its_name_or_a_query_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text(text)
    with pytest.raises(Corrupt, match=r"one\.sql"):
        load(tmp_path)


@pytest.mark.parametrize("database", ["crawl", "vault"])
def test_every_shipped_query_has_a_name(database: str) -> None:
    assert load(files("backends.postgres") / database / "queries")
