"""Reading a page: a tree by the HTML standard, then every place that leads somewhere, in one of two ways.

The whole way visits every element and is what people see (`Places`). The fast way finds the same URLs with a few compiled
queries: the addresses of `a` by XPath, and only those elements visited that hold anything else.
"""

import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import turbohtml

from fetchers import css
from fetchers.census import lazy_names, tame
from fetchers.kinds import MEDIA, MEDIA_HINT, is_media_path
from fetchers.places import HANDLERS, visit
from fetchers.sinks import MEDIA_MARKED, MEDIA_VALUE, PAGE_MARKED, PAGE_VALUE, Raws, Rebased, Sink, join, merge

NESTING: Final = 3
"""Documents within documents (srcdoc, noframes) that are read, one in the other."""
NESTED: Final = 200
"""Most such documents of one page at each depth."""

_UNSEEN: Final = ("script", "style", "noscript", "template", "iframe", "noframes", "noembed", "title")
_HANDLED: Final = tuple(HANDLERS)
_ODD: Final = r"a[type],a[xlink\:href],[background],[itemprop]"
_START: Final = re.compile("<(?!/)")
_HREFS: Final = turbohtml.XPath("//a/@href")
_STYLES: Final = turbohtml.XPath("//@style")
_CLOSED: Final = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)[\s/])([a-zA-Z][\w\-]*)((?:\s[^<>]*)?)/>"
)


class Page:
    """What was made of a page: its tree, its base URL, and whether the cap on elements cut it."""

    __slots__ = ("base", "cut", "tree")

    def __init__(self, tree: Any, base: str, cut: bool) -> None:
        self.tree = tree
        self.base = base
        self.cut = cut

    def text(self) -> str:
        """Visible text, roughly: without scripts, styles, titles and what browsers do not show. Takes the tree apart."""
        for element in list(self.tree.iter_elements(_UNSEEN)):
            element.decompose()
        text: str = self.tree.text
        return text


def read(
    text: str, url: str, sink: Sink, *, elements: int, data: bytes | bytearray = b"", nesting: int = NESTING
) -> Page:
    """Hands every URL of a page to the sink; `url` is the page's own (nested: the outer base), `elements` a cap.

    `data` are the page's bytes if their encoding is a superset of ASCII; they spare encoding the text again.
    """
    text, cut = _capped(text, elements)
    data = data or text.encode("utf-8", "replace")
    tree = turbohtml.parse(tame(text, data), positions=False, allow_declarative_shadow_roots=False)
    handled = list(tree.iter_elements(_HANDLED))
    base = _base(handled, url)
    if nesting == NESTING:
        sink.own = base == url.partition("#")[0]
    elif base != url:
        sink = Rebased(sink, base)
    if type(sink) is Raws:
        _fast(tree, handled, data, sink)
    else:
        for element in tree.iter_elements():
            visit(element, sink)
    if sink.nested:
        inner, sink.nested = sink.nested[:NESTED], []
        robots = sink.noindex, sink.nofollow
        for markup in inner if nesting else ():
            read(markup, base, sink, elements=elements, nesting=nesting - 1)
        sink.noindex, sink.nofollow = robots
    return Page(tree, base, cut)


def _fast(tree: Any, handled: list[Any], data: bytes | bytearray, sink: Raws) -> None:
    if hrefs := _strings(_HREFS, tree):
        _anchors(tree, hrefs, sink)
    for element in handled:
        visit(element, sink)
    for element in tree.select(_odd(frozenset(lazy_names(data)))):
        if element.tag not in HANDLERS:
            visit(element, sink)
    for style in set(_strings(_STYLES, tree)):
        if "(" in style:
            for inside in css.urls(style):
                sink.add(inside.raw, MEDIA, "", "style")


def _strings(query: turbohtml.XPath, tree: Any) -> list[str]:
    values: list[str] = query(tree)  # type: ignore[assignment]  # attributes are always strings
    return values


@lru_cache(1024)
def _odd(names: frozenset[str]) -> str:
    """Selector of the elements that hold a URL in other ways than by their own nature."""
    return ",".join([_ODD, *(f"[{name}]" for name in sorted(names))])


def _anchors(tree: Any, hrefs: list[str], sink: Raws) -> None:
    """The addresses of all `a`, as `visit` would add them one by one."""
    own = sink.own
    values = dict.fromkeys([raw for raw in hrefs if raw and (raw[0] != "#" or not own)], PAGE_VALUE)
    if marked := tree.select("a[rel~=nofollow i]"):
        counts = Counter(hrefs)
        counts.subtract([element.attr("href") or "" for element in marked])
        for raw in values:
            if counts[raw] <= 0:
                values[raw] = PAGE_MARKED
    names = "\0".join(values)
    if MEDIA_HINT.search(names) or "\n" in names or "\t" in names or "\r" in names:
        for raw, value in values.items():
            if is_media_path(raw):
                values[raw] = MEDIA_VALUE if value == PAGE_VALUE else MEDIA_MARKED
    found = sink.found
    if found:
        for raw, value in values.items():
            found[raw] = merge(found[raw], value) if raw in found else value
    else:
        found.update(values)


def _base(handled: list[Any], url: str) -> str:
    """The document's base URL: the first `base` with href, joined to the page's URL; that URL if it is none, or data.

    HTML standard, 4.2.3. One in a template, in SVG, or that only browsers without scripts see, is not in the document.
    """
    url = url.partition("#")[0]
    for element in handled:
        if element.tag != "base" or element.namespace is not turbohtml.Namespace.HTML:
            continue
        href = element.attr("href")
        if href is None or any(getattr(outer, "tag", "") in ("template", "noscript") for outer in element.ancestors):
            continue
        base = join(url, href).partition("#")[0]
        return url if not base or base.startswith(("data:", "javascript:")) else base
    return url


def _capped(text: str, elements: int) -> tuple[str, bool]:
    """The text up to where it has more than so many start tags."""
    if len(text) <= elements or text.count("<") - text.count("</") <= elements:
        return text, False
    last = next(islice(_START.finditer(text), elements, None), None)
    return (text, False) if last is None else (text[: last.start()], True)


def opened(text: str) -> str:
    """XHTML for a parser of HTML: `<script/>` and its like, which HTML would take as open, written out."""
    return _CLOSED.sub(r"<\1\2></\1>", text)
