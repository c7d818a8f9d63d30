"""StopNCII's FetchHashes: records changed since a time, next pages by a token that does not live long. A range has no end."""

from typing import Final

from contracts.errors import Corrupt
from hasher.exchange import links
from hasher.exchange.protocol import Protocol

PATH: Final = "/FetchHashes"
FIRST: Final = 10
"""The least start that is asked for: 0 is not known to mean the beginning."""


def _root(location: str) -> str:
    return links.root_of(location, PATH)


def _ask(root: str, start: int, until: int, token: str, size: int) -> str:
    pairs = [("startTimestamp", str(max(FIRST, start))), ("pageSize", str(size))]
    return links.with_parameters(root + PATH, pairs + ([("nextPageToken", token)] if token else []))


def _token(root: str, following: str) -> str:
    if len(following) > links.LINK_CHARS:
        raise Corrupt(f"the token of the next page has more than {links.LINK_CHARS} characters")
    return following


STOPNCII: Final = Protocol("stopncii", _root, _ask, _token, sizes=(800, 100, 10, 1), bounded=False)
