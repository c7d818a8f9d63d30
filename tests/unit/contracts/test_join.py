"""All links of a page at once: the short way equals the long way, for any input."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import join as module
from contracts.join import Groups, Joiner
from contracts.messages import NOFOLLOW, Link, LinkKind
from contracts.refusals import Reason, Refusal
from contracts.urls import Url, parse, url_id

PAGE, MEDIA = LinkKind.PAGE, LinkKind.MEDIA
Rows = list[tuple[str, LinkKind, int]]


def the_long_way(joiner: Joiner, rows: Rows) -> tuple[Groups, Counter[Reason]]:
    """What `Joiner.group` is to give back, said in the plainest way."""
    found: dict[tuple[bool, str], dict[tuple[str, LinkKind], Link]] = {}
    refused: Counter[Reason] = Counter()
    for raw, kind, flags in rows:
        url = joiner.join(raw)
        if isinstance(url, Refusal):
            refused[url.reason] += 1
            continue
        links = found.setdefault((url.https, url.host), {})
        old = links.get((url.path, kind))
        links[url.path, kind] = Link(url.path, url_id(url.text), kind, flags if old is None else flags & old.flags)
    return {key: list(links.values()) for key, links in found.items()}, refused


def texts(groups: Groups) -> list[str]:
    return [
        f"{'https' if https else 'http'}://{host}{x.path}" for (https, host), links in groups.items() for x in links
    ]


def test_links_are_grouped_by_scheme_and_host() -> None:
    rows: Rows = [
        ("/x", PAGE, 0),
        ("https://example.com/y?z=1", PAGE, NOFOLLOW),
        ("http://example.com/y", MEDIA, 0),
        ("//other.example:8080/y", MEDIA, 0),
        ("mailto:a@b", PAGE, 0),
        ("http://[", PAGE, 0),
        ("tel:1", PAGE, 0),
    ]
    groups, refused = Joiner("https://example.com/a/b.html").group(rows)
    assert groups == {
        (True, "example.com"): [
            Link("/x", url_id("https://example.com/x"), PAGE, 0),
            Link("/y?z=1", url_id("https://example.com/y?z=1"), PAGE, NOFOLLOW),
        ],
        (False, "example.com"): [Link("/y", url_id("http://example.com/y"), MEDIA, 0)],
        (True, "other.example:8080"): [Link("/y", url_id("https://other.example:8080/y"), MEDIA, 0)],
    }
    assert refused == {Reason.SCHEME: 2, Reason.MALFORMED: 1}


def test_a_url_met_again_is_one_link_per_kind() -> None:
    rows: Rows = [
        ("/x", PAGE, NOFOLLOW),
        ("x", MEDIA, NOFOLLOW),
        ("./x#y", PAGE, 0),
        ("/x", MEDIA, NOFOLLOW),
        ("/%78", PAGE, NOFOLLOW),
    ]
    groups, _ = Joiner("http://h/").group(rows)
    identity = url_id("http://h/x")
    assert groups == {(False, "h"): [Link("/x", identity, PAGE, 0), Link("/x", identity, MEDIA, NOFOLLOW)]}


def test_empty_and_fragment_links_are_the_base() -> None:
    groups, _ = Joiner("http://h/it's?q#f").group([("", PAGE, 0), ("#top", PAGE, 0), (" #", PAGE, 0)])
    assert texts(groups) == ["http://h/it's?q"]


def test_no_links_no_groups() -> None:
    assert Joiner("http://h/").group([]) == ({}, Counter())


def test_usual_links_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    joiner = Joiner("https://example.com/a/b/c.html?q")
    rows: Rows = [
        (raw, PAGE, 0)
        for raw in (
            "/x/y.html?a=b&c=d#e",
            "https://example.com/x",
            "//example.com/y",
            "z.html",
            "../up.html",
            "../../../top",
            "./here",
            "?page=2",
            "#top",
            "",
            "/wiki/Caf%C3%A9",
            "/wiki/File:x",
        )
    ]
    expected = the_long_way(joiner, rows)
    module._origin_key("https://example.com")
    monkeypatch.delattr(module, "parse_bytes")
    assert joiner.group(rows) == expected


def test_a_broken_base_leaves_absolute_links() -> None:
    for base in ("", "data:,x", "http://[", "\ud800"):
        groups, refused = Joiner(base).group([("http://h/x", PAGE, 0), ("/y", PAGE, 0), ("z", PAGE, 0), ("", PAGE, 0)])
        assert texts(groups) == ["http://h/x"]
        assert refused == {Reason.MALFORMED: 3}


def test_refused_bases_refuse_what_they_lead_to() -> None:
    assert Joiner("http://u:p@h/").group([("x", PAGE, 0), ("//h/", PAGE, 0)])[1] == {Reason.CREDENTIALS: 1}
    assert Joiner("http://h:25/").group([("/x", PAGE, 0), ("#", PAGE, 0)])[1] == {Reason.BLOCKED_PORT: 2}
    groups, refused = Joiner("http://h/", max_bytes=12).group([("aaa", PAGE, 0), ("aaaa", PAGE, 0)])
    assert texts(groups) == ["http://h/aaa"]
    assert refused == {Reason.URL_TOO_LONG: 1}


def test_an_origin_is_not_taken_for_a_shorter_one() -> None:
    rows: Rows = [("https://host/", PAGE, 0), ("https://hosta", PAGE, 0), ("//hostb", PAGE, 0), ("//host", PAGE, 0)]
    groups, _ = Joiner("https://host/").group(rows)
    assert texts(groups) == ["https://host/", "https://hosta/", "https://hostb/"]


BASES = st.sampled_from(
    [
        "https://example.com/",
        "http://example.com:8080/a/b/c.html?q#f",
        "https://h/a//b/../c/",
        "http://[::1]/x/%C3%A9/y",
        "https://h/.well-known/x",
        "https://h/it's/x",
        "https://h/a:b/c?a/b",
        "https://h/" + "/".join("abcdefghijklmnop"),
        "http://u:p@h/x/",
        "http://h:25/x",
        "ftp://x/y",
        "data:abc",
        "",
    ]
)
# fmt: off
PIECES = st.sampled_from(
    [
        "http://", "https://", "HTTP:", "http:", "//", "/", "/", "/", "?", "#", "..", ".", "../", "./", "%2e",
        "%2E", "%41", "%zz", "%", "%c3", "%C3%A9", "é", ":", ":80", ":443", ":8080", ":25", "@", "u:p@", "a",
        "b", "h", "host", "example.com", "EXAMPLE.com", "0x7f.1", "256.1", "[::1]", "[::FFFF:1.2.3.4]",
        "[fe80::1%25e]", "xn--", "münchen.de", "。", "\\", "|", "^", "`", "{", "}", "'", "\"", "<", ">", "[",
        "]", "~", "-", "_", ";", "=", "&", "+", "*", "$", "!", "(", ")", ",", "ß", "data:", "mailto:", "ftp://",
        "C|", "..a", ".a", "a.", "%2f", "%5c", "%3", "2", "E", "\n", "\t", " ", "\0", "\r", "\x7f", "\x1f",
        "\ud800", "\u3000", "\u200b", "\U0001f600",
    ]
)
# fmt: on
RAWS = st.lists(PIECES, max_size=7).map("".join) | st.text(max_size=8)
ROWS = st.lists(st.tuples(RAWS, st.sampled_from([PAGE, MEDIA]), st.sampled_from([0, NOFOLLOW])), max_size=8)


@settings(max_examples=600)
@given(BASES | RAWS, ROWS, st.sampled_from([30, 60, 2048]))
def test_the_short_way_equals_the_long_way(base: str, rows: Rows, max_bytes: int) -> None:
    joiner = Joiner(base, max_bytes=max_bytes)
    assert joiner.group(rows) == the_long_way(joiner, rows)


@given(BASES | RAWS, RAWS, RAWS)
def test_join_equals_parse_and_needs_no_second_time(base: str, raw: str, origin: str) -> None:
    for text in (raw, f"http://{origin}/{raw}"):
        url = Joiner(base).join(text)
        assert url == parse(text, base)
        if isinstance(url, Url):
            assert parse(url.text, base) == parse(url.text) == url
