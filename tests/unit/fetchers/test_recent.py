"""`fetchers.recent`: what was met lately is dropped where it means the same URL, and nowhere else."""

from fetchers.recent import MEDIA_PAGES, Recent

SHOP = "https://example.com/shop/"
BLOG = "https://example.com/blog/"


def test_a_reference_from_the_root_is_known_on_the_whole_origin() -> None:
    recent = Recent()
    entries = [("/a", 0), ("//cdn.example/x", 0), ("http://other.example/", 0)]
    recent.learn(SHOP, entries)
    assert recent.fresh(BLOG, dict(entries)) == []
    assert recent.fresh("https://example.com/", dict(entries)) == []
    assert recent.dropped == recent.met == 6


def test_it_is_unknown_at_another_scheme_or_host() -> None:
    recent = Recent()
    recent.learn(SHOP, [("/a", 0)])
    for directory in ("http://example.com/shop/", "https://example.com:8443/shop/", "https://other.example/shop/"):
        assert recent.fresh(directory, {"/a": 0}) == [("/a", 0)]


def test_a_relative_reference_is_known_in_its_directory_only() -> None:
    recent = Recent()
    recent.learn("https://example.com/", [("a", 0), ("../b", 0)])
    assert recent.fresh("https://example.com/", {"a": 0, "../b": 0}) == []
    assert recent.fresh(SHOP, {"a": 0, "../b": 0}) == [("a", 0), ("../b", 0)]


def test_what_depends_on_the_page_itself_is_never_known() -> None:
    recent = Recent()
    own = {"?page=2": 0, "#top": 0, "": 0, " \t?x": 0}
    recent.learn(SHOP, list(own.items()), list(own.items()))
    assert recent.fresh(SHOP, own) == list(own.items())


def test_another_kind_or_flag_is_another_link() -> None:
    recent = Recent()
    recent.learn(SHOP, [("/a", 0)])
    assert recent.fresh(SHOP, {"/a": 1}) == [("/a", 1)]


def test_media_is_known_after_eight_pages_that_show_it() -> None:
    recent = Recent()
    for page in range(MEDIA_PAGES):
        for raw in ("/p.jpg", "p.jpg"):
            assert recent.fresh(SHOP, {raw: 2}) == [(raw, 2)], page
            recent.learn(SHOP, [], [(raw, 2)])
    assert recent.fresh(SHOP, {"/p.jpg": 2, "p.jpg": 2}) == []


def test_places_links_of_a_place_and_links_in_all_are_bounded() -> None:
    recent = Recent(places=4, entries=10, total=25)
    for number in range(100):
        recent.learn(f"https://h{number}.example/", [(f"/{n}", 0) for n in range(9)])
        recent.learn(SHOP, [(f"/{number}", 0)])
        assert len(recent._kept) <= 4
        held = sum(len(place.known) for place in recent._kept.values())
        assert held == recent._held <= 25
    assert recent.fresh("https://h99.example/", {"/0": 0}) == []
    assert recent.fresh("https://h1.example/", {"/0": 0}) == [("/0", 0)]
