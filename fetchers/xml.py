"""XML as a flat run of tags and text: no tree, no entities but the five of XML and numbers, no DTD, nothing external.

Sitemaps and feeds are often cut or malformed; what can be read of them is read, in linear time and without exceptions.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

_NAME: Final = re.compile(r"[^\s/>=]+")
_ATTRIBUTE: Final = re.compile(r"(?<![^\s=\"'<>/])([^\s=\"'<>/]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);")
_QUOTED_TAGS: Final = 8
_MAX_TAG: Final = 64 * 1024


class Tag(NamedTuple):
    """A start tag (`opens`), an end tag (`closes`), or both at once. `name` is local, in lower case, without its prefix.

    `start` and `end` are where it stands in the text; `inside` is what stands between `<` and `>`.
    """

    name: str
    prefix: str
    opens: bool
    closes: bool
    inside: str
    start: int
    end: int


class Text(NamedTuple):
    """Character data with references resolved; `literal` if it is a CDATA section."""

    value: str
    literal: bool


def events(text: str) -> Iterator[Tag | Text]:
    """Tags and text in order; comments, processing instructions and the document type are passed over."""
    at, end = 0, len(text)
    while at < end:
        less = text.find("<", at)
        if less < 0:
            less = end
        if less > at:
            yield Text(resolve(text[at:less]), False)
        if less >= end:
            return
        if text.startswith("<!--", less):
            at = _after(text, "-->", less + 4)
        elif text.startswith("<![CDATA[", less):
            at = _after(text, "]]>", less + 9)
            yield Text(text[less + 9 : at - 3 if text.endswith("]]>", less + 9, at) else at], True)
        elif text.startswith("<?", less):
            at = _after(text, "?>", less + 2)
        elif text.startswith("<!", less):
            at = _after_doctype(text, less + 2)
        else:
            at = _tag_end(text, less + 1)
            tag = _tag(text, less, at)
            if tag is not None:
                yield tag


def attributes(tag: Tag) -> dict[str, str]:
    """Attributes by lower-case name with prefix, references resolved; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag.inside[:_MAX_TAG]):
        found.setdefault(match[1].lower(), resolve(match[2] if match[2] is not None else match[3]))
    return found


def resolve(text: str) -> str:
    """Text with character references and XML's five entities resolved. Others, a DTD's among them, stay as they are."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), text) if "&" in text else text


def _after(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return len(text) if found < 0 else found + len(mark)


def _after_doctype(text: str, at: int) -> int:
    close = text.find(">", at)
    bracket = text.find("[", at, close if close >= 0 else len(text))
    if bracket < 0:
        return len(text) if close < 0 else close + 1
    inner = text.find("]", bracket)
    return len(text) if inner < 0 else _after(text, ">", inner)


def _tag_end(text: str, at: int) -> int:
    """Where a tag ends: at the first `>` outside quotes; quotes that do not close are not believed."""
    first = close = text.find(">", at)
    for _ in range(_QUOTED_TAGS):
        if close < 0:
            break
        if close - at > _MAX_TAG:
            break
        inside = text[at:close]
        if inside.count('"') % 2 == 0 and inside.count("'") % 2 == 0:
            return close + 1
        if '"' in inside and inside.count('"') % 2 == 0:
            return close + 1
        close = text.find(">", close + 1)
    return len(text) if first < 0 else first + 1


def _tag(text: str, start: int, end: int) -> Tag | None:
    inside = text[start + 1 : end - 1 if text[end - 1] == ">" else end]
    closing = inside[:1] == "/"
    name = _NAME.match(inside, 1 if closing else 0)
    if name is None:
        return None
    prefix, _, local = name[0].rpartition(":")
    single = inside[-1:] == "/"
    return Tag(local.lower(), prefix, not closing, closing or single, inside, start, end)
