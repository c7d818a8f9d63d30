"""Drops tracking and session parameters from the path and query of a URL. Only policy asks for it; parsing never does."""

import re
from collections.abc import Iterable
from typing import Final

_SESSION: Final = "jsessionid"
# A segment that would be left as "." or ".." keeps its parameter: dropping it would change the path's meaning.
_SESSION_PATH: Final = re.compile(rf"(?<!/\.)(?<!/\.\.);{_SESSION}=[^/?;]*", re.IGNORECASE)


class Cleaner:
    """Compiled name patterns: `*` stands for any run of characters, case does not matter, the rest is literal.

    `;jsessionid=` in a path goes too if the patterns cover that name.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        names = [
            "[^&=]*".join(re.escape(part) for part in re.split(r"\*+", pattern)) for pattern in patterns if pattern
        ]
        either = "|".join(names) or r"(?!)"
        self._first = re.compile(rf"[?&](?:{either})(?=[=&]|$)", re.IGNORECASE)
        self._name = re.compile(rf"(?:{either})", re.IGNORECASE)
        self._paths = self._name.fullmatch(_SESSION) is not None

    def __call__(self, path: str) -> str:
        """The canonical path and query without the named parameters; all else byte for byte and in order.

        A query of which nothing is left goes with its question mark. A path without such parameters comes back as it is.
        """
        if self._paths and ";" in path:
            stem, mark, query = path.partition("?")
            path = _SESSION_PATH.sub("", stem) + mark + query
        if "?" not in path or self._first.search(path) is None:
            return path
        stem, _, query = path.partition("?")
        parameters = query.split("&")
        kept = [each for each in parameters if self._name.fullmatch(each.partition("=")[0]) is None]
        if len(kept) == len(parameters):
            return path
        return f"{stem}?{'&'.join(kept)}" if kept else stem
