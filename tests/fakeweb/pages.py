"""Text of pages: valid, wordy HTML as real sites write it, the same for the same seed."""

import random
from html import escape

WORDS = (
    "river",
    "market",
    "stone",
    "garden",
    "winter",
    "letter",
    "bridge",
    "morning",
    "copper",
    "window",
    "harbour",
    "paper",
    "valley",
    "summer",
    "travel",
    "kitchen",
    "forest",
    "museum",
    "station",
    "painter",
    "evening",
    "island",
    "meadow",
    "picture",
)


def words(chance: random.Random, count: int) -> str:
    """`count` words of prose with a full stop now and then."""
    picked = chance.choices(WORDS, k=count)
    for at in range(9, count, 11):
        picked[at] = picked[at] + ("." if at % 3 else " &amp;")
    return " ".join(picked).capitalize() + "."


def paragraphs(chance: random.Random, count: int, length: int = 40) -> str:
    """`count` paragraphs."""
    return "\n".join(f"<p>{words(chance, length)}</p>" for _ in range(count))


def page(
    title: str,
    body: str,
    *,
    seed: object = 0,
    head: str = "",
    text: int = 3,
    attributes: str = ' lang="en"',
    charset: str = '<meta charset="utf-8">',
) -> bytes:
    """A whole page: `head` and `body` are markup, `text` paragraphs of prose are added, different for every seed."""
    chance = random.Random(f"{title} {seed}")
    return (
        f"<!DOCTYPE html>\n<html{attributes}>\n<head>\n{charset}<title>{escape(title)}</title>\n{head}\n</head>\n"
        f'<body class="page">\n<h1>{escape(title)}</h1>\n{body}\n{paragraphs(chance, text)}\n</body>\n</html>\n'
    ).encode()


def link(href: str, text: str = "", attributes: str = "") -> str:
    """An `a` element."""
    return f'<a href="{escape(href)}"{attributes}>{text or escape(href)}</a>'


def links(hrefs: list[str]) -> str:
    """A list of links."""
    return "<ul>\n" + "\n".join(f"<li>{link(href)}</li>" for href in hrefs) + "\n</ul>"


def img(src: str, attributes: str = "") -> str:
    """An `img` element."""
    return f'<img src="{escape(src)}" alt="a picture"{attributes}>'
