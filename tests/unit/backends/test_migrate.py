"""Reading and comparing migrations, without a server."""

from pathlib import Path

import pytest

from backends.postgres.migrate import Migration, pending, read
from contracts.errors import UsageError


def made(*names: str) -> list[Migration]:
    return [Migration(number, name, "", name.encode()) for number, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["0001_pre_a.sql", "0003_pre_b.sql"], "0003_pre_b.sql should have number 0002"),
        (["0002_pre_a.sql"], "should have number 0001"),
        (["0001_pre_a.sql", "0001_post_b.sql"], "should have number"),
        (["0001_during_a.sql"], "not named like a migration"),
        (["1_pre_a.sql"], "not named like a migration"),
        (["0001_pre_A.sql"], "not named like a migration"),
        (["hotfix.sql"], "not named like a migration"),
    ],
)
def test_names_are_numbered_without_gaps(tmp_path: Path, names: list[str], complaint: str) -> None:
    for name in names:
        (tmp_path / name).write_text("")
    with pytest.raises(UsageError, match=complaint):
        read(tmp_path)


def test_read_sorts_and_ignores_other_files(tmp_path: Path) -> None:
    for name in ("0002_post_b.sql", "__init__.py", "0001_pre_a.sql"):
        (tmp_path / name).write_text(name)
    assert [(migration.number, migration.text) for migration in read(tmp_path)] == [
        (1, "0001_pre_a.sql"),
        (2, "0002_post_b.sql"),
    ]


def test_pending_is_what_the_database_has_not() -> None:
    migrations = made("a", "b", "c")
    assert pending(migrations, [], "toy") == migrations
    assert pending(migrations, [(1, "a", b"a"), (2, "b", b"b")], "toy") == migrations[2:]


@pytest.mark.parametrize(
    ("applied", "complaint"),
    [
        ([(1, "a", b"other")], "a was edited after"),
        ([(1, "a", b"a"), (2, "b", b"b"), (3, "c", b"c")], "newer than this version of Pisaura: it has migration c"),
        ([(1, "x", b"a")], "has migration x where this version of Pisaura has a"),
        ([(2, "b", b"b")], "has migration b where this version of Pisaura has a"),
    ],
)
def test_differences_are_refused(applied: list[tuple[int, str, bytes]], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        pending(made("a", "b"), applied, "toy")
