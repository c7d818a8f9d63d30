"""URLs of a style sheet or style attribute, by the tokens of CSS Syntax Level 3: url(), @import, image-set() and kin.

Comments and other strings are passed over; a bad url or bad string yields nothing. Font files and namespaces are
not pictures and are left out. The scan is linear: every alternative is possessive and consumes what it looked at.
"""

import re
from typing import Final, NamedTuple

from contracts.messages import LinkKind

_DOUBLE: Final = r'"[^"\\\n]*+(?:\\[\s\S][^"\\\n]*+)*+(?:"|\\?\Z|(?=\n))'
_SINGLE: Final = r"'[^'\\\n]*+(?:\\[\s\S][^'\\\n]*+)*+(?:'|\\?\Z|(?=\n))"
_COMMENT: Final = r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
_NAME: Final = r"(?:[-_a-zA-Z0-9\x80-\U0010ffff]|\\(?:[0-9a-fA-F]{1,6}\s?+|[^\n0-9a-fA-F]))++"

_COMMON: Final = rf"(?P<comment>{_COMMENT})|(?P<string>{_DOUBLE}|{_SINGLE})"
_EXACT: Final = rf"{_COMMON}|(?P<call>{_NAME})\(|(?P<at>@{_NAME})|(?P<name>{_NAME})"
_QUICK: Final = (
    _COMMON + r"|(?P<call>(?<![-\w\x80-\U0010ffff])(?:url|(?:-webkit-)?image-set|image|src))\("
    r"|(?P<at>@(?:import|namespace|font-face)(?![-\w\x80-\U0010ffff]))"
)
_MARKS: Final = r"|(?P<mark>[(){};])"
_SCANS: Final = {
    exact: (re.compile(tokens, re.IGNORECASE), re.compile(tokens + _MARKS, re.IGNORECASE))
    for exact, tokens in ((False, _QUICK), (True, _EXACT))
}
"""Scanners for text without and with escapes, each outside of anything open (brackets do not matter) and inside."""

_INTEREST: Final = re.compile(r"@i|(?:url|image|image-set|src)\(|\\", re.IGNORECASE)
_BLANK: Final = re.compile(r"[ \t\n]*+")
_PLAIN_URL: Final = re.compile(
    r"((?:[^ \t\n\"'()\\\x00-\x08\x0b\x0e-\x1f\x7f]|\\(?:[0-9a-fA-F]{1,6}\s?+|[^\n0-9a-fA-F]))*+)[ \t\n]*+(?:\)|\Z)"
)
_BAD_URL: Final = re.compile(r"(?:[^)\\]|\\[\s\S])*+\)?")
_DOUBLE_BODY: Final = re.compile(r'"([^"\\\n]*+(?:\\[\s\S][^"\\\n]*+)*+)("?)')
_SINGLE_BODY: Final = re.compile(r"'([^'\\\n]*+(?:\\[\s\S][^'\\\n]*+)*+)('?)")
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n]?|(\n)|([\s\S])|\Z)")
_FONT: Final = re.compile(r"\.(?:woff2?|ttf|otf|eot|ttc|htc)(?:[?#]|\Z)", re.IGNORECASE)

_SETS: Final = frozenset(("image-set", "-webkit-image-set", "image", "src"))
"""Functions whose string arguments are URLs."""


class CssUrl(NamedTuple):
    """A URL as written (escapes resolved), STYLESHEET for @import and MEDIA otherwise, and the token that gave it."""

    raw: str
    kind: LinkKind
    token: str


def urls(text: str) -> list[CssUrl]:
    """Every URL of a style sheet, a `<style>` element or a style attribute, in order."""
    if ("(" not in text and "@" not in text) or _INTEREST.search(text) is None:
        return []
    if "\r" in text or "\f" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    idle, busy = _SCANS["\\" in text]
    found: list[CssUrl] = []
    rule = ""  # at-rule whose prelude (or, for font-face, block) is being read
    calls: list[str] = []  # open parentheses, only kept inside image-set() and kin
    at = 0
    while (token := (busy if rule or calls else idle).search(text, at)) is not None:
        at = token.end()
        group = token.lastgroup
        if group == "string":
            inside = calls[-1] if calls else ""
            if (rule == "import" or inside in _SETS) and (value := _string(text, token.start())[1]):
                _keep(found, value, rule, inside or "@import")
                rule = "" if rule == "import" else rule
        elif group == "call":
            name = _unescape(token["call"]).lower()
            if name == "url":
                at, value = _url(text, at)
                if value:
                    _keep(found, value, rule, "@import" if rule == "import" else "url()")
                    rule = "" if rule == "import" else rule
            elif calls or name in _SETS:
                calls.append(name)
        elif group == "at":
            rule = _unescape(token["at"][1:]).lower()
            if rule not in ("import", "namespace", "font-face"):
                rule = ""
            calls.clear()
        elif group == "mark":
            mark = token[0]
            if mark == "(":
                if calls:
                    calls.append("(")
            elif mark == ")":
                if calls:
                    calls.pop()
            else:
                calls.clear()
                if rule != "font-face" or mark == "}":
                    rule = ""
    return found


def _keep(found: list[CssUrl], value: str, rule: str, token: str) -> None:
    if rule == "import":
        found.append(CssUrl(value, LinkKind.STYLESHEET, "@import"))
    elif not rule and value[0] != "#" and not _FONT.search(value):
        found.append(CssUrl(value, LinkKind.MEDIA, token if token.endswith(")") else token + "()"))


def _url(text: str, at: int) -> tuple[int, str]:
    """End and value of a url() whose parenthesis is open; the value is empty for a bad url."""
    blank = _BLANK.match(text, at)
    at = blank.end() if blank else at
    if text[at : at + 1] in ('"', "'"):
        return _string(text, at)
    if plain := _PLAIN_URL.match(text, at):
        return plain.end(), _unescape(plain[1])
    bad = _BAD_URL.match(text, at)
    return (bad.end() if bad else len(text)), ""


def _string(text: str, at: int) -> tuple[int, str]:
    """End and value of the string that starts here; the value is empty for a bad string (cut by a line break)."""
    found = (_DOUBLE_BODY if text[at] == '"' else _SINGLE_BODY).match(text, at)
    if found is None:
        return at + 1, ""
    # The end of the text closes a string, with or without a last backslash.
    left = len(text) - found.end()
    if not found[2] and left and (left > 1 or text[-1] != "\\"):
        return found.end(), ""
    return found.end(), _unescape(found[1])


def _unescape(written: str) -> str:
    return _ESCAPE.sub(_character, written) if "\\" in written else written


def _character(escape: re.Match[str]) -> str:
    if escape[1]:
        code = int(escape[1], 16)
        return "\ufffd" if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)
    return escape[3] or ""
