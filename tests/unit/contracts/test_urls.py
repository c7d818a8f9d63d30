"""Canonical URLs, refusals, ids: WHATWG URL and Fetch, RFC 3986 section 6.2.2."""

import struct
from urllib.parse import unquote_to_bytes

import ada_url
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import urls
from contracts.refusals import Reason, Refusal
from contracts.urls import BLOCKED_PORTS, Url, facts, parse

BASE = "https://example.com/a/b/c.html?q#f"


def canonical(text: str, base: str | None = None) -> str:
    url = parse(text, base)
    assert isinstance(url, Url), url
    return url.text


def reason(text: str, base: str | None = None, *, max_bytes: int = 2048) -> Reason:
    refusal = parse(text, base, max_bytes=max_bytes)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # WHATWG URL: case of scheme and host, default ports, empty path, dot segments, blanks, backslashes
        ("HTTP://EXAMPLE.COM:80", "http://example.com/"),
        ("https://example.com:443/", "https://example.com/"),
        ("https://example.com:80/", "https://example.com:80/"),
        ("http://example.com:0080/", "http://example.com/"),
        ("http://example.com/a/./b/../c", "http://example.com/a/c"),
        ("http://example.com/a/%2e%2E/c/%2e", "http://example.com/c/"),
        ("  http://example.com/a b\t\n ", "http://example.com/a%20b"),
        ("ht\ntp://exa\tmple.com/", "http://example.com/"),
        ("http:\\\\example.com\\a\\b", "http://example.com/a/b"),
        ("http:example.com", "http://example.com/"),
        ("http:////example.com//a//", "http://example.com//a//"),
        ("http://example.com/a\0b", "http://example.com/a%00b"),
        ("http://example.com/\ud800", "http://example.com/%EF%BF%BD"),
        ("http://example.com/\ud83d\ude00", "http://example.com/%F0%9F%98%80"),
        ("http://@example.com/", "http://example.com/"),
        # our rule 1: no fragment, the empty query is kept
        ("http://example.com/#a?b", "http://example.com/"),
        ("http://example.com/a #b", "http://example.com/a%20"),
        ("http://example.com/?", "http://example.com/?"),
        ("http://example.com?#", "http://example.com/?"),
        ("http://example.com/??", "http://example.com/??"),
        # our rule 2: RFC 3986, 6.2.2.1 (case) and 6.2.2.2 (unreserved characters)
        ("http://example.com/%7eme/%41%2d%5f?%7e=%c3%a9", "http://example.com/~me/A-_?~=%C3%A9"),
        ("http://example.com/a%2fb%3fc%23d%25e%20", "http://example.com/a%2Fb%3Fc%23d%25e%20"),
        ("http://example.com/%zz/%4", "http://example.com/%zz/%4"),
        # what a stray "%" would make a new triplet of stays encoded, the rest is decoded
        ("http://example.com/%%34%31", "http://example.com/%%341"),
        ("http://example.com/%4%31%31", "http://example.com/%4%311"),
        ("http://example.com/%%7E%2541", "http://example.com/%~%2541"),
        # our rule 3: the final dot stays
        ("http://example.com./", "http://example.com./"),
        # IDNA (UTS 46), percent-encoded hosts, forms of addresses
        ("http://M\u00fcnchen.de/\u00fc?\u00fc", "http://xn--mnchen-3ya.de/%C3%BC?%C3%BC"),
        ("http://fa\u00df.de/", "http://xn--fa-hia.de/"),
        ("http://ex%61mple%2Ecom/", "http://example.com/"),
        ("http://\uff45\uff58\u3002com/", "http://ex.com/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.01/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://[2001:DB8:0:0::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://[::ffff:192.0.2.1]/", "http://[::ffff:c000:201]/"),
    ],
)
def test_canonical_form(text: str, expected: str) -> None:
    assert canonical(text) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "https://example.com/a/b/c.html?q"),
        ("#x", "https://example.com/a/b/c.html?q"),
        ("?", "https://example.com/a/b/c.html?"),
        ("?x", "https://example.com/a/b/c.html?x"),
        ("d", "https://example.com/a/b/d"),
        ("./d/.", "https://example.com/a/b/d/"),
        ("../../../d", "https://example.com/d"),
        ("/d", "https://example.com/d"),
        ("//h/d", "https://h/d"),
        ("\\\\h\\d", "https://h/d"),
        ("https:d", "https://example.com/a/b/d"),
        ("http:d", "http://d/"),
        ("http://h", "http://h/"),
    ],
)
def test_joining(text: str, expected: str) -> None:
    assert canonical(text, BASE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Reason.MALFORMED),
        ("a/b", Reason.MALFORMED),
        ("http://", Reason.MALFORMED),
        ("http://a b/", Reason.MALFORMED),
        ("http://a%00b/", Reason.MALFORMED),
        ("http://[fe80::1%25eth0]/", Reason.MALFORMED),
        ("http://[::1/", Reason.MALFORMED),
        ("http://256.0.0.1/", Reason.MALFORMED),
        ("http://h:65536/", Reason.MALFORMED),
        ("http://h:x/", Reason.MALFORMED),
        ("ftp://h/", Reason.SCHEME),
        ("file:///etc/passwd", Reason.SCHEME),
        ("mailto:a@b", Reason.SCHEME),
        (" java\nscript:alert(1)", Reason.SCHEME),
        ("data:image/png;base64," + "A" * 1_000_000, Reason.SCHEME),
        ("httpss://h/", Reason.SCHEME),
        ("http://u@h/", Reason.CREDENTIALS),
        ("http://:p@h/", Reason.CREDENTIALS),
        ("http://u:p@h:25/", Reason.CREDENTIALS),
        ("http://h:25/", Reason.BLOCKED_PORT),
        ("https://[::1]:6667/", Reason.BLOCKED_PORT),
        ("http://h:0/", Reason.BLOCKED_PORT),
    ],
)
def test_refusals(text: str, expected: Reason) -> None:
    assert reason(text) == expected


