"""Pictures and videos named in scripts: JSON-LD by its vocabulary, other JSON by what reads as a media file's URL."""

import re
from typing import Any, Final

import msgspec

from contracts.messages import LinkKind
from fetchers.kinds import MEDIA, MEDIA_HINT, PAGE, is_media_text

Found = list[tuple[str, LinkKind]]

_MEDIA_KEYS: Final = frozenset(
    ("image", "images", "thumbnail", "thumbnails", "thumbnailurl", "contenturl", "logo", "photo", "photos", "screenshot",
     "primaryimageofpage", "associatedmedia", "og:image", "image_url", "imageurl")
)  # fmt: skip
_OBJECT_KEYS: Final = frozenset(
    ("image", "images", "thumbnail", "thumbnails", "logo", "photo", "photos", "screenshot", "primaryimageofpage")
)
"""Keys whose objects are pictures, also if they do not say so by @type."""
_TYPES: Final = frozenset(
    ("imageobject", "videoobject", "mediaobject", "audioobject", "photograph", "barcode", "clip", "3dmodel",
     "imageobjectsnapshot", "videoobjectsnapshot", "musicvideoobject")
)  # fmt: skip

_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"(\s*+:)?|\\?\Z)', re.DOTALL)
_VALUE: Final = re.compile(r'[:\[,]\s*+"((?:https?:)?\\?/[^"\s<>]*+)"\s*+(?=[,}\]])', re.IGNORECASE)
_URL_KEYS: Final = frozenset(("contenturl", "thumbnailurl", "embedurl"))
_BLANK: Final = re.compile(r"\s")
_URLISH: Final = re.compile(r"[^\s<>{}\"./]*+[./][^\s<>{}\"]*+")


def json_ld(text: str) -> Found:
    """URLs of a JSON-LD script (schema.org): pictures and videos MEDIA, players (`embedUrl`) PAGE, as written."""
    value = _decode(text)
    found: Found = []
    if value is None:
        key = ""
        for string in _strings(text):
            if string[1]:
                key = string[0].lower()
            else:
                _schema_string(key, string[0], False, found)
                key = ""
        return found
    stack: list[tuple[Any, str, bool]] = [(value, "", False)]
    while stack:
        value, key, media = stack.pop()
        if isinstance(value, str):
            _schema_string(key, value, media, found)
        elif isinstance(value, list):
            stack.extend((item, key, media) for item in reversed(value))
        elif isinstance(value, dict):
            media = key in _OBJECT_KEYS or _is_media(value.get("@type"))
            stack.extend((item, name.lower(), media) for name, item in reversed(value.items()))
    return found


def _is_media(kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(k, str) and k.rpartition("/")[2].rpartition(":")[2].lower() in _TYPES for k in kinds[:16])


def _schema_string(key: str, value: str, media: bool, found: Found) -> None:
    if key in ("@context", "@type"):
        return
    value = value.strip()
    if is_media_text(value):
        found.append((value, MEDIA))
    elif key in _URL_KEYS or (media and key == "url"):
        if value and len(value) <= 4096 and _BLANK.search(value) is None:
            found.append((value, PAGE if key == "embedurl" else MEDIA))
    elif key in _MEDIA_KEYS and len(value) <= 4096 and _URLISH.fullmatch(value):
        found.append((value, MEDIA))


def json_strings(text: str) -> Found:
    """Strings of any JSON that read as the URL of a picture or video file; all MEDIA."""
    if MEDIA_HINT.search(text.replace('"', "\0")) is None:
        return []
    value = _decode(text)
    if value is None:
        return [(string, MEDIA) for string, is_key in _strings(text) if not is_key and is_media_text(string)]
    found: Found = []
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if is_media_text(value):
                found.append((value, MEDIA))
        elif isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            stack.extend(reversed(value.values()))
    return found


def inline(text: str) -> Found:
    """Media URLs in the JSON that a script carries: absolute ones, and only where a JSON value stands.

    Strings of the program itself (`x = "/a.jpg"`, `load("/a.jpg")`, markup in quotes) are not taken.
    """
    found: Found = []
    for written in _VALUE.findall(text):
        value = _unescape(written)
        if is_media_text(value):
            found.append((value, MEDIA))
    return found


def _decode(text: str) -> Any:
    """The JSON value, None if it is malformed or nested too deeply to be read."""
    text = text.strip(" \t\r\n;\ufeff")
    if text.startswith(("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[")):
        text = text[text.find("{") : text.rfind("}") + 1]
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def _strings(text: str) -> list[tuple[str, bool]]:
    """Strings of malformed JSON, and whether each is a key."""
    return [(_unescape(string[1]), bool(string[2])) for string in _STRING.finditer(text)]


def _unescape(written: str) -> str:
    if "\\" not in written:
        return written
    try:
        return msgspec.json.decode(f'"{written}"'.encode("utf-8", "replace"), type=str)
    except msgspec.DecodeError:
        return written.replace("\\/", "/")
