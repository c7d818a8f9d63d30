"""Which server addresses may be connected to: denied networks never, non-global ones only where the operator allows it.

The table is our own copy of the IANA special-purpose address registries (RFC 6890, RFC 8190; IPv4 and IPv6), because
`ipaddress.is_global` follows the registries of whichever Python runs it. An IPv6 address that carries an IPv4 one
(mapped, compatible, NAT64, 6to4, Teredo) is judged by that one as well: it is where packets would end up.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from contracts.refusals import Reason, Refusal, refuse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REMEMBERED: Final = 65_536
"""Addresses whose verdict is kept."""

# (network, the registry's name, globally reachable). The most specific entry decides. Where the registry says "N/A"
# (6to4, Teredo), the embedded addresses decide, so the entry itself counts as reachable; deprecated anycast does not.
SPECIAL_V4: Final[tuple[tuple[str, str, bool], ...]] = (
    ("0.0.0.0/8", "This network", False),
    ("10.0.0.0/8", "Private-Use", False),
    ("100.64.0.0/10", "Shared Address Space", False),
    ("127.0.0.0/8", "Loopback", False),
    ("169.254.0.0/16", "Link Local", False),
    ("172.16.0.0/12", "Private-Use", False),
    ("192.0.0.0/24", "IETF Protocol Assignments", False),
    ("192.0.0.9/32", "Port Control Protocol Anycast", True),
    ("192.0.0.10/32", "Traversal Using Relays around NAT Anycast", True),
    ("192.0.2.0/24", "Documentation (TEST-NET-1)", False),
    ("192.31.196.0/24", "AS112-v4", True),
    ("192.52.193.0/24", "AMT", True),
    ("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", False),
    ("192.168.0.0/16", "Private-Use", False),
    ("192.175.48.0/24", "Direct Delegation AS112 Service", True),
    ("198.18.0.0/15", "Benchmarking", False),
    ("198.51.100.0/24", "Documentation (TEST-NET-2)", False),
    ("203.0.113.0/24", "Documentation (TEST-NET-3)", False),
    ("224.0.0.0/4", "Multicast", False),
    ("240.0.0.0/4", "Reserved", False),
    ("255.255.255.255/32", "Limited Broadcast", False),
)
SPECIAL_V6: Final[tuple[tuple[str, str, bool], ...]] = (
    # Only 2000::/3 is handed out as global unicast (IANA IPv6 address space); all else is reserved unless named below.
    ("::/0", "Reserved by IETF", False),
    ("2000::/3", "Global Unicast", True),
    ("::/96", "IPv4-compatible (deprecated)", False),
    ("::/128", "Unspecified Address", False),
    ("::1/128", "Loopback Address", False),
    ("::ffff:0:0/96", "IPv4-mapped Address", True),
    ("64:ff9b::/96", "IPv4-IPv6 Translat.", True),
    ("64:ff9b:1::/48", "IPv4-IPv6 Translat. (local use)", False),
    ("100::/64", "Discard-Only Address Block", False),
    ("100:0:0:1::/64", "Dummy IPv6 Prefix", False),
    ("2001::/23", "IETF Protocol Assignments", False),
    ("2001::/32", "TEREDO", True),
    ("2001:1::1/128", "Port Control Protocol Anycast", True),
    ("2001:1::2/128", "Traversal Using Relays around NAT Anycast", True),
    ("2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", True),
    ("2001:2::/48", "Benchmarking", False),
    ("2001:3::/32", "AMT", True),
    ("2001:4:112::/48", "AS112-v6", True),
    ("2001:10::/28", "Deprecated (ORCHID)", False),
    ("2001:20::/28", "ORCHIDv2", True),
    ("2001:30::/28", "Drone Remote ID Protocol Entity Tags", True),
    ("2001:db8::/32", "Documentation", False),
    ("2002::/16", "6to4", True),
    ("2620:4f:8000::/48", "Direct Delegation AS112 Service", True),
    ("3fff::/20", "Documentation", False),
    ("5f00::/16", "Segment Routing (SRv6) SIDs", False),
    ("fc00::/7", "Unique-Local", False),
    ("fe80::/10", "Link-Local Unicast", False),
    ("fec0::/10", "Site-Local (deprecated)", False),
    ("ff00::/8", "Multicast", False),
)


def _compile(rows: tuple[tuple[str, str, bool], ...]) -> tuple[tuple[int, int, str, bool], ...]:
    """(mask, network, name, reachable) with the most specific network first."""
    networks = sorted(((ip_network(text), name, ok) for text, name, ok in rows), key=lambda row: -row[0].prefixlen)
    return tuple((int(network.netmask), int(network.network_address), name, ok) for network, name, ok in networks)


_V4: Final = _compile(SPECIAL_V4)
_V6: Final = _compile(SPECIAL_V6)


def special_name(address: Address) -> str:
    """The registry's name of the non-global block that an address lies in, "" if it is globally reachable."""
    number = int(address)
    for mask, network, name, reachable in _V4 if address.version == 4 else _V6:
        if number & mask == network:
            return "" if reachable else name
    return ""


