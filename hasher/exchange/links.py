"""Where a source may be, and where its next links may lead: nowhere but to itself, or credentials would go astray."""

from typing import Final

from ada_url import URL, URLSearchParams

from contracts.errors import Corrupt, UsageError

LINK_CHARS: Final = 8192
"""Longest next link or token: it is stored with every page."""
SECRETS: Final = frozenset({"access_token", "client_secret", "appsecret_proof", "code", "sig", "subscription-key"})
"""Parameters that are never kept: they open a source, and the cursor is no place for that."""


def root_of(location: str, *ends: str) -> str:
    """The URL that requests are built from: without a slash or any of `ends` at its end. UsageError for what is none."""
    parsed = parse(location)
    if parsed is None or parsed.protocol not in ("https:", "http:") or not parsed.host:
        raise UsageError("the list's location is no http(s) URL; add the list with --from URL")
    if parsed.username or parsed.password:
        raise UsageError("the list's location holds a login; put it in a file and name that with --credentials")
    if parsed.search or parsed.hash:
        raise UsageError(
            "the location of a source that answers in pages has no query; give its address alone with --from"
        )
    path = parsed.pathname.rstrip("/")
    for end in ends:
        path = path.removesuffix(end)
    return parsed.origin + path


def inside(link: str, root: str, ends: str) -> str:
    """Path and query, under `root`, of a next link: a whole URL or a path. Corrupt if it leads to another scheme, host or port,
    or to a path that does not end with `ends`."""
    if len(link) > LINK_CHARS:
        raise Corrupt(f"the link to the next page has more than {LINK_CHARS} characters")
    base = parse(root)
    parsed = parse(link if "://" in link else root + link)
    if base is None or parsed is None or parsed.username or parsed.password:
        raise Corrupt("the link to the next page is no URL")
    if parsed.origin != base.origin:
        raise Corrupt(f"the link to the next page leads from {base.origin} to {parsed.origin[:100]}: refused")
    if not parsed.pathname.rstrip("/").endswith(ends):
        raise Corrupt(f"the link to the next page leads to another path than {ends}: refused")
    return parsed.pathname + parsed.search


def parameters(link: str) -> list[tuple[str, str]]:
    """The query of a link, without what opens the source."""
    _, _, query = link.partition("?")
    return [(name, value) for name, value in URLSearchParams(query).items() if name.lower() not in SECRETS]


def with_parameters(address: str, pairs: list[tuple[str, str]]) -> str:
    """An address with a query."""
    query = URLSearchParams("")
    for name, value in pairs:
        query.append(name, value)
    return f"{address}?{query}"


def parse(text: str) -> URL | None:
    """A URL by the WHATWG's rules, or None."""
    try:
        return URL(text)
    except (ValueError, UnicodeError):
        return None
