"""Where a Refresh header or `<meta http-equiv=refresh>` leads, by the HTML standard's "shared declarative refresh steps"."""

import re
from typing import Final

_BLANK: Final = "\t\n\f\r "
_TIME: Final = re.compile(r"[\t\n\f\r ]*+(?:[0-9]++|(?=\.))[0-9.]*+")
_WORD: Final = re.compile(r"[uU](?:[rR](?:[lL](?:[\t\n\f\r ]*+(=)?)?)?)?")


def target(value: str) -> str | None:
    """The URL as written, "" if the page refreshes itself, None if the value is no refresh at all."""
    time = _TIME.match(value)
    if time is None:
        return None
    rest = value[time.end() :]
    if not rest:
        return ""
    if rest[0] not in ";," + _BLANK:
        return None
    rest = rest.lstrip(_BLANK)
    if rest[:1] in (";", ","):
        rest = rest[1:].lstrip(_BLANK)
    word = _WORD.match(rest)
    if word is not None:
        if word[1] is None:
            # "u", "ur" or "url" without "=" is the beginning of the URL itself.
            return rest
        rest = rest[word.end() :].lstrip(_BLANK)
    if rest[:1] in ("'", '"'):
        return rest[1:].partition(rest[0])[0]
    return rest
