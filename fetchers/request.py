"""The bytes of a request, from one item of an order.

A GET of HTTP/1.1 without cookies, credentials or a body; conditional when an earlier fetch left validators. Items hold
values that some server once sent, so each is checked again before it becomes part of a header: what does not fit is left out.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from contracts.errors import UsageError
from contracts.messages import LinkKind, Order, OrderItem

DIRECT: Final = "direct"
"""The route without a proxy."""
CODINGS: Final = "gzip, deflate, br, zstd"
"""Content codings that `fetchers.decoding` reads (RFC 9110, 12.5.3)."""

_ACCEPT: Final = {
    LinkKind.PAGE: "text/html,application/xhtml+xml,*/*;q=0.8",
    LinkKind.MEDIA: "*/*",
    LinkKind.STYLESHEET: "text/css,*/*;q=0.8",
    LinkKind.SITEMAP: "*/*",
    LinkKind.REDIRECT: "*/*",
    LinkKind.ROBOTS: "text/plain,*/*;q=0.8",
}
# Visible ASCII only: canonical URLs have nothing else, and a space or line end here would smuggle a second request.
_URL: Final = re.compile(r"(https?)://([!$&-.0-;=A-\[\]_a-z~]+)(/[!-~]*)")
_SNI: Final = re.compile(r"(?=.{1,253}$)[\w-]{1,63}(\.[\w-]{1,63})*", re.ASCII)
_PORT: Final = re.compile(r"[0-9]{1,5}")
_FIELD: Final = re.compile(r"[!-~]([ -~]*[!-~])?")


class Authority(NamedTuple):
    """Where a URL's host is reached. `name` has no brackets; `sni` is empty for IP literals and what is no DNS name (RFC 6066, 3)."""

    name: str
    port: int
    sni: str


class Proxy(NamedTuple):
    """An HTTP proxy of an operator: its host, a name or an address, and port."""

    host: str
    port: int


class Target(NamedTuple):
    """A canonical URL taken apart: `authority` as it stands in the Host header, `path` with its query."""

    https: bool
    authority: str
    path: str


def target_of(url: str) -> Target | None:
    """The parts of a canonical URL, None if it is not one (wrong scheme, no path, a character that no request may hold)."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    scheme, authority, path = found.groups()
    return Target(scheme == "https", authority, path)


@lru_cache(4096)
def authority_of(authority: str, https: bool) -> Authority | None:
    """Name and port of `host`, `host:port` or `[IPv6]:port`; None if it is no such thing."""
    if authority.startswith("["):
        name, closed, rest = authority[1:].partition("]")
        if not closed or ":" not in name:
            return None
        sni = ""
    else:
        name, colon, rest = authority.partition(":")
        rest = colon + rest
        dns = name.removesuffix(".")
        sni = dns if _SNI.fullmatch(dns) and not dns.rpartition(".")[2].isdigit() else ""
    port = rest[1:]
    if not name or "[" in name or (rest and not (rest[0] == ":" and _PORT.fullmatch(port) and 0 < int(port) < 65536)):
        return None
    return Authority(name, int(port) if port else 443 if https else 80, sni)


@lru_cache(256)
def _fixed(user_agent: str, kind: LinkKind) -> str:
    """The header lines that all requests of one kind share."""
    agent = f"User-Agent: {user_agent}\r\n" if _FIELD.fullmatch(user_agent) else ""
    return f"{agent}Accept: {_ACCEPT[kind]}\r\nAccept-Encoding: {CODINGS}\r\n"


_ROUTE: Final = re.compile(r"([\w.-]{1,64})=http://(\[[0-9A-Fa-f:.]+\]|[\w.-]+):([0-9]{1,5})/?", re.ASCII)


def route_of(item: OrderItem, order: Order) -> str:
    """By which way an item is asked for."""
    return order.route if item.recheck is None else item.recheck.route


def routes_of(words: Iterable[str]) -> dict[str, Proxy]:
    """HTTP proxies by the names of their routes, from `NAME=http://HOST:PORT`. UsageError for what is none."""
    routes: dict[str, Proxy] = {}
    for word in words:
        found = _ROUTE.fullmatch(word)
        if found is None or not 0 < int(found[3]) < 65536 or found[1] in (DIRECT, *routes):
            raise UsageError(
                f"rechecks.routes: {word!r} is no route; write NAME=http://HOST:PORT, each name once, not {DIRECT}"
            )
        routes[found[1]] = Proxy(found[2].strip("[]"), int(found[3]))
    return routes


def connect_head(address: str, port: int) -> bytes:
    """What a proxy is asked, to reach exactly this address (RFC 9110, 9.3.6)."""
    target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii")


def request_head(item: OrderItem, order: Order, target: Target) -> bytes:
    """The whole request: request line and header (RFC 9112, 3 and 5; conditional by RFC 9110, 13.1.2 and 13.1.3)."""
    lines = f"GET {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n{_fixed(order.user_agent, item.kind)}"
    if item.referer and _FIELD.fullmatch(item.referer):
        lines += f"Referer: {item.referer}\r\n"
    if item.etag and _FIELD.fullmatch(item.etag):
        lines += f"If-None-Match: {item.etag}\r\n"
    if (
        item.recheck is not None and item.kind is LinkKind.MEDIA
    ):  # RFC 9111, 5.2.1.4: no cache on the way may answer by itself
        lines += "Cache-Control: no-cache\r\n"
    if item.last_modified and _FIELD.fullmatch(item.last_modified):
        lines += f"If-Modified-Since: {item.last_modified}\r\n"
    return (lines + "\r\n").encode("ascii")
