"""How found URLs are kept."""

import pytest

from contracts.messages import LinkKind
from fetchers.sinks import Found, Places, Raws, Rebased, join

PAGE, MEDIA, STYLESHEET, SITEMAP, REDIRECT = (
    LinkKind.PAGE, LinkKind.MEDIA, LinkKind.STYLESHEET, LinkKind.SITEMAP, LinkKind.REDIRECT
)  # fmt: skip


@pytest.mark.parametrize(
    "kinds", [(PAGE, MEDIA), (MEDIA, PAGE), (SITEMAP, MEDIA), (MEDIA, STYLESHEET), (REDIRECT, MEDIA)]
)
def test_media_wins(kinds: tuple[LinkKind, LinkKind]) -> None:
    sink = Raws()
    for kind in kinds:
        sink.add("a", kind, "x", "y")
    assert sink.found == {"a": MEDIA << 1}


def test_nofollow_only_if_all_places_say_so() -> None:
    sink = Raws()
    for raw, flags in (("a", 1), ("a", 1), ("b", 1), ("b", 0), ("c", 0), ("c", 1)):
        sink.add(raw, PAGE, "a", "href", "", flags)
    assert sink.found == {"a": 1, "b": 0, "c": 0}


def test_links_within_the_page_are_none_unless_a_base_leads_elsewhere() -> None:
    for sink in (Raws(), Places(most=9)):
        sink.add("#a", PAGE, "a", "href")
        sink.add("", PAGE, "a", "href")
        assert not sink.found
        sink.own = False
        sink.add("#a", PAGE, "a", "href")
        assert len(sink.found) == 1


def test_places_are_capped_and_chosen() -> None:
    sink = Places(most=2, wanted={"a", "b", "c"})
    for raw in "axbc":
        sink.add(raw, PAGE, "a", "href", "next", 1)
    assert sink.found == [Found("a", PAGE, "a", "href", "next", 1), Found("b", PAGE, "a", "href", "next", 1)]


def test_rebased_joins() -> None:
    inner = Raws()
    sink = Rebased(inner, "https://h.example/x/")
    for raw in ("y", "#z", "", "http://[", "\ud800"):
        sink.add(raw, PAGE, "a", "href")
    assert list(inner.found) == ["https://h.example/x/y", "https://h.example/x/#z"]


def test_join() -> None:
    assert join("https://h.example/a/b?c#d", "../e") == "https://h.example/e"
    assert join("nonsense", "a") == join("https://h.example/", "https://") == ""
