"""A notice as plain text and as HTML, of the same paragraphs. Neither has a link, a picture or anything that is fetched."""

from collections.abc import Sequence
from html import escape
from textwrap import fill
from typing import Final

from msgspec import Struct

WIDTH: Final = 78
_STYLE: Final = (
    "body{font-family:sans-serif;max-width:60em}table{border-collapse:collapse}"
    "th{text-align:left;vertical-align:top;padding-right:1em;font-weight:normal;white-space:nowrap}"
    "td{word-break:break-all}"
)


class PlaceLines(Struct, frozen=True):
    """A place for people: its heading, and label and value of each line."""

    heading: str
    lines: tuple[tuple[str, str], ...]


Part = str | PlaceLines
"""A paragraph, or a place."""


def text(parts: Sequence[Part]) -> str:
    """Plain text, in lines of at most `WIDTH` characters where words allow it."""
    return "\n\n".join(_place_text(part) if isinstance(part, PlaceLines) else _filled(part) for part in parts) + "\n"


def html(parts: Sequence[Part], language: str, title: str) -> str:
    """The same as an HTML page, everything escaped."""
    body = "\n".join(_place_html(part) if isinstance(part, PlaceLines) else f"<p>{escape(part)}</p>" for part in parts)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _filled(paragraph: str, first: str = "", rest: str = "") -> str:
    return fill(
        paragraph,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _place_text(place: PlaceLines) -> str:
    wide = max(len(label) for label, _ in place.lines) + 2
    told = (_filled(value, f"  {label + ':':{wide}}", " " * (wide + 2)) for label, value in place.lines)
    return "\n".join((place.heading, *told))


def _place_html(place: PlaceLines) -> str:
    rows = "\n".join(f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in place.lines)
    return f"<h2>{escape(place.heading)}</h2>\n<table>\n{rows}\n</table>"
