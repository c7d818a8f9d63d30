"""Which registry's server to ask, by the bootstrap files of IANA (RFC 9224): the longest prefix, the longest name, the range."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

import msgspec

from contracts.errors import UsageError
from notices.recipients.networks import Networks

FILES: Final = ("ipv4", "ipv6", "asn", "dns")
BYTES: Final = 4 * 1024 * 1024
"""Largest file that is read."""
Servers = tuple[str, ...]
_RANGE: Final = re.compile(r"(\d{1,10})(?:-(\d{1,10}))?", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_URL: Final = re.compile(r"https?://(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:/[!-~]*)?", re.ASCII)


class Bootstrap:
    """The four files, by `FILES`. Raises UsageError that names file and place for one that cannot be read as such a file."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._networks: Networks[Servers] = Networks()
        self._names: dict[str, Servers] = {}
        ranges: list[tuple[int, int, Servers]] = []
        self.published: dict[str, str] = {}
        self.hosts: set[str] = set()
        for kind in FILES:
            for keys, servers in self._services(kind, files.get(kind, b"")):
                self.hosts |= {authority(server) for server in servers}
                for key in keys:
                    if kind == "dns":
                        self._names[_name(kind, key)] = servers
                    elif kind == "asn":
                        ranges.append((*_range(kind, key), servers))
                    else:
                        self._networks.add(_network(kind, key), servers)
        ranges.sort(key=lambda row: row[:2])
        self._ranges = ranges

    def of_address(self, address: str) -> Servers:
        """Base URLs for an IP address, empty if no registry is known."""
        return self._networks.around(address) or ()

    def of_number(self, number: int) -> Servers:
        """Base URLs for an autonomous system."""
        at = bisect_right(self._ranges, number, key=lambda row: row[0]) - 1
        return self._ranges[at][2] if at >= 0 and number <= self._ranges[at][1] else ()

    def of_domain(self, name: str) -> Servers:
        """Base URLs for a domain name (ASCII, lower case): of the longest suffix of whole labels."""
        while name:
            if found := self._names.get(name):
                return found
            name = name.partition(".")[2]
        return ()

    def _services(self, kind: str, body: bytes) -> list[tuple[list[str], Servers]]:
        if len(body) > BYTES:
            raise _wrong(kind, f"it has more than {BYTES} bytes")
        try:
            raw: Any = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise _wrong(kind, "it is no JSON") from None
        services = raw.get("services") if isinstance(raw, dict) else None
        if not isinstance(services, list) or raw.get("version") != "1.0":
            raise _wrong(kind, "it needs version 1.0 and a list of services")
        self.published[kind] = str(raw.get("publication"))[:40]
        return [_service(kind, number, one) for number, one in enumerate(services)]


def authority(url: str) -> str:
    """Host and port of a URL, in lower case."""
    return url.partition("://")[2].partition("/")[0].lower()


def _service(kind: str, number: int, raw: object) -> tuple[list[str], Servers]:
    """(keys, base URLs that end in a slash, https before http)."""
    fits = isinstance(raw, list) and len(raw) == 2 and all(isinstance(part, list) for part in raw)
    if not fits:
        raise _wrong(kind, f"services[{number}] is no pair of lists")
    assert isinstance(raw, list)
    keys, urls = raw
    for one in (*keys, *urls):
        if not isinstance(one, str) or len(one) > 300:
            raise _wrong(kind, f"services[{number}] holds something that is no short text")
    for url in urls:
        if not _URL.fullmatch(url):
            raise _wrong(kind, f"services[{number}] has a URL that is none of http or https")
    ordered = sorted(dict.fromkeys(url.rstrip("/") + "/" for url in urls), key=lambda url: url.startswith("http:"))
    return [*keys], tuple(ordered)


def _wrong(kind: str, what: str) -> UsageError:
    return UsageError(f"RDAP bootstrap file {kind}.json: {what}; `crawlctl recipients refresh` fetches it anew")


def _network(kind: str, key: str) -> IPv4Network | IPv6Network:
    try:
        found = ip_network(key)
    except ValueError:
        raise _wrong(kind, f"{key[:60]!r} is no network") from None
    if found.version != (4 if kind == "ipv4" else 6):
        raise _wrong(kind, f"{key[:60]!r} is a network of the other IP version")
    return found


def _range(kind: str, key: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(key)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 <= first <= last < 2**32:
        raise _wrong(kind, f"{key[:60]!r} is no range of autonomous systems")
    return first, last


def _name(kind: str, key: str) -> str:
    """The name in lower case; "" is the root."""
    name = key.lower().rstrip(".")
    if name and not _NAME.fullmatch(name):
        raise _wrong(kind, f"{key[:60]!r} is no domain name")
    return name
