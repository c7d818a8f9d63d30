"""The bytes of a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errands import RecheckErrand
from contracts.errors import UsageError
from contracts.messages import Limits, LinkKind, Order, OrderItem, OrderKind
from fetchers.request import (
    Authority,
    Proxy,
    Target,
    authority_of,
    connect_head,
    request_head,
    route_of,
    routes_of,
    target_of,
)

AGENT = "Pisaura/1.0 (+https://hotline.example/bot)"


def order(user_agent: str = AGENT) -> Order:
    limits = Limits(1000, 1000, 10.0, 5.0, 0)
    return Order(b"", 0, 0, OrderKind.PAGES, "h.test", "127.0.0.1", 0, 0, 0, 0, 1, user_agent, limits, [])


def head(item: OrderItem, user_agent: str = AGENT) -> list[str]:
    target = target_of(item.url)
    assert target is not None
    text = request_head(item, order(user_agent), target).decode("ascii")
    assert text.endswith("\r\n\r\n")
    return text[:-4].split("\r\n")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h.test/", Target(False, "h.test", "/")),
        ("https://h.test:8443/a/b?c=d&e", Target(True, "h.test:8443", "/a/b?c=d&e")),
        ("http://[2001:db8::1]:81/x", Target(False, "[2001:db8::1]:81", "/x")),
        ("http://xn--bcher-kva.test/%C3%A4?", Target(False, "xn--bcher-kva.test", "/%C3%A4?")),
    ],
)
def test_a_canonical_url_is_taken_apart(url: str, target: Target) -> None:
    assert target_of(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h.test/",
        "http://h.test",
        "http:///",
        "http://h.test/a b",
        "http://h.test/\r\nX: y",
        "http://h.test/ä",
        "http://h\x00.test/",
        "http://user@h.test/",
        "HTTP://h.test/",
        "/path",
        "",
    ],
)
def test_what_is_not_canonical_is_not_requested(url: str) -> None:
    assert target_of(url) is None


# RFC 6066, 3: literal addresses are not permitted as a server name.
@pytest.mark.parametrize(
    ("authority", "https", "expected"),
    [
        ("h.test", False, Authority("h.test", 80, "h.test")),
        ("h.test", True, Authority("h.test", 443, "h.test")),
        ("h.test.:8080", True, Authority("h.test.", 8080, "h.test")),
        ("127.0.0.1:81", True, Authority("127.0.0.1", 81, "")),
        ("a_b.test", True, Authority("a_b.test", 443, "a_b.test")),
        ("a..test", True, Authority("a..test", 443, "")),
        (".test", True, Authority(".test", 443, "")),
        ("a" * 64 + ".test", True, Authority("a" * 64 + ".test", 443, "")),
        ("[::1]", True, Authority("::1", 443, "")),
        ("[::1]:8443", True, Authority("::1", 8443, "")),
        ("[::1", True, None),
        ("h.test:", False, None),
        ("h.test:0", False, None),
        ("h.test:65536", False, None),
        ("h.test:8a", False, None),
        ("[::1]80", False, None),
        (":80", False, None),
        ("", False, None),
    ],
)
def test_an_authority_is_taken_apart(authority: str, https: bool, expected: Authority | None) -> None:
    assert authority_of(authority, https) == expected


def test_a_request_has_what_it_needs_and_no_more() -> None:
    assert head(OrderItem("https://h.test:8443/a?b", b"", LinkKind.PAGE)) == [
        "GET /a?b HTTP/1.1",
        "Host: h.test:8443",
        f"User-Agent: {AGENT}",
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8",
        "Accept-Encoding: gzip, deflate, br, zstd",
    ]


# RFC 9110, 13.1.2 and 13.1.3: validators are sent back as they came.
def test_a_conditional_request_sends_validators_back() -> None:
    item = OrderItem(
        "http://h.test/",
        b"",
        LinkKind.MEDIA,
        etag='W/"a b"',
        last_modified="Tue, 15 Nov 1994 12:45:26 GMT",
        referer="http://h.test/page",
    )
    assert head(item)[4:] == [
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Referer: http://h.test/page",
        'If-None-Match: W/"a b"',
        "If-Modified-Since: Tue, 15 Nov 1994 12:45:26 GMT",
    ]


# Values in items came from servers: none may add a line to a request.
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_value_can_break_out_of_its_line(etag: str, modified: str, referer: str, agent: str) -> None:
    item = OrderItem("http://h.test/", b"", LinkKind.PAGE, etag=etag, last_modified=modified, referer=referer)
    lines = head(item, agent)
    names = [line.partition(":")[0] for line in lines[1:]]
    allowed = ["Host", "User-Agent", "Accept", "Accept-Encoding", "Referer", "If-None-Match", "If-Modified-Since"]
    assert names == [name for name in allowed if name in names]
    assert all(line.isprintable() for line in lines)


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_is_not(text: str) -> None:
    for url in (text, f"http://{text}/", f"http://h.test/{text}"):
        target = target_of(url)
        if target is not None:
            authority_of(target.authority, target.https)
            assert target.path.isascii()
            assert target.path.isprintable()
            assert " " not in target.path


def test_a_recheck_asks_past_caches() -> None:
    """Domain, section 3: "Conditional GET with `Cache-Control: no-cache`" (RFC 9111, 5.2.1.4)."""
    item = OrderItem("http://h.test/i.png", b"", LinkKind.MEDIA, etag='"v1"', recheck=RecheckErrand(b"t"))
    lines = head(item)
    assert lines[0] == "GET /i.png HTTP/1.1" and lines[-2:] == ['If-None-Match: "v1"', "Cache-Control: no-cache"]


def test_a_recheck_names_its_route() -> None:
    item = OrderItem("http://h.test/", b"", LinkKind.MEDIA)
    assert route_of(item, order()) == "direct"
    item = OrderItem("http://h.test/", b"", LinkKind.MEDIA, recheck=RecheckErrand(b"t", route="far"))
    assert route_of(item, order()) == "far"


def test_routes_are_named_proxies() -> None:
    assert routes_of(["far=http://proxy.test:3128", "six=http://[::1]:8080/"]) == {
        "far": Proxy("proxy.test", 3128),
        "six": Proxy("::1", 8080),
    }


@pytest.mark.parametrize(
    "words",
    [
        ["far"], ["far=proxy:1"], ["far=https://p:1"], ["far=http://p"], ["far=http://p:0"], ["far=http://p:65536"],
        ["direct=http://p:1"], ["=http://p:1"], ["far=http://p:1", "far=http://q:1"], ["far=http://u:p@h:1"], ["a b=http://p:1"],
    ],
)  # fmt: skip
def test_what_is_no_route_is_a_usage_error(words: list[str]) -> None:
    with pytest.raises(UsageError, match="NAME=http://HOST:PORT"):
        routes_of(words)


def test_a_proxy_is_asked_for_an_address_and_not_for_a_name() -> None:
    """RFC 9110, 9.3.6: the request target is host and port only."""
    assert connect_head("192.0.2.1", 443) == b"CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n"
    assert connect_head("2001:db8::1", 80).startswith(b"CONNECT [2001:db8::1]:80 HTTP/1.1\r\n")
