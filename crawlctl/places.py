"""Where the keys of a TOML file stand, which the standard library's reader does not tell."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

Path = tuple[str, ...]

_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|\n|[\[{]|[\]}]"
    r"|[^\"'#\n\[\]{}]+"
    r"|.",
    re.DOTALL,
)
_WHERE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def places(text: str) -> dict[Path, tuple[int, int]]:
    """(line, column), from 1, of every key and table of a TOML text that `tomllib` accepts; of a key inside an inline
    table, that of the key whose value the table is."""
    found: dict[Path, tuple[int, int]] = {}
    table: Path = ()
    for statement, line, column in _statements(text):
        if statement.startswith("["):
            table = _path(statement)
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], (line, column))
            continue
        path = table + _path(f"{statement} = 0")
        for depth in range(len(table) + 1, len(path) + 1):
            found.setdefault(path[:depth], (line, column))
    return found


def complaint(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, int, str]:
    """Line, column (from 1) and sentence of the reader's complaint."""
    message = str(error)
    where = _WHERE.search(message)
    said = message[: where.start()] if where else message
    if where and where[1]:
        return int(where[1]), int(where[2]), said
    lines = text.split("\n")
    return len(lines), len(lines[-1]) + 1, said


def _statements(text: str) -> Iterator[tuple[str, int, int]]:
    """Table headers, and the left sides of assignments, each with its line and column."""
    line = at_line = column = 1
    begun = 0  # where the current line begins
    depth = 0
    words: list[str] = []
    header = assigned = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n" and depth == 0:
            if words:
                yield "".join(words).strip(), at_line, column
            words, header, assigned = [], False, False
        elif not token.startswith("#") and token != "\n" and not assigned:
            if not words:
                if token.isspace():
                    continue
                header = token == "["
                at_line, column = line, match.start() + len(token) - len(token.lstrip()) - begun + 1
            if not header and "=" in token and token[0] not in "\"'":
                assigned = True
                token = token.partition("=")[0]
            words.append(token)
        if not header and match[0] in ("[", "{"):
            depth += 1
        elif not header and match[0] in ("]", "}"):
            depth -= 1
        if newlines := match[0].count("\n"):
            line += newlines
            begun = match.start() + match[0].rfind("\n") + 1
    if words:
        yield "".join(words).strip(), at_line, column


def _path(statement: str) -> Path:
    """The names of a header or left side, by the reader itself."""
    names = []
    value: Any = tomllib.loads(statement)
    while isinstance(value, (dict, list)) and value:
        if isinstance(value, list):
            value = value[0]
            continue
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)
