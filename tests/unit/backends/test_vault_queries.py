"""backends.postgres.vault_queries: rows become the arrays that a query takes."""

from backends.postgres.vault_queries import QUERIES, columns


def test_rows_become_columns() -> None:
    assert columns([(1, b"a"), (2, b"b")], 2) == [[1, 2], [b"a", b"b"]]
    assert columns([], 3) == [[], [], []]
    assert all(name in QUERIES for name in ("seq", "add_media", "blocks"))
