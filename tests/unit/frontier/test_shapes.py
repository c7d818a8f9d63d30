"""What a single path shows: its pattern, repetitions, dates, sessions."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontier.shapes import (
    calendar_date,
    folder_of,
    is_variant,
    names_of,
    pattern_of,
    repetition,
    section_of,
    session_of,
    spelling,
)

LATEST = datetime(2029, 1, 31, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/", "/"),
        ("/about", "/about"),
        ("/article/12345", "/article/*"),
        ("/article/12345.html", "/article/*.html"),
        ("/2019/05/some-long-title.html?page=2", "/*/*/*.html?page"),
        ("/2019-05-01/x", "/*/x"),
        ("/photo/9f86d081884c7d659a2feaa0c55ad015", "/photo/*"),
        ("/u/6f1ed002-ab5f-4a3c-8f5e-0123456789ab/x", "/u/*/x"),
        ("/p/CxA9kd8Zq1", "/p/*"),
        ("/page2", "/page*"),
        ("/a?sort=1&page=2&page=3", "/a?page&sort"),
        ("/a?f[12]=x", "/a?f[*]"),
        ("/a?", "/a?"),
        ("/wiki/%E3%83%84%E3%83%84", "/wiki/*"),
    ],
)
def test_pattern(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern


def test_folders_are_coarser_than_patterns() -> None:
    assert folder_of("/trap/word/other?x") == folder_of("/trap/third/fourth") == "/trap/*/*"
    assert folder_of("/a") == folder_of("/b") == "/*"
    assert folder_of("/2019/a") == "/*/*"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/About/Us?A=B", "/about/us?a=b"),
        ("/a//b///c?d=//e", "/a/b/c?d=//e"),
        ("/%61%2D%7e%7A", "/a-~z"),
        ("/%41%5a", "/az"),
        ("/a%2Fb%3Fc%20d%25", "/a%2fb%3fc%20d%25"),  # reserved characters mean something else (RFC 3986, 2.2)
        ("/", "/"),
    ],
)
def test_one_page_under_many_spellings(path: str, plain: str) -> None:
    assert spelling(path) == plain


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", "/"),
        ("/about", "/"),
        ("/wiki/cat", "/wiki/"),
        ("/wiki/cat/talk", "/wiki/"),
        ("/2019/05/title", "/*/"),
        ("/shop/list?page=2", "/shop/list?"),
        ("/index.php?a=b", "/index.php?"),
        ("/topic/12345678?page=2", "/topic/*?"),
    ],
)
def test_sections(path: str, section: str) -> None:
    assert section_of(path) == section


def test_names_of_parameters() -> None:
    assert names_of("b=1&a=2&b=3=4&c") == "a&b&c"
    assert names_of("") == ""


@pytest.mark.parametrize(
    "path",
    [
        "/a?print=1",
        "/a?b&print",
        "/a?replytocom=5",
        "/w?title=x&action=edit",
        "/w?oldid=7",
        "/a?return_to=/b",
        "/a?Share=x",
    ],
)
def test_other_forms_of_a_page(path: str) -> None:
    assert is_variant(path)


@pytest.mark.parametrize(
    "path", ["/print", "/a?printer_id=5", "/a?action=show", "/a?id=print", "/a?actions=edit", "/share/x?a=b"]
)
def test_pages_of_their_own(path: str) -> None:
    assert not is_variant(path)


@pytest.mark.parametrize(
    ("path", "run"),
    [
        ("/x/x/x", "/x"),
        ("/a/b/a/b/a/b", "/a/b"),
        ("/start/a/b/a/b/a/b/end.html", "/a/b"),
        ("/a/x/a/y/a/z/a/w/a/v/a/u", "/a"),
        ("/a////b", "//"),
        ("/1/1/1/1/1/1", "/1"),
        ("/login?next=%252525252Flogin", "escaped over and over"),
        ("/x/x", ""),
        ("/x/x/y/x", ""),
        ("/en/docs/en/api/en", ""),
        ("/tiles/0/0/0.png", ""),
        ("/00/00/00/img.jpg", ""),
        ("/a?x/x/x", ""),
        ("/proxy/https://example.org/a", ""),
        ("/", ""),
    ],
)
def test_repetition(path: str, run: str) -> None:
    assert repetition(path, 3) == run


@pytest.mark.parametrize(
    "path",
    [
        "/calendar?month=2031-05",
        "/2199/01/",
        "/events/2031/5/17",
        "/cal/2031-05-06",
        "/x?date=20310501",
        "/x?start=2031-05-01&end=2031-06-01",
        "/calendar?y=2040&m=3",
        "/calendar/2029/03/",
        "/calendar/2999/03/",
        "/calendar/1823/05/",
        "/kalender?year=1066",
    ],
)
def test_dates_far_away_are_calendars(path: str) -> None:
    assert calendar_date(path, LATEST)


@pytest.mark.parametrize(
    "path",
    [
        "/2019/05/title",
        "/calendar/2029/01/",
        "/calendar/1999/05/",
        "/archive/1823/05/",
        "/article/20310501",
        "/products/3000-05",
        "/parts/2400/12",
        "/size/2560/1440",
        "/x?id=2050",
        "/2050",
        "/12050/12",
        "/a-2031-x",
        "/",
    ],
)
def test_other_numbers_are_none(path: str) -> None:
    assert calendar_date(path, LATEST) == ""


@pytest.mark.parametrize(
    ("path", "session"),
    [
        ("/(S(lit3py55t21z5v55vlm25s55))/page", "(S(lit3py55t21z5v55vlm25s55))"),
        ("/a;jsessionid=1A530637289A03B07199A44E8D531427?x", "1A530637289A03B07199A44E8D531427"),
        ("/a?b&PHPSESSID=abcdef0123456789abcdef", "abcdef0123456789abcdef"),
        ("/a?sid=abcdef0123456789abcdef&b", "abcdef0123456789abcdef"),
        ("/a?s=0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("/story?sid=12345", ""),
        ("/a?id=abcdef0123456789abcdef", ""),
        ("/photo/0123456789abcdef0123456789abcdef", ""),
        ("/a?s=search-terms-that-are-long", ""),
    ],
)
def test_sessions_are_known_by_their_place_or_name(path: str, session: str) -> None:
    assert session_of(path) == session


@given(st.text(max_size=80), st.floats(min_value=0, max_value=1e11))
def test_no_path_makes_them_fail(text: str, latest: float) -> None:
    path = "/" + text
    assert pattern_of(pattern_of(path))
    assert folder_of(path)
    assert section_of(path)
    assert spelling(spelling(path)) == spelling(spelling(spelling(path)))
    is_variant(path)
    repetition(path, 3)
    calendar_date(path, latest)
    session_of(path)


HOSTILE = ["a", "-", "a-", "/", "/a", "1", "1a", "/2031/05", "&", "sess", "s=", "date=2031", "(S(", "%25", "_", "2031-"]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("start", ["/", "/?"])
def test_the_longest_hostile_paths_cost_little(start: str, unit: str) -> None:
    path = (start + unit * 2048)[:2048]
    costs = []
    for _ in range(3):
        before = time.process_time()
        pattern_of(path)
        folder_of(path)
        section_of(spelling(path))
        is_variant(path)
        repetition(path, 3)
        calendar_date(path, LATEST)
        session_of(path)
        costs.append(time.process_time() - before)
    assert min(costs) < 0.01
