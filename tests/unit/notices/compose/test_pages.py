"""Plain text and HTML of the same paragraphs."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from notices.compose.pages import WIDTH, Part, PlaceLines, html, text
from tests.notices import hostile

FETCHING = {
    "a",
    "img",
    "script",
    "link",
    "iframe",
    "object",
    "embed",
    "form",
    "base",
    "video",
    "audio",
    "source",
    "svg",
}


class Tags(HTMLParser):
    """What is in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


@given(hostile, st.lists(st.tuples(st.just("Media"), hostile), min_size=1, max_size=3))
def test_nothing_hostile_becomes_html(paragraph: str, lines: list[tuple[str, str]]) -> None:
    page = html([paragraph, PlaceLines("Place 1", tuple(lines))], "en", paragraph)
    found = Tags()
    found.feed(page)
    assert not set(found.tags) & FETCHING
    assert found.names <= {"lang", "charset", "name", "content"}
    assert found.tags.count("tr") == len(lines) and found.tags.count("p") == 1


def test_text_is_in_lines_and_whole() -> None:
    parts: list[Part] = ["word " * 60, PlaceLines("Place 1", (("Media", "x" * 200), ("Legal basis", "long " * 40)))]
    said = text(parts)
    assert all(len(line) <= WIDTH or "x" * 200 in line for line in said.splitlines())
    assert said.count("word") == 60 and said.count("long") == 40
    assert "\n\nPlace 1\n  Media:" in said and said.endswith("\n")
