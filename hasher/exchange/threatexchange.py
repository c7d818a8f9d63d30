"""ThreatExchange's threat_updates of a privacy group: by time of change, in its order, next pages by whole links.

The links carry the access token: only their other parameters are kept, and no link is followed as it stands. Source of the
rules: https://developers.facebook.com/docs/threat-exchange/reference/apis/threat-updates/.
"""

from typing import Final

import msgspec
from msgspec import Struct

from contracts.errors import Corrupt
from hasher.exchange import links
from hasher.exchange.protocol import Protocol

PATH: Final = "/threat_updates"
FIELDS: Final = (
    "id,indicator,type,last_updated,should_delete,creation_time,tags,status,"
    "descriptors{id,owner{id,name},status,severity,tags,reactions,last_updated,description}"
)
FORGETS: Final = 85 * 86_400
"""Deletions are told for 90 days, in seconds, less some days for clocks and long syncs."""
_BUSY: Final = frozenset({4, 17, 32, 341, 368, 613, 80_001})
_LOGIN: Final = frozenset({10, 102, 190, 200})
_DOWN: Final = frozenset({1, 2})
_OURS: Final = frozenset({"start_time", "stop_time", "limit", "fields"})


class _Error(Struct):
    code: int = 0


class _Fault(Struct):
    error: _Error


_decode = msgspec.json.Decoder(_Fault).decode


def _root(location: str) -> str:
    return links.root_of(location, PATH)


def _ask(root: str, start: int, until: int, token: str, size: int) -> str:
    pairs = [("start_time", str(start)), ("stop_time", str(until)), ("limit", str(size)), ("fields", FIELDS)]
    return links.with_parameters(root + PATH, pairs + (links.parameters("?" + token) if token else []))


def _token(root: str, following: str) -> str:
    """What a link adds to our own parameters. Corrupt if it is of another range, or adds nothing."""
    pairs = links.parameters(links.inside(following, root, PATH))
    rest = [(name, value) for name, value in pairs if name not in _OURS]
    if not rest:
        raise Corrupt("the link to the next page says nothing but the range that was asked for")
    return links.with_parameters("", rest)[1:]


def _word(status: int, body: bytes) -> str:
    """The code of an error (Graph API, error handling): too many requests and a bad token both come with status 400 or 403."""
    try:
        code = _decode(body).error.code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if code in _BUSY:
        return "busy"
    if code in _LOGIN:
        return "login"
    return "down" if code in _DOWN else ""


THREATEXCHANGE: Final = Protocol("threatexchange", _root, _ask, _token, sizes=(500,), forgets=FORGETS, word=_word)
