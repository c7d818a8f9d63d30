"""What a recipient's server says is kept and shown to people: short, on one line, and without any place it may quote."""

import re
from typing import Final

from contracts.notices import Notice
from notices.compose.fit import clean, host_of

MOST: Final = 500
"""Longest answer that is kept, in characters."""
LEFT_OUT: Final = "[left out]"
_SPLIT: Final = re.compile(r"(\s+)")


def harmless(answer: str, notice: Notice) -> str:
    """A server's answer, at most `MOST` characters: words that look like a URL or name a host, an address or a digest of the notice
    are left out."""
    words = _SPLIT.split(clean(answer[: 8 * MOST].replace("\r", " ").replace("\n", " "), 8 * MOST))
    secret = _secrets(notice)
    return "".join(LEFT_OUT if _tells(word, secret) else word for word in words).strip()[:MOST]


def _tells(word: str, secret: set[str]) -> bool:
    plain = word.lower().replace("[", "").replace("]", "")
    return "/" in word or any(one in plain for one in secret)


def _secrets(notice: Notice) -> set[str]:
    found = set()
    for place in notice.places:
        found |= {*map(host_of, (place.url, *place.pages)), place.address.lower(), place.sha256.hex()}
    return found - {""}
