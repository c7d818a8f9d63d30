"""The name server answers, lies and keeps silent as the world says (RFC 1035; RFC 7766 for TCP after truncation)."""

import ipaddress
from collections import Counter

import dnslib
from dnslib import QTYPE, RCODE

from tests.fakeweb.dns import UDP_BYTES, respond
from tests.fakeweb.log import Query
from tests.fakeweb.model import Name, World
from tests.fakeweb.world import build_world


def ask(
    world: World, name: str, kind: str = "A", transport: str = "udp", counts: Counter[str] | None = None
) -> dnslib.DNSRecord | None:
    """One question to the world, and its parsed answer."""
    wire = dnslib.DNSRecord.question(name, kind).pack()
    answer = respond(world, wire, transport, Counter() if counts is None else counts, [])
    return None if answer is None else dnslib.DNSRecord.parse(answer)


def world_of(**names: Name) -> World:
    world = World()
    world.names = {f"{name}.test": record for name, record in names.items()}
    return world


def test_addresses_by_family_with_ttl() -> None:
    world = world_of(a=Name(("127.1.2.3", "127.1.2.4", "::1"), ttl=77))
    four, six = ask(world, "A.Test"), ask(world, "a.test", "AAAA")
    assert four is not None and six is not None
    assert [str(each.rdata) for each in four.rr] == ["127.1.2.3", "127.1.2.4"]
    assert {each.ttl for each in four.rr} == {77}
    assert [str(each.rdata) for each in six.rr] == ["::1"]


def test_every_address_of_a_world_can_be_told() -> None:
    """IPv4-mapped and other IPv6 forms come through as they are."""
    world = build_world(1, parts=("names",))
    for name, record in world.names.items():
        if record.fault or not record.addresses:
            continue
        told = set()
        for kind in ("A", "AAAA"):
            answer = ask(world, name, kind)
            assert answer is not None
            told |= {ipaddress.ip_address(bytes(each.rdata.data)) for each in answer.rr}
        assert told == {ipaddress.ip_address(address) for address in record.addresses}


def test_unknown_names_and_faults() -> None:
    world = world_of(s=Name(fault="servfail"), n=Name(fault="nxdomain"), q=Name(fault="silence"), e=Name(()))
    codes = {name: getattr(ask(world, f"{name}.test"), "header", None) for name in ("s", "n", "x", "e")}
    assert [header and header.rcode for header in codes.values()] == [
        RCODE.SERVFAIL,
        RCODE.NXDOMAIN,
        RCODE.NXDOMAIN,
        RCODE.NOERROR,
    ]
    assert ask(world, "q.test") is None


def test_aliases_are_followed_and_circles_end() -> None:
    world = world_of(a=Name(cname="b.test"), b=Name(("127.0.0.9",)), c=Name(cname="c.test"), d=Name(cname="x.test"))
    alias = ask(world, "a.test")
    assert alias is not None
    assert [QTYPE.get(each.rtype) for each in alias.rr] == ["CNAME", "A"]
    circle, dangling = ask(world, "c.test"), ask(world, "d.test")
    assert circle is not None and {QTYPE.get(each.rtype) for each in circle.rr} == {"CNAME"}
    assert dangling is not None and dangling.header.rcode == RCODE.NXDOMAIN


def test_rebinding_answers_otherwise_the_second_time() -> None:
    world = world_of(a=Name(("127.0.0.1",), then=("127.66.0.1",)))
    counts: Counter[str] = Counter()
    answers = [ask(world, "a.test", counts=counts) for _ in range(3)]
    assert [str(each.rr[0].rdata) for each in answers if each] == ["127.0.0.1", "127.66.0.1", "127.66.0.1"]


def test_long_answers_are_truncated_over_udp_only() -> None:
    world = world_of(
        a=Name(tuple(f"127.0.1.{number}" for number in range(60))), t=Name(("127.0.0.1",), fault="truncate")
    )
    for name in ("a.test", "t.test"):
        udp, tcp = ask(world, name), ask(world, name, transport="tcp")
        assert udp is not None and udp.header.tc == 1 and not udp.rr
        assert tcp is not None and tcp.header.tc == 0 and tcp.rr
    assert UDP_BYTES == 512


def test_garbage_is_met_with_silence() -> None:
    queries: list[Query] = []
    for wire in (b"", b"\x00" * 5, b"\xff" * 40):
        assert respond(World(), wire, "udp", Counter(), queries) is None
    assert queries == []
