"""The first look at a page's bytes."""

import turbohtml
from hypothesis import given
from hypothesis import strategies as st

from fetchers.census import lazy_names, tame
from fetchers.lazy import SET_NAMES, URL_NAMES
from tests.unit.fetchers.pages import markup


def test_lazy_names() -> None:
    assert set(lazy_names(b"<p DATA-SRC=x><p data-bg=y> and - - data -")) >= {"data-src", "data-bg"}
    assert "data-poster" not in lazy_names(b"<p data-src=x>")
    assert (
        not list(lazy_names(b"")) and not list(lazy_names(b"data-")) and not list(lazy_names(b"no such thing - at all"))
    )


@given(st.text(max_size=30), st.sampled_from(URL_NAMES + SET_NAMES), st.text(max_size=30))
def test_no_name_is_missed(before: str, name: str, after: str) -> None:
    data = f"{before}<p {name.upper()}='x'>{after}".encode("utf-8", "replace")
    assert name in lazy_names(data)


@given(markup)
def test_ordinary_pages_stay_as_they_are(text: str) -> None:
    assert tame(text, text.encode()) is text


def elements(text: str) -> int:
    return len(turbohtml.parse(tame(text, text.encode()), positions=False).select("*"))


# HTML standard 13.2.4.3, "reconstruct the active formatting elements": n unclosed elements come back in every block.
def test_formatting_does_not_explode() -> None:
    text = "<p>" + "".join(f"<B id={i} style='background:url({i}.png)'>" for i in range(500)) + "</p>" + "<p>x" * 20_000
    assert elements(text) < 25_000
    assert turbohtml.parse(tame(text, text.encode())).select_one("[id='499']") is not None


# HTML standard 13.2.6.4.7: further body and html tags only add their attributes to the first.
def test_root_attributes_do_not_explode() -> None:
    text = "<html><body background=x>" + "".join(f"<body a{i}=1><HTML b{i}>" for i in range(20_000))
    tree = turbohtml.parse(tame(text, text.encode()), positions=False)
    body = tree.select_one("body")
    assert body is not None and body.attr("background") == "x"
    assert len(body.attrs) == 1