def embedded(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses inside an IPv6 one, none for all others.

    IPv4-mapped and -compatible (RFC 4291, 2.5.5), NAT64 (RFC 6052, 2.2 for /96 and /48; RFC 8215), 6to4 (RFC 3056, 2),
    Teredo server and client, the latter inverted (RFC 4380, 4).
    """
    if isinstance(address, IPv4Address):
        return []
    number = int(address)
    low = number & 0xFFFFFFFF
    high96 = number >> 32
    if high96 == 0xFFFF or high96 == 0x64FF9B << 64 or (high96 == 0 and number > 1):
        return [IPv4Address(low)]
    if number >> 80 == 0x64FF9B0001:
        # Local-use translators take a /48, or any longer prefix inside: look at both ends (bits 64..71 are skipped).
        split = (number >> 64 & 0xFFFF) << 16 | number >> 40 & 0xFFFF
        return [IPv4Address(split), IPv4Address(low)]
    if number >> 112 == 0x2002:
        return [IPv4Address(number >> 80 & 0xFFFFFFFF)]
    if high96 >> 64 == 0x20010000:
        return [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(low ^ 0xFFFFFFFF)]
    return []


class Guard:
    """The verdict on addresses for one crawl's `allow` and `deny` networks.

    `deny` wins over `allow`; `allow` makes a non-global network usable. An IPv6 address is held to `deny` with every IPv4
    address it embeds, and needs each of them to be usable, unless it is itself within `allow`.
    Raises ValueError for a network that cannot be read.
    """

    def __init__(self, allow: list[str], deny: list[str]) -> None:
        self._allow: list[Network] = [ip_network(text, strict=False) for text in allow]
        self._deny: list[Network] = [ip_network(text, strict=False) for text in deny]
        self._remembered = lru_cache(REMEMBERED)(self._judge)

    def check(self, address: str) -> Refusal | None:
        """None if the address may be connected to; otherwise ADDRESS_DENIED with the network or ADDRESS_NOT_GLOBAL with its name.

        What is no plain IP address (a name, a zone id: an interface of ours) is not global.
        """
        return self._remembered(address)

    def _judge(self, text: str) -> Refusal | None:
        try:
            address = ip_address(text)
        except ValueError:
            return refuse(Reason.ADDRESS_NOT_GLOBAL, "not an IP address")
        if "%" in text:
            return refuse(Reason.ADDRESS_NOT_GLOBAL, "Link-Local Unicast with a zone id")
        inner = embedded(address)
        for one in (address, *inner):
            denied = _within(one, self._deny)
            if denied is not None:
                return refuse(Reason.ADDRESS_DENIED, str(denied))
        if _within(address, self._allow) is not None:
            return None
        for one in (address, *inner):
            name = special_name(one)
            if name and _within(one, self._allow) is None:
                return refuse(Reason.ADDRESS_NOT_GLOBAL, name if one is address else f"{name} ({one} embedded)")
        return None


def _within(address: Address, networks: list[Network]) -> Network | None:
    return next((network for network in networks if address.version == network.version and address in network), None)
