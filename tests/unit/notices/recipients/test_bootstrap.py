"""notices.recipients.bootstrap: which registry is asked (RFC 9224), by the shipped files and by broken ones."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from crawlctl.recipient_files import SHIPPED
from notices.recipients.bootstrap import BYTES, FILES, Bootstrap, authority
from tests.fakeweb.registry import bootstrap

A, B = "https://a.example/", "https://b.example/rdap/"


def made(**services: dict[str, list[str]]) -> Bootstrap:
    return Bootstrap({kind: bootstrap(kind, services.get(kind, {})) for kind in FILES})


@pytest.fixture(scope="module")
def shipped() -> Bootstrap:
    return Bootstrap({kind: (SHIPPED / f"{kind}.json").read_bytes() for kind in FILES})


def test_the_longest_prefix() -> None:
    found = made(ipv4={"192.0.0.0/8": [A], "192.0.2.0/24": [B]}, ipv6={"2001:db8::/32": [A], "2001:db8:1::/48": [B]})
    asked = (
        "192.0.2.7",
        "192.0.3.7",
        "193.0.0.1",
        "2001:db8:1::7",
        "2001:db8:2::7",
        "2001:db9::",
        "x",
        "::ffff:192.0.2.7",
    )
    assert [found.of_address(one) for one in asked] == [(B,), (A,), (), (B,), (A,), (), (), ()]


def test_ranges_of_systems() -> None:
    found = made(asn={"64496-64500": [A], "7": [B], "65000-65000": [B]})
    assert [found.of_number(n) for n in (6, 7, 8, 64495, 64496, 64500, 64501, 65000)] == [
        (),
        (B,),
        (),
        (),
        (A,),
        (A,),
        (),
        (B,),
    ]


def test_the_longest_name() -> None:
    found = made(dns={"example": [A], "co.example": [B]})
    assert [found.of_domain(n) for n in ("x.example", "x.co.example", "co.example", "xco.example", "x.test", "")] == [(A,), (B,), (B,), (A,), (), ()]  # fmt: skip


def test_https_goes_first_and_bases_end_in_a_slash() -> None:
    found = made(ipv4={"192.0.2.0/24": ["http://a.example/rdap", "https://A.example:8443/rdap"]})
    assert found.of_address("192.0.2.1") == ("https://A.example:8443/rdap/", "http://a.example/rdap/")
    assert found.hosts == {"a.example", "a.example:8443"}
    assert authority("https://A.example/x") == "a.example"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("ipv4", b"", "no JSON"),
        ("ipv4", b"[" * 100_000, "no JSON"),
        ("ipv4", b'{"version": "1.0", "services": "\xff"}', "no JSON"),
        ("ipv4", b"[]", "version 1.0"),
        ("ipv4", b'{"version": "2.0", "services": []}', "version 1.0"),
        ("ipv4", b'{"version": "1.0", "services": {}}', "list of services"),
        ("ipv4", b'{"version": "1.0", "services": [[["1.0.0.0/8"]]]}', r"services\[0\] is no pair"),
        ("ipv4", b'{"version": "1.0", "services": [[[7], ["https://a.example/"]]]}', r"services\[0\] holds"),
        ("ipv4", bootstrap("ipv4", {"1.0.0.1/8": [A]}), "'1.0.0.1/8' is no network"),
        ("ipv4", bootstrap("ipv4", {"2001:db8::/32": [A]}), "other IP version"),
        ("ipv6", bootstrap("ipv6", {"1.0.0.0/8": [A]}), "other IP version"),
        ("asn", bootstrap("asn", {"9-1": [A]}), "no range"),
        ("asn", bootstrap("asn", {"1-99999999999": [A]}), "no range"),
        ("dns", bootstrap("dns", {"a b": [A]}), "no domain name"),
        ("dns", bootstrap("dns", {"a": ["ftp://a.example/"]}), "none of http"),
        ("dns", bootstrap("dns", {"a": ["https://user@a.example/"]}), "none of http"),
        ("dns", bootstrap("dns", {"a": ["https://a.example/\nx"]}), "none of http"),
        ("dns", b" " * (BYTES + 1), "more than"),
    ],
    ids=range(18),
)
def test_broken_files_are_named(kind: str, body: bytes, said: str) -> None:
    files = {one: bootstrap(one, {}) for one in FILES} | {kind: body}
    with pytest.raises(UsageError, match=rf"{kind}\.json: .*{said}"):
        Bootstrap(files)


@given(st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda x: st.lists(x, max_size=4), max_leaves=12))
def test_any_services(services: object) -> None:
    body = json.dumps({"version": "1.0", "services": services}).encode()
    try:
        Bootstrap(dict.fromkeys(FILES, body))
    except UsageError as error:
        assert ".json: " in str(error)


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("8.8.8.8", "arin"), ("193.0.6.139", "ripe"), ("1.1.1.1", "apnic"), ("200.3.14.10", "lacnic"), ("196.216.2.6", "afrinic"),
        ("2620:0:2d0::1", "arin"), ("2001:67c:2e8::1", "ripe"), ("2001:dc0:2001::1", "apnic"), ("2a10::1", "ripe"), ("2630::1", "arin"),
    ],
)  # fmt: skip
def test_shipped_networks(shipped: Bootstrap, address: str, server: str) -> None:
    (url,) = shipped.of_address(address)
    assert url.startswith("https://") and server in url


def test_shipped_files_cover_what_is_handed_out(shipped: Bootstrap) -> None:
    """Every /8 of IPv4 that is handed out, and nothing that is private, loopback or multicast."""
    missing = {n for n in range(1, 224) if not shipped.of_address(f"{n}.200.0.1")}
    assert missing == {10, 127, *missing - {10, 127}} and len(missing) <= 4, missing
    assert not any(shipped.of_address(one) for one in ("10.0.0.1", "127.0.0.1", "224.0.0.1", "fe80::1", "::1"))
    assert shipped.of_number(3333) and shipped.of_number(15169) and not shipped.of_number(64496)
    assert shipped.of_domain("example.com") and shipped.of_domain("example.org")
    assert all(shipped.published.values())
