"""Queries live in .sql files, one each: `NAME.sql`, whose first line is `-- NAME: what it does, in one line`."""

import re
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from contracts.errors import Corrupt

_FIRST: Final = re.compile(r"-- ([a-z0-9_]+): \S.*")


def load(folder: Path | Traversable) -> dict[str, str]:
    """The queries of a folder by name. Raises Corrupt if a file's first line does not name it, or nothing follows."""
    queries: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        text = file.read_text("utf-8")
        first, _, body = text.partition("\n")
        named = _FIRST.fullmatch(first.strip())
        if named is None or f"{named[1]}.sql" != file.name:
            raise Corrupt(f"{file.name} must begin with the line '-- {file.name.removesuffix('.sql')}: what it does'")
        if not body.strip():
            raise Corrupt(f"{file.name} holds no query")
        queries[named[1]] = text.strip()
    return queries
