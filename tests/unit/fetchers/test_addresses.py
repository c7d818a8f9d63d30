"""The address guard: the IANA special-purpose registries, embedded IPv4 addresses, allow and deny."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import Reason, Refusal
from fetchers.addresses import SPECIAL_V4, SPECIAL_V6, Guard, embedded

OPEN = Guard([], [])


def reason(guard: Guard, address: str) -> Reason | None:
    refusal = guard.check(address)
    return None if refusal is None else refusal.reason


# IANA IPv4 Special-Purpose Address Registry: every block with "Globally Reachable: False", and multicast (RFC 5771).
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("0.0.0.0", "This network"),
        ("0.1.2.3", "This network"),
        ("10.255.255.255", "Private-Use"),
        ("100.64.0.1", "Shared Address Space"),
        ("100.127.255.255", "Shared Address Space"),
        ("127.0.0.1", "Loopback"),
        ("127.255.255.254", "Loopback"),
        ("169.254.169.254", "Link Local"),
        ("172.16.0.1", "Private-Use"),
        ("172.31.255.255", "Private-Use"),
        ("192.0.0.1", "IETF Protocol Assignments"),
        ("192.0.0.170", "IETF Protocol Assignments"),
        ("192.0.2.1", "Documentation (TEST-NET-1)"),
        ("192.88.99.1", "Deprecated (6to4 Relay Anycast)"),
        ("192.168.1.1", "Private-Use"),
        ("198.18.0.1", "Benchmarking"),
        ("198.19.255.255", "Benchmarking"),
        ("198.51.100.7", "Documentation (TEST-NET-2)"),
        ("203.0.113.7", "Documentation (TEST-NET-3)"),
        ("224.0.0.1", "Multicast"),
        ("239.255.255.255", "Multicast"),
        ("240.0.0.1", "Reserved"),
        ("255.255.255.255", "Limited Broadcast"),
    ],
)
def test_non_global_ipv4_is_refused_by_the_registrys_name(address: str, name: str) -> None:
    assert OPEN.check(address) == Refusal(Reason.ADDRESS_NOT_GLOBAL, name)


# IANA IPv6 Special-Purpose Address Registry; what lies outside 2000::/3 is reserved (IANA IPv6 address space).
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("::", "Unspecified Address"),
        ("::1", "Loopback Address"),
        ("64:ff9b:1::1", "IPv4-IPv6 Translat. (local use)"),
        ("100::1", "Discard-Only Address Block"),
        ("100:0:0:1::1", "Dummy IPv6 Prefix"),
        ("2001:100::1", "IETF Protocol Assignments"),
        ("2001:2::1", "Benchmarking"),
        ("2001:10::1", "Deprecated (ORCHID)"),
        ("2001:db8::1", "Documentation"),
        ("3fff::1", "Documentation"),
        ("5f00::1", "Segment Routing (SRv6) SIDs"),
        ("fc00::1", "Unique-Local"),
        ("fd12:3456::1", "Unique-Local"),
        ("fe80::1", "Link-Local Unicast"),
        ("fec0::1", "Site-Local (deprecated)"),
        ("ff02::1", "Multicast"),
        ("4000::1", "Reserved by IETF"),
        ("::8.8.8.8", "IPv4-compatible (deprecated)"),
    ],
)
def test_non_global_ipv6_is_refused_by_the_registrys_name(address: str, name: str) -> None:
    assert OPEN.check(address) == Refusal(Reason.ADDRESS_NOT_GLOBAL, name)


# The registries' exceptions inside larger blocks, and the borders just outside of blocks.
@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.0.9",
        "192.0.0.10",
        "192.0.1.0",
        "192.31.196.1",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::1",
        "2001:1::1",
        "2001:3::1",
        "2001:20::1",
        "2001:200::1",
        "2606:4700::1111",
        "2a00:1450::8b",
        "2620:4f:8000::1",
    ],
)
def test_global_addresses_pass(address: str) -> None:
    assert OPEN.check(address) is None


# RFC 4291, 2.5.5.2 (mapped); RFC 6052, 2.2 (NAT64); RFC 3056, 2 (6to4); RFC 4380, 4 (Teredo: server, inverted client).
@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("::ffff:127.0.0.1", ["127.0.0.1"]),
        ("::ffff:8.8.8.8", ["8.8.8.8"]),
        ("::10.0.0.1", ["10.0.0.1"]),
        ("64:ff9b::192.168.0.1", ["192.168.0.1"]),
        ("64:ff9b:1:c000:2:100::", ["192.0.2.1", "0.0.0.0"]),
        ("2002:7f00:1::", ["127.0.0.1"]),
        ("2002:808:808:1::1", ["8.8.8.8"]),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", ["65.54.227.120", "192.0.2.45"]),
        ("2001:1:4136:e378:8000:63bf:3fff:fdd2", []),
        ("2606:4700::7f00:1", []),
        ("::1", []),
        ("127.0.0.1", []),
    ],
)
def test_embedded_addresses_are_found(address: str, inner: list[str]) -> None:
    assert [str(one) for one in embedded(ip_address(address))] == inner


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("::ffff:127.0.0.1", True),
        ("::ffff:7f00:1", True),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::10.1.2.3", True),
        ("64:ff9b::8.8.8.8", False),
        ("2002:a00:1::1", True),
        ("2002:808:808::1", False),
        ("2001:0:7f00:1::f7f7:f7f7", True),  # Teredo server 127.0.0.1
        ("2001:0:808:808::80ff:fffe", True),  # Teredo client 127.0.0.1, inverted
        ("2001:0:808:808::f7f7:f7f7", False),
    ],
)
def test_an_address_is_judged_by_the_one_it_embeds(address: str, refused: bool) -> None:
    assert reason(OPEN, address) == (Reason.ADDRESS_NOT_GLOBAL if refused else None)


@pytest.mark.parametrize(
    "text",
    ["", "example.com", "127.1", "0x7f.0.0.1", "127.0.0.1%lo", "fe80::1%eth0", "2606:4700::1%1", "1.2.3.4:80", "[::1]"],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    assert reason(OPEN, text) == Reason.ADDRESS_NOT_GLOBAL
    assert reason(Guard(["0.0.0.0/0", "::/0"], []), text) == Reason.ADDRESS_NOT_GLOBAL


# Issue: "deny wins over allow".
def test_deny_wins_over_allow() -> None:
    guard = Guard(["127.0.0.0/8"], ["127.66.0.0/16"])
    assert guard.check("127.0.0.1") is None
    assert guard.check("127.66.1.2") == Refusal(Reason.ADDRESS_DENIED, "127.66.0.0/16")
    assert reason(guard, "127.65.255.255") is None
    assert reason(guard, "10.0.0.1") == Reason.ADDRESS_NOT_GLOBAL


def test_deny_reaches_global_and_embedded_addresses() -> None:
    guard = Guard(["::/0"], ["8.8.8.0/24", "2606:4700::/32"])
    assert guard.check("8.8.8.8") == Refusal(Reason.ADDRESS_DENIED, "8.8.8.0/24")
    assert guard.check("::ffff:8.8.8.8") == Refusal(Reason.ADDRESS_DENIED, "8.8.8.0/24")
    assert guard.check("2002:808:808::1") == Refusal(Reason.ADDRESS_DENIED, "8.8.8.0/24")
    assert reason(guard, "2606:4700::1111") == Reason.ADDRESS_DENIED


def test_allow_reaches_embedded_addresses() -> None:
    guard = Guard(["127.0.0.0/8"], [])
    assert guard.check("::ffff:127.0.0.1") is None
    assert reason(guard, "::ffff:10.0.0.1") == Reason.ADDRESS_NOT_GLOBAL
    assert reason(guard, "::1") == Reason.ADDRESS_NOT_GLOBAL
    assert Guard(["::1/128"], []).check("::1") is None


def test_a_network_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        Guard(["127.0.0.0/33"], [])


def test_tables_hold_each_network_once_and_by_its_first_address() -> None:
    for rows in (SPECIAL_V4, SPECIAL_V6):
        assert len({str(ip_network(text)) for text, _, _ in rows}) == len(rows)


# Whatever form it comes in: a denied IPv4 address cannot be reached through IPv6.
@given(st.ip_addresses(v=4))
def test_no_ipv6_form_of_a_refused_ipv4_address_passes(address: IPv4Address) -> None:
    if OPEN.check(str(address)) is None:
        return
    number = int(address)
    forms = [number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80 | 1]
    forms += [
        0x20010000 << 96 | number << 64 | (0x08080808 ^ 0xFFFFFFFF),
        0x20010000 << 96 | 0x08080808 << 64 | number ^ 0xFFFFFFFF,
    ]
    forms += [0x64FF9B0001 << 80 | (number >> 16) << 64 | (number & 0xFFFF) << 40]
    assert all(OPEN.check(str(IPv6Address(form))) is not None for form in forms)


@given(st.text(max_size=60))
def test_any_text_gets_a_verdict(text: str) -> None:
    OPEN.check(text)
