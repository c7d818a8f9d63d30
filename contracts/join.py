"""All links of a page in one go: join to the base, canonicalise, give each its id, group by scheme and host.

This is the hottest loop of a crawler, so it has two ways. The short one takes what is canonical as it stands (an absolute
URL, an absolute path, a path below the page's folder or `../`, a query, a fragment) and only glues strings; what needs
more thought takes the long way through `urls.parse_bytes`. Both ways give the same result for any input.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from contracts.messages import Link, LinkKind
from contracts.refusals import Reason, Refusal
from contracts.urls import MAX_BYTES, Url, origin_of, parse, parse_bytes, well_formed

Groups = dict[tuple[bool, str], list[Link]]
"""Links by (https, host), in the order in which they were met."""

_SAFE: Final = b"/?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&()*+,;=@|[]"
"""What means the same anywhere in path and query and is never escaped (WHATWG URL, percent-encode sets); without ":"."""

_LOOSE: Final = re.compile(r"%(?!(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|[46]0|5[B-E]|7[BCDF]))")
"""A percent sign that does not begin a triplet in normal form."""

_SPECIAL: Final = frozenset(("", "#", "?", ".", "/"))
"""First characters of relative references that are not just put behind the folder."""

_FOLDERS: Final = 8
"""Folders that are kept for `../`; from deeper ones the long way is taken."""

_COLON: Final = ord(":")
_ORIGIN_CHARACTERS: Final = 300
"""Longest origin that is remembered."""


class _Bin:
    """Links of one scheme and host. `fed` copies a BLAKE2b-128 fed with the origin, `room` is the longest path allowed."""

    __slots__ = ("fed", "links", "room")

    def __init__(self, key: tuple[bool, str], max_bytes: int) -> None:
        origin = origin_of(*key)
        self.fed = blake2b(origin.encode(), digest_size=16).copy
        self.room = max_bytes - len(origin)
        self.links: dict[str | tuple[str, LinkKind], Link] = {}

    def add(self, path: str, kind: LinkKind, flags: int) -> None:
        """One more link, by its canonical path."""
        old = self.links.get(path)
        if old is None:
            fed = self.fed()
            fed.update(path.encode())
            self.links[path] = Link(path, fed.digest(), kind, flags)
            return
        key: str | tuple[str, LinkKind] = path
        if old.kind is not kind:
            key = path, kind
            old = self.links.get(key) or Link(path, old.url_id, kind, flags)
        self.links[key] = old if old.flags & flags == old.flags else Link(path, old.url_id, kind, old.flags & flags)


class _Bins:
    """The bins of one page, by (https, host) and by the origins that were met."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.by_key: dict[tuple[bool, str], _Bin] = {}
        self.by_origin: dict[str, _Bin] = {}

    def of(self, key: tuple[bool, str]) -> _Bin:
        place = self.by_key.get(key)
        if place is None:
            place = self.by_key[key] = _Bin(key, self.max_bytes)
        return place

    def of_origin(self, origin: str) -> _Bin | None:
        """The bin of an origin in canonical form; None if it is written otherwise, or refused."""
        place = self.by_origin.get(origin)
        if place is None and len(origin) <= _ORIGIN_CHARACTERS and (key := _origin_key(origin)) is not None:
            place = self.by_origin[origin] = self.of(key)
        return place


@lru_cache(16_384)
def _origin_key(origin: str) -> tuple[bool, str] | None:
    url = parse(origin + "/")
    return (url.https, url.host) if isinstance(url, Url) and url.text[:-1] == origin else None


def _odd(texts: list[str]) -> list[bytes]:
    """For each text its bytes that are not `_SAFE`, in order; found in one pass over all of them."""
    whole = "\n".join(texts)
    if whole.count("\n") != len(texts) - 1:
        whole = "\n".join([text.replace("\n", " ") for text in texts])
    return whole.encode("utf-8", "surrogatepass").translate(None, _SAFE).split(b"\n")


def _plain(path: str, odd: bytes) -> str:
    """The canonical form of an absolute path with these odd bytes if only a fragment need be dropped, else ""."""
    if b"#" in odd:
        path = path[: path.index("#")]
        odd = odd[: odd.index(b"#")]
    if "/." in path or (odd and (odd.strip(b":%") or (b"%" in odd and _LOOSE.search(path)))):
        return ""
    return path


