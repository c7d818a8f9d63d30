"""How paths and path patterns in robots.txt syntax are spelt, so that equal ones compare equal octet by octet.

A pattern is a prefix of path and query; `*` stands for any run of characters, a final `$` for the end (RFC 9309, 2.2.3).
"""

import re
from typing import Final

_UNRESERVED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_IN_PATH: Final = frozenset(_UNRESERVED + ":@!&'()+,;=[]")
_IN_QUERY: Final = frozenset(_UNRESERVED + ":@!'(),;[]/?")
_HEX: Final = "0123456789ABCDEFabcdef"


def _spellings(plain: frozenset[str]) -> dict[str, str]:
    """How each `%XX` and each octet that does not stand for itself is spelt for comparison."""
    table = {chr(octet): f"%{octet:02X}" for octet in range(256)}
    table["%"] = "%"  # not an escape: stands as it is
    for high in _HEX:
        for low in _HEX:
            char = chr(int(high + low, 16))
            table[f"%{high}{low}"] = char if char in plain else f"%{high}{low}".upper()
    return table


_PATH_TABLE: Final = _spellings(_IN_PATH)
_QUERY_TABLE: Final = _spellings(_IN_QUERY)
_ODD: Final = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:@!&'()+,;=\[\]/?]")
_ODD_IN_PATTERN: Final = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:@!&'()+,;=\[\]/?*]")
_IS_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~:@!&'()+,;=\[\]/?]*\Z").match
is_plain_pattern: Final = re.compile(r"[/*][A-Za-z0-9\-._~:@!&'()+,;=\[\]/?*]*\$?\Z").match


def _spell(odd: re.Pattern[str], text: str) -> str:
    path, mark, query = text.partition("?")
    path = odd.sub(lambda m: _PATH_TABLE[m[0]], path)
    return f"{path}?{odd.sub(lambda m: _QUERY_TABLE[m[0]], query)}" if mark else path


def spell_path(path: str) -> str:
    """Path and query of a URL as they are compared (RFC 9309, 2.2.2).

    Escapes of unreserved characters are decoded, octets outside ASCII escaped, hex digits are upper case. The RFC wants
    reserved characters escaped on both sides, so that `(` and `%28` are one; decoding them on both sides says the same.
    What separates stays distinct from what is data: `/`, `?` and `%2F`, `%3F` in a path, `&`, `=`, `+` in a query; in a
    query `/` and `:` are data (its table of examples). `*` and `$` are escaped: only patterns have special ones (2.2.3).
    """
    if _IS_PLAIN(path):
        return path
    return _spell(_ODD, path if path.isascii() else path.encode("utf-8", "replace").decode("latin-1"))


def spell_pattern(pattern: str) -> tuple[str, ...]:
    """The one or two spellings of a pattern (octets as Latin-1) to compare with `spell_path`; none if it can never match.

    Two, if what follows its first `*` may stand in the path as well as in the query, where escapes differ in meaning.
    """
    if is_plain_pattern(pattern):
        return (pattern,)
    if pattern[:1] not in ("/", "*"):
        return ()
    end = "$" if pattern.endswith("$") else ""
    body = pattern.removesuffix("$")
    first = _spell(_ODD_IN_PATTERN, body)
    head, star, rest = body.partition("*")
    if not star or "?" in head or "%" not in rest:
        return (first + end,)
    second = _spell(_ODD_IN_PATTERN, head) + "*" + _ODD_IN_PATTERN.sub(lambda m: _QUERY_TABLE[m[0]], rest)
    return (first + end,) if first == second else (first + end, second + end)
