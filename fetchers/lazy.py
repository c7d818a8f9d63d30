"""Pictures and videos that a script will load later: data attributes, by the names that lazy loaders have made common."""

import re
from typing import Final

from fetchers import css, srcset
from fetchers.kinds import MEDIA, PAGE, is_media_path, is_media_text
from fetchers.sinks import Sink

URL_NAMES: Final = [
    "data-src",
    "data-original",
    "data-lazy",
    "data-lazy-src",
    "data-bg",
    "data-background",
    "data-background-image",
    "data-poster",
    "data-image",
    "data-full",
    "data-hi-res-src",
    "data-thumb",
    "data-img",
    "data-large",
    "data-zoom-image",
    "data-video-src",
]
"""Attributes that hold a URL on any element."""
SET_NAMES: Final = ["data-srcset", "data-lazy-srcset", "data-bgset"]
"""Attributes that hold a srcset on any element."""

_URLS: Final = frozenset(URL_NAMES)
_SETS: Final = frozenset(SET_NAMES)
_IMAGE_URLS: Final = frozenset(("data-url", "data-href", "data-echo", "data-image-src", "data-thumbnail", "data-hires"))
_URLISH: Final = re.compile(r"(?!\.(?!\.?/))[^\s<>{}()\[\]\"'#,;./]*+[./][^\s<>{}()\"']*+")
_NUMBER: Final = re.compile(r"[\d.,/ -]*")


def data_attribute(sink: Sink, tag: str, name: str, value: str, *, handled: bool) -> None:
    """Takes what a `data-*` attribute holds. `handled` elements are those that show something: on these any name may do."""
    if tag == "script" or not value:
        return
    if name in _SETS or (handled and "srcset" in name):
        for raw in srcset.candidates(value):
            if is_url(raw):
                sink.add(raw, MEDIA, tag, name)
    elif name in _URLS or (name in _IMAGE_URLS and tag == "img"):
        if "url(" in value:
            for found in css.urls(value):
                sink.add(found.raw, found.kind, tag, name)
        elif is_url(value):
            page = tag in ("iframe", "frame", "amp-iframe") and not is_media_path(value)
            sink.add(value, PAGE if page else MEDIA, tag, name)
    elif handled and is_media_text(value.strip()):
        sink.add(value, MEDIA, tag, name)


def is_url(value: str) -> bool:
    """Whether a data attribute's value can be a URL rather than a flag, a number, a colour or a selector."""
    value = value.strip()
    if is_media_path(value):
        return not value.startswith(("{", "["))
    return _URLISH.fullmatch(value) is not None and _NUMBER.fullmatch(value) is None