# WHATWG Fetch, "port blocking": the whole table.
def test_ports_that_browsers_block() -> None:
    refused = {port for port in range(65536) if isinstance(parse(f"http://h:{port}/"), Refusal)}
    assert refused == BLOCKED_PORTS
    assert len(BLOCKED_PORTS) == 83
    assert canonical("http://h:8080/") == "http://h:8080/"


def test_length_counts_bytes_of_the_canonical_text() -> None:
    assert canonical("http://h/" + "a" * 2039)
    assert reason("http://h/" + "a" * 2040) == Reason.URL_TOO_LONG
    assert reason("http://h/" + "\u00e9" * 340) == Reason.URL_TOO_LONG
    assert canonical("http://h/" + "%41" * 2039) == "http://h/" + "A" * 2039
    assert canonical("http://h/" + "/.." * 3000) == "http://h/"
    assert canonical("http://h/#" + "a" * 1_000_000) == "http://h/"
    assert reason("http://h/?" + "a" * 30, max_bytes=20) == Reason.URL_TOO_LONG
    # far too long to be worth a parser's time
    assert reason("http://h/" + "/.." * 10_000_000) == Reason.URL_TOO_LONG
    assert reason("x" * 30_000_000, BASE) == Reason.URL_TOO_LONG


def test_evidence_says_why_and_holds_no_credentials() -> None:
    for text in (
        "http://me:secret@h/",
        "http://me:secret@a b/",
        "http://me:secret@[/",
        "//me:secret@h/",
        f"http://me:secret{'x' * 500}@a b/",
    ):
        refusal = parse(text)
        assert isinstance(refusal, Refusal)
        assert "secret" not in refusal.evidence
    assert parse("FTP://h/") == Refusal(Reason.SCHEME, "ftp")
    assert parse("http://h:25/") == Refusal(Reason.BLOCKED_PORT, "25")
    assert parse("http://h/aaaa", max_bytes=9) == Refusal(Reason.URL_TOO_LONG, "13 bytes, limit 9")
    assert parse("a/b") == Refusal(Reason.MALFORMED, "no base for 'a/b'")


@pytest.mark.parametrize("base", ["", "a", "http://[", "http://", "\ud800"])
def test_a_base_that_is_no_url_counts_as_none(base: str) -> None:
    assert canonical("http://h/", base) == "http://h/"
    assert reason("a", base) == Reason.MALFORMED


