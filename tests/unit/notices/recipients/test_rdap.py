"""notices.recipients.rdap: answers in the form of the five registries, and answers that mean harm."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Corrupt
from notices.recipients import rdap
from notices.recipients.rdap import DEPTH, ENTITIES, autnum, by_role, entity, network, registrar
from tests.fakeweb import registry
from tests.unit.notices.recipients.test_jcard import ANYTHING

ADDRESS = "192.0.2.7"
ABUSE = "abuse@hoster.example"


def body(what: object) -> bytes:
    return json.dumps(what).encode()


def first(answer: dict[str, Any]) -> tuple[str, str]:
    """(role, e-mail) that comes first."""
    found = [
        (role, one) for role, contact in by_role(network(body(answer), ADDRESS).contacts) for one in contact.emails
    ]
    return found[0]


@pytest.mark.parametrize(
    ("shape", "role", "country", "numbers"),
    [
        (registry.arin, "abuse", "", (64496,)),
        (registry.ripe, "abuse", "NL", ()),
        (registry.apnic, "abuse", "JP", ()),
        (registry.lacnic, "abuse", "BR", (64497,)),
        (registry.afrinic, "technical", "ZA", ()),
    ],
)
def test_shapes(shape: Callable[[str, str], dict[str, Any]], role: str, country: str, numbers: tuple[int, ...]) -> None:
    """Issue: "recursion into nested entities, role abuse, jCard"."""
    answer = shape(ADDRESS, ABUSE)
    assert first(answer) == (role, ABUSE)
    read = network(body(answer), ADDRESS)
    assert (read.country, read.numbers, read.start, read.end) == (country, numbers, ADDRESS, ADDRESS)


def test_ipv6() -> None:
    answer = registry.ripe("2001:db8::7", ABUSE, first="2001:db8::", last="2001:db8:0:ffff:ffff:ffff:ffff:ffff")
    assert network(body(answer), "2001:db8::7").start == "2001:db8::"


def test_a_region_is_no_country() -> None:
    for said in ("EU", "AP", "EU # Country is really world wide", "", None, 7, ["NL"]):
        assert network(body({**registry.ripe(ADDRESS, ABUSE), "country": said}), ADDRESS).country == ""


def test_an_answer_about_another_network() -> None:
    with pytest.raises(Corrupt, match="does not hold the address"):
        network(body(registry.ripe("198.51.100.1", ABUSE)), ADDRESS)
    with pytest.raises(Corrupt, match="does not hold the address"):
        network(body(registry.ripe("2001:db8::7", ABUSE)), ADDRESS)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"\xff\xfe", b'"\xff"', b"[]", b"null", b"7", b"{}", b"[" * 100_000, b'{"a":' * 50_000, b"\0" * 1000,
        b'{"startAddress": 1, "endAddress": []}', b'{"startAddress": "x", "endAddress": "y"}', b'{"errorCode": 404}',
        b'{"objectClassName": "nameserver", "startAddress": "0.0.0.0", "endAddress": "255.255.255.255"}',
    ],
    ids=range(15),
)  # fmt: skip
def test_no_answer_at_all(raw: bytes) -> None:
    for read in (
        lambda: network(raw, ADDRESS),
        lambda: autnum(raw, 1),
        lambda: registrar(raw, "a.example"),
        lambda: entity(raw),
    ):
        with pytest.raises(Corrupt):
            read()


def test_depth_is_bounded() -> None:
    inner: dict[str, Any] = {"roles": ["abuse"], "vcardArray": registry.vcard(registry.mail(ABUSE))}
    for _ in range(DEPTH - 1):
        inner = {"roles": ["registrant"], "entities": [inner]}
    answer = registry.ripe(ADDRESS, "x")
    assert first({**answer, "entities": [inner]}) == ("abuse", ABUSE)
    deeper = network(body({**answer, "entities": [{"roles": ["registrant"], "entities": [inner]}]}), ADDRESS)
    assert not any(contact.emails for contact in deeper.contacts)


def test_width_is_bounded() -> None:
    wide = {"roles": ["abuse"] * 10_000, "entities": [{"roles": ["abuse"], "entities": [{}] * 50}] * 500}
    found = network(body({**registry.ripe(ADDRESS, ABUSE), "entities": [wide] * 2}), ADDRESS)
    assert len(found.contacts) == ENTITIES
    assert len(found.contacts[0].roles) <= 20


def test_the_nearest_of_one_role_is_first() -> None:
    near = {"roles": ["abuse"], "vcardArray": registry.vcard(registry.mail("near@x.example"))}
    far = {
        "roles": ["registrant"],
        "entities": [{"roles": ["ABUSE"], "vcardArray": registry.vcard(registry.mail("far@x.example"))}],
    }
    assert first({**registry.ripe(ADDRESS, ABUSE), "entities": [far, near]}) == ("abuse", "near@x.example")


def test_systems() -> None:
    said = ["AS64496", 64497, "x", -1, True, None, "as 1", 2**40, 64496, "64498"]
    assert network(body({**registry.ripe(ADDRESS, ABUSE), "originAutnums": said}), ADDRESS).numbers == (
        64496,
        64497,
        64498,
    )


def test_entities_that_are_only_named_have_links() -> None:
    link = {"rel": "self", "href": "https://registry.example/entity/A1"}
    for bad in (
        {"rel": "up", "href": "https://x.example"},
        {"rel": "self", "href": 7},
        {"rel": "self", "href": "a\nb"},
        5,
    ):
        one = {"roles": ["abuse"], "handle": "A1", "links": [bad, link]}
        (contact,) = network(body({**registry.ripe(ADDRESS, ABUSE), "entities": [one]}), ADDRESS).contacts
        assert (contact.emails, contact.link, contact.handle) == ((), link["href"], "A1")
    assert entity(body(registry.entity(ABUSE)))[0].emails == (ABUSE,)


def test_holder_of_a_system() -> None:
    holder = autnum(body(registry.autnum(64496, ABUSE)), 64496)
    assert (holder.name, holder.country, holder.contacts[0].emails) == ("CARRIER", "SE", (ABUSE,))
    with pytest.raises(Corrupt, match="not about"):
        autnum(body(registry.autnum(64497, ABUSE)), 64496)


def test_registrar_of_a_domain() -> None:
    holder = registrar(body(registry.domain("site.example", ABUSE)), "site.example")
    assert holder.name == "Registrar Ltd" and [one for c in holder.contacts for one in c.emails] == [ABUSE]
    with pytest.raises(Corrupt, match="not about"):
        registrar(body(registry.domain("other.example", ABUSE)), "site.example")
    with pytest.raises(Corrupt, match="no registrar"):
        registrar(body({"ldhName": "site.example", "entities": [{"roles": ["registrant"]}]}), "site.example")


def test_a_forged_contact_adds_no_header() -> None:
    evil = registry.ripe(ADDRESS, "a@x.example\r\nBcc: victim@y.example")
    evil["entities"][1]["entities"][0]["vcardArray"][1][1][3] = "Desk\r\nTo: z@y.example"
    read = network(body(evil), ADDRESS)
    assert all("\r" not in part and "\n" not in part for one in read.contacts for part in (one.name, *one.emails))
    assert ("abuse", 1) in [(role, one.faulty) for role, one in by_role(read.contacts)]


@given(ANYTHING, st.sampled_from(["startAddress", "entities", "country", "originAutnums", "name", "objectClassName"]))
def test_any_field_may_be_anything(value: object, key: str) -> None:
    for shape in (registry.arin, registry.ripe):
        answer = shape(ADDRESS, ABUSE)
        answer["entities"][0]["links"] = answer["entities"][0]["roles"] = value
        try:
            read = network(body({**answer, key: value}), ADDRESS)
        except Corrupt:
            continue
        by_role(read.contacts)


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    with pytest.raises(Corrupt):
        rdap.network(raw, ADDRESS)