class Joiner:
    """Joins the raw links of one page to its base URL (the choice between page and base element is made already).

    An empty or fragment-only link is the base itself and is given back as such.
    """

    def __init__(self, base: str, *, max_bytes: int = MAX_BYTES) -> None:
        self._base = well_formed(base).encode()
        self._max = max_bytes
        self._home: tuple[bool, str] | None = None
        self._page = self._stem = ""  # path with query; path without, "" if nothing can be glued to it
        self._folders: list[str] = []  # the page's folder, that one's parent and so on
        url = parse(base, max_bytes=max_bytes)
        if isinstance(url, Url):
            self._home = url.https, url.host
            self._page = url.path
            stem = url.path.partition("?")[0]
            self._stem = folder = _plain(stem, _odd([stem])[0])
            while folder and len(self._folders) < _FOLDERS:
                folder = folder[: folder.rfind("/") + 1]
                self._folders.append(folder)
                folder = folder[:-1]

    def join(self, raw: str) -> Url | Refusal:
        """The canonical URL that `raw` leads to, or why it is refused; equal to `urls.parse(raw, base)`."""
        return parse_bytes(raw, self._base, self._max)

    def group(self, raws: Iterable[tuple[str, LinkKind, int]]) -> tuple[Groups, Counter[Reason]]:
        """Links of (raw, kind, flags), grouped, and refusals counted by reason.

        A URL met again with the same kind is one link, whose flags are those that all of them have (a URL linked
        once without nofollow may be followed).
        """
        bins = _Bins(self._max)
        origins = bins.by_origin
        refused: Counter[Reason] = Counter()
        rows = list(raws)
        if not rows:
            return {}, refused
        own = None if self._home is None else bins.of(self._home)
        folder = self._folders[0] if self._folders else ""
        place: _Bin | None
        for (raw, kind, flags), odd in zip(rows, _odd([raw for raw, _, _ in rows]), strict=True):
            # 1. Whose path is it? `place` is None if only the long way can tell.
            first = raw[:1]
            if first == "/" and raw[1:2] != "/":
                place, path = own, raw
            elif first == "h" and odd and odd[0] == _COLON:
                cut = raw.find("/", 8)
                if cut > 0:
                    place = origins.get(raw[:cut]) or bins.of_origin(raw[:cut])
                    path = raw[cut:]
                    odd = b"" if odd == b":" else odd[1:]
                else:
                    place = None
            elif own is None:
                place = None
            elif folder and not odd and first not in _SPECIAL:
                place, path = own, folder + raw
            else:
                place, path, odd = self._relative(bins, own, raw, odd)
            # 2. Is the path canonical as it stands, or without its fragment?
            if place is not None:
                if odd or "/." in path:
                    path = _plain(path, odd)
                if path and len(path) <= place.room:
                    if path in place.links:
                        place.add(path, kind, flags)
                    else:  # as in `add`, without the call
                        fed = place.fed()
                        fed.update(path.encode())
                        place.links[path] = Link(path, fed.digest(), kind, flags)
                    continue
            # 3. No: the long way.
            url = self.join(raw)
            if isinstance(url, Refusal):
                refused[url.reason] += 1
            else:
                bins.of((url.https, url.host)).add(url.path, kind, flags)
        return {key: list(place.links.values()) for key, place in bins.by_key.items() if place.links}, refused

    def _relative(self, bins: _Bins, own: _Bin, raw: str, odd: bytes) -> tuple[_Bin | None, str, bytes]:
        """Place, path and odd bytes of the rarer relative references; no place if only the long way can tell."""
        first = raw[:1]
        if first in ("", "#"):
            return own, self._page, b""
        if first == "/":  # a second one follows: the scheme is the base's
            cut = raw.find("/", 2)
            scheme = "https:" if self._home and self._home[0] else "http:"
            return bins.of_origin(scheme + raw[:cut]) if cut > 2 else None, raw[cut:], odd
        if not self._folders or (odd and b":" in odd.partition(b"#")[0]):  # it may begin with a scheme
            return None, "", b""
        if first == "?":
            return own, self._stem + raw, odd
        start = up = 0
        if first == ".":
            start = 2 if raw.startswith("./") else 0
            while raw.startswith("../", start):
                start += 3
                up += 1
        if up < len(self._folders):
            return own, self._folders[up] + raw[start:], odd
        return own if self._folders[-1] == "/" else None, "/" + raw[start:], odd