def test_a_base_that_would_be_refused_still_joins() -> None:
    assert reason("a", "ftp://x/") == Reason.SCHEME
    assert reason("a", "http://u:p@h/") == Reason.CREDENTIALS
    assert canonical("http://h/", "data:,x") == "http://h/"
    assert reason("a", "data:,x") == Reason.MALFORMED
    assert canonical("a", "http://h/\ud800/") == "http://h/%EF%BF%BD/a"


TEXT = st.text(max_size=30) | st.text(
    alphabet="ht:/?#%.@\\[]0123456789abcdefABCDEFxn- \t\n\0\ud800\u00df\u3002", max_size=40
)
HOSTILE = st.one_of(
    TEXT,
    st.builds("http://{}/{}".format, TEXT, TEXT),
    st.builds("https://example.com/{}?{}".format, TEXT, TEXT),
    st.builds("http://xn--{}/".format, st.text(alphabet="abc0-", max_size=8)),
)


@settings(max_examples=600)
@given(HOSTILE, st.none() | HOSTILE | st.just(BASE))
def test_never_an_exception_and_always_ada(text: str, base: str | None) -> None:
    url = parse(text, base, max_bytes=100_000)
    sound = urls.well_formed(text)
    if isinstance(url, Refusal):
        assert len(url.evidence) <= 300
        return
    # a fixed point, in ASCII, and the sum of its parts
    assert parse(url.text) == url
    assert url.text.isascii()
    assert urls.origin_of(url.https, url.host) + url.path == url.text
    file = parse("/robots.txt", url.text, max_bytes=100_000)
    assert isinstance(file, Url) and urls.robots_of(url.https, url.host) == file.text
    assert url.path.startswith("/")
    # ada's href, but for the fragment and for percent-encoding that means the same
    if base is not None and ada_url.check_url(urls.well_formed(base)):
        href = ada_url.join_url(urls.well_formed(base), sound)
        assert parse(href) == url
    else:
        href = ada_url.normalize_url(sound)
    href = href.partition("#")[0]
    assert unquote_to_bytes(href) == unquote_to_bytes(url.text)
    if "%" not in href:
        assert href == url.text


@given(
    st.lists(st.sampled_from(["%", "4", "1", "2", "e", "E", "%41", "%2e", "%2E", "%7e", "%c3", "/", "."]), max_size=12)
)
def test_percent_encoding_keeps_its_meaning(pieces: list[str]) -> None:
    text = "http://h/a" + "".join(pieces)
    assert unquote_to_bytes(canonical(text)) == unquote_to_bytes(ada_url.normalize_url(text))
    assert canonical(canonical(text)) == canonical(text)
    assert canonical("http://h/?" + "".join(pieces)).partition("?")[2].count("%") <= "".join(pieces).count("%")


# Ids are stored: written down once and fixed for ever.
def test_ids() -> None:
    assert urls.url_id("http://example.com/").hex() == "9aba6a18c5a5d94534a3b99c485d4547"
    assert urls.host_id("example.com") == 1424565772579972710
    assert -(2**63) <= urls.host_id("\ud800") < 2**63
    assert len(urls.url_id("\ud800")) == 16


def test_references_carry_bucket_host_and_url() -> None:
    reference = urls.ref(4095, -5, b"u" * 16)
    assert len(reference) == 26
    assert urls.unref(reference) == (4095, -5, b"u" * 16)
    with pytest.raises(struct.error):
        urls.unref(b"short")


def test_facts_for_the_command_line() -> None:
    assert facts("../x", "https://www.example.co.uk:444/a/b/") == {
        "input": "../x",
        "url": "https://www.example.co.uk:444/a/x",
        "host": "www.example.co.uk:444",
        "site": "example.co.uk",
        "url_id": urls.url_id("https://www.example.co.uk:444/a/x").hex(),
        "bucket": urls.bucket_of("example.co.uk"),
    }
    assert facts("ftp://h/") == {"input": "ftp://h/", "refused": "scheme", "evidence": "ftp"}
