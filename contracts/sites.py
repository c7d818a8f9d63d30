"""Whose host is it: site (registered domain), bucket, partition, and the group of a server address.

A site is the registered domain by the Public Suffix List, its private section included. An IP literal is its own site,
and so is a public suffix. There are two lists: the snapshot beside this module decides buckets and never changes without
a `rebucket` migration (`psl_sha256` is kept with the state); the newer of it and the list of the `publicsuffixlist`
package decides budgets and reports.
"""

import re
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from typing import Final

from xxhash import xxh3_64_intdigest

BUCKETS: Final = 4096
"""Number of buckets; fixed for ever."""

_CACHED: Final = 65_536
_EXACT: Final = 0
_WILDCARD: Final = 1
_EXCEPTION: Final = 2
_VERSION: Final = re.compile(rb"^// VERSION: (\S+)", re.MULTILINE)
_IPV4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


class SuffixList:
    """The rules of one Public Suffix List file (https://publicsuffix.org/list/, "Format" and "Algorithm").

    `data` is the file as bytes (UTF-8). Internationalised rules are kept in their ASCII form, as canonical hosts are.
    """

    def __init__(self, data: bytes) -> None:
        self.version = found[1].decode("ascii", "replace") if (found := _VERSION.search(data)) else ""
        rules: dict[str, int] = {}
        for line in data.decode("utf-8", "replace").splitlines():
            rule = line.split(None, 1)[0].lower() if line and not line.isspace() else ""
            if not rule or rule.startswith("//"):
                continue
            kind = _EXACT
            if rule.startswith("!"):
                kind, rule = _EXCEPTION, rule[1:]
            elif rule.startswith("*."):
                kind, rule = _WILDCARD, rule[2:]
            if not rule.isascii():
                rule = rule.encode("idna").decode("ascii")
            rules[rule] = max(kind, rules.get(rule, _EXACT))
        self._rules = rules
        self._labels = 2 + max((rule.count(".") for rule in rules), default=0)

    def registered(self, name: str) -> str:
        """The registered domain of `name` (ASCII, lower case, no port); `name` itself if it is a public suffix.

        The longest rule wins, an exception rule over all, `*` where no rule matches. A wildcard rule makes its own
        parent a public suffix too, as the list's linter demands. A final dot is dropped. A name with an empty label
        has no registered domain and stays as it is.
        """
        name = name.removesuffix(".")
        labels = name.split(".")
        if "" in labels:
            return name
        count = len(labels)
        rules = self._rules
        first = max(0, count - self._labels)
        rest = ".".join(labels[first:]) if first else name
        public = 1
        for depth in range(count - first, 0, -1):
            kind = rules.get(rest)
            if kind is not None:
                # A wildcard's own parent is as public as its children: depth, not depth + 1, when nothing is in front.
                public = depth - 1 if kind == _EXCEPTION else depth + 1 if kind and depth < count else depth
                break
            rest = rest[rest.find(".") + 1 :]
        return name if public >= count else ".".join(labels[count - public - 1 :])


@cache
def _snapshot() -> tuple[SuffixList, str]:
    data = files(__package__).joinpath("public_suffix_list.dat").read_bytes()
    return SuffixList(data), sha256(data).hexdigest()


@cache
def _current() -> SuffixList:
    snapshot = _snapshot()[0]
    data = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_bytes()
    if sha256(data).hexdigest() == _snapshot()[1]:
        return snapshot
    latest = SuffixList(data)
    return latest if latest.version > snapshot.version else snapshot


def psl_sha256() -> str:
    """SHA-256 (hex) of the snapshot that decides buckets; a state made with another one must not be opened."""
    return _snapshot()[1]


def hostname(host: str) -> str:
    """The name or address of a canonical host: without port, without the brackets of IPv6."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_address(name: str) -> bool:
    """Whether a `hostname` is an IP address; canonical names never end in a number (WHATWG URL, host parsing)."""
    return ":" in name or _IPV4.fullmatch(name) is not None


def _site(host: str, rules: SuffixList) -> str:
    name = hostname(host)
    return name if is_address(name) else rules.registered(name)


def frozen_site(host: str) -> str:
    """The site of a canonical host by the snapshot: the one that its bucket comes from."""
    return _site(host, _snapshot()[0])


@lru_cache(_CACHED)
def site_of(host: str) -> str:
    """The site of a canonical host by the current list: the unit of budgets and reports."""
    return _site(host, _current())


@lru_cache(_CACHED)
def bucket_of(host: str) -> int:
    """The bucket (0..4095) of a canonical host: all hosts of a site share one, for ever."""
    return xxh3_64_intdigest(frozen_site(host).encode("utf-8", "surrogatepass")) % BUCKETS


def partition_of(bucket: int, partitions: int) -> int:
    """The partition of a bucket: `partitions` (a power of two that divides 4096) ranges of equal length."""
    return bucket * partitions // BUCKETS


@lru_cache(_CACHED)
def address_group(address: str) -> str:
    """What counts as one server: an IPv4 address as it is, IPv6 by its /64 (`2001:db8::/64`).

    An IPv4-mapped address is the IPv4 one, so that one server has one group. Text that is no address is its own group.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if (mapped := parsed.ipv4_mapped) is not None:
        return str(mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
