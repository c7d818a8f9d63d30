"""Where found URLs go: `Raws` keeps each once for the fetcher, `Places` keeps every place for people."""

from collections.abc import Container
from typing import Final

import ada_url
from msgspec import Struct

from contracts.messages import LinkKind
from fetchers.kinds import PAGE, REDIRECT, STRENGTH

_PACKED: Final = tuple(
    (int(PAGE if kind is REDIRECT else kind) << 1, int(PAGE if kind is REDIRECT else kind) << 1 | 1)
    for kind in LinkKind
)
PAGE_VALUE, PAGE_MARKED = _PACKED[LinkKind.PAGE]
"""A link to a page, without and with nofollow, as kind and flags in one number."""
MEDIA_VALUE, MEDIA_MARKED = _PACKED[LinkKind.MEDIA]


class Found(Struct, gc=False):
    """One place of a page where a URL stands. `raw` is as written, `rel` the relation types, `flags` 0 or NOFOLLOW.

    `element` is the tag name or `header` or `xml`, `attribute` the attribute, header field or token that holds it.
    """

    raw: str
    kind: LinkKind
    element: str
    attribute: str
    rel: str
    flags: int


class Sink:
    """Takes what the readers of markup, style sheets, feeds and headers find. `own` drops links within the page itself."""

    __slots__ = ("agent", "nested", "nofollow", "noindex", "own", "styles")

    def __init__(self, agent: str = "", *, styles: bool = True) -> None:
        self.agent = agent
        self.own = True
        self.styles = styles
        self.noindex = False
        self.nofollow = False
        self.nested: list[str] = []

    def add(self, raw: str, kind: LinkKind, element: str, attribute: str, rel: str = "", flags: int = 0) -> None:
        """Takes a URL as written; an empty one is none, one within the page (`#top`) is the page itself."""
        raise NotImplementedError


class Raws(Sink):
    """Each raw URL once: `kind << 1 | flags`, the strongest kind that a place gives it, nofollow only if all places say so."""

    __slots__ = ("found",)

    def __init__(self, agent: str = "") -> None:
        super().__init__(agent, styles=False)
        self.found: dict[str, int] = {}

    def add(self, raw: str, kind: LinkKind, element: str, attribute: str, rel: str = "", flags: int = 0) -> None:
        """Merges. A redirect is kept as the page it leads to."""
        if not raw or (raw[0] == "#" and self.own):
            return
        new = _PACKED[kind][flags]
        old = self.found.get(raw)
        self.found[raw] = new if old is None or old == new else merge(old, new)


def merge(old: int, new: int) -> int:
    """The stronger kind, and the flags that both have."""
    kind = old >> 1 if STRENGTH[old >> 1] >= STRENGTH[new >> 1] else new >> 1
    return kind << 1 | (old & new & 1)


class Places(Sink):
    """Every place in the order of the reading, up to `most`; with `wanted`, only those of these raw URLs."""

    __slots__ = ("found", "most", "wanted")

    def __init__(self, agent: str = "", *, most: int, wanted: Container[str] | None = None) -> None:
        super().__init__(agent)
        self.found: list[Found] = []
        self.most = most
        self.wanted = wanted

    def add(self, raw: str, kind: LinkKind, element: str, attribute: str, rel: str = "", flags: int = 0) -> None:
        """Appends."""
        if not raw or (raw[0] == "#" and self.own) or len(self.found) >= self.most:
            return
        if self.wanted is None or raw in self.wanted:
            self.found.append(Found(raw, kind, element, attribute, rel, flags))


class Rebased(Sink):
    """Joins what it gets to a base of its own (srcdoc with a base element, xml:base) and hands it on."""

    __slots__ = ("base", "inner")

    def __init__(self, inner: Sink, base: str) -> None:
        super().__init__(inner.agent, styles=inner.styles)
        self.own = False
        self.inner = inner
        self.base = base

    def add(self, raw: str, kind: LinkKind, element: str, attribute: str, rel: str = "", flags: int = 0) -> None:
        """Hands on the absolute URL; what cannot be joined is dropped."""
        if raw and (url := join(self.base, raw)):
            self.inner.add(url, kind, element, attribute, rel, flags)


def join(base: str, raw: str) -> str:
    """Absolute URL by the WHATWG standard, empty if there is none."""
    try:
        joined: str = ada_url.join_url(base, raw)
    except ValueError:  # also lone surrogates
        return ""
    return joined
