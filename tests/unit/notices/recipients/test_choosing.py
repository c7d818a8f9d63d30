"""notices.recipients.choosing: docs/domain.md, section 2, "Recipients have a class", rule by rule."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.recipients import CLASSES, TOLD, LookedUp, Recipient
from notices.recipients.choosing import agreed, asks_for, choose, deciding, email_recipient, settled
from notices.recipients.emails import within
from notices.recipients.findings import Found
from notices.recipients.overrides import Override
from notices.recipients.proxies import Proxy
from notices.recipients.rdap import Contact, Holder, Network, network
from tests.fakeweb import registry

NOW = 1_700_000_000.0
ADDRESS = "192.0.2.7"
HOST = "img.site.example"


def net(email: str, shape: Callable[[str, str], dict[str, Any]] = registry.ripe) -> Network:
    return network(json.dumps(shape(ADDRESS, email)).encode(), ADDRESS)


def told(answer: LookedUp) -> tuple[str, str]:
    return (answer.leading.klass, answer.leading.contact) if answer.leading else ("", answer.why)


def override(klass: str, contact: str, where: str = "site site.example", **more: str) -> Override:
    return Override(where, email_recipient(klass, "Somebody", contact, "FR"), **more)


FOUND = Found(HOST, ADDRESS, network=net("abuse@hoster.example"), country="NL")


def test_the_host_of_the_network_is_told() -> None:
    answer = choose(FOUND, NOW)
    assert answer.leading == Recipient(
        "email:abuse@hoster.example", "host", "Abuse-C Role", "email", "abuse@hoster.example", "NL"
    )
    assert (answer.country, answer.why, answer.at) == ("NL", "", NOW)
    assert answer == choose(FOUND, NOW)
    assert [one.source for one in answer.reasoning] == ["rdap", "roles", "countries", "choice"]


def test_a_platform_named_by_the_overrides_goes_first() -> None:
    found = replace(FOUND, overrides=(override("platform", "abuse@forum.example"),))
    assert told(choose(found, NOW)) == ("platform", "abuse@forum.example")
    assert settled(found) and not settled(FOUND)


@pytest.mark.parametrize("klass", [klass for klass in CLASSES if klass not in TOLD])
def test_upstream_registrar_and_operator_are_never_told_by_themselves(klass: str) -> None:
    """ "Upstream and registrar steps are always a person's decision"; "Site operators (security.txt too) get nothing unless the
    overrides name the platform"."""
    found = replace(FOUND, overrides=(override(klass, "x@other.example"),), network=None)
    answer = choose(found, NOW)
    assert answer.leading is None and f"a {klass} is never told by itself" in answer.why
    assert [one.klass for one in answer.others] == [klass]


def test_those_known_besides_are_shown() -> None:
    holder = Holder("H", "Carrier", "SE", (Contact(("abuse",), "Carrier", ("abuse@carrier.example",)),))
    names = Holder("292", "Registrar Ltd", "", (Contact(("registrar",), "R", ("abuse@registrar.example",)),))
    found = replace(FOUND, upstream=holder, registrar=names, operators=("security@site.example",))
    answer = choose(found, NOW)
    assert told(answer) == ("host", "abuse@hoster.example")
    assert [(one.klass, one.contact) for one in answer.others] == [
        ("network", "abuse@carrier.example"), ("registrar", "abuse@registrar.example"), ("site-operator", "security@site.example"),
    ]  # fmt: skip
    alone = choose(replace(found, network=None), NOW)
    assert alone.leading is None and "only a registrar is known" not in alone.why
    nobody = choose(replace(found, network=replace(FOUND.network, contacts=())), NOW)  # type: ignore[type-var]
    assert "only a registrar is known, which is never told by itself" in nobody.why


@pytest.mark.parametrize("contact", ["abuse@site.example", "abuse@mail.site.example"])
def test_contacts_inside_the_sites_own_domain_are_refused_by_name(contact: str) -> None:
    """ "contacts inside the reported site's own domain are refused by name"."""
    answer = choose(replace(FOUND, network=net(contact, registry.lacnic)), NOW)
    assert answer.leading is None
    assert f"{contact} (abuse contact of the network) is refused: it lies inside the reported site's own domain site.example" in answer.why  # fmt: skip
    assert ("refused", f"email:{contact}") in [(one.source, one.said.partition(": ")[0]) for one in answer.reasoning]


def test_the_next_role_is_taken_where_the_abuse_desk_is_the_sites_own() -> None:
    answer = choose(replace(FOUND, network=net("abuse@site.example", registry.arin)), NOW)
    assert told(answer) == ("host", "noc@example.net")
    assert any(one.source == "refused" for one in answer.reasoning)


def test_only_the_class_platform_may_lie_inside_the_site() -> None:
    """ "unless the overrides name the platform"."""
    inside = "abuse@site.example"
    assert told(choose(replace(FOUND, overrides=(override("platform", inside),)), NOW)) == ("platform", inside)
    answer = choose(replace(FOUND, overrides=(override("host", inside),)), NOW)
    assert told(answer) == ("host", "abuse@hoster.example")
    assert not settled(replace(FOUND, overrides=(override("host", inside),)))


def test_a_reverse_proxy_is_asked_in_place_of_a_host() -> None:
    """ "Reverse proxies have a file of networks and a template that asks for the origin": the class tells which template."""
    proxy = Proxy("CDN", email_recipient("reverse-proxy", "CDN", "abuse@cdn.example", "US"))
    assert told(choose(replace(FOUND, proxy=proxy), NOW)) == ("reverse-proxy", "abuse@cdn.example")
    unnamed = choose(replace(FOUND, proxy=Proxy("CDN")), NOW)
    assert told(unnamed) == ("reverse-proxy", "abuse@hoster.example")
    origin = replace(FOUND, proxy=proxy, overrides=(override("host", "abuse@origin.example", "host img.site.example"),))
    assert told(choose(origin, NOW)) == ("host", "abuse@origin.example")


def test_registries_host_nothing() -> None:
    answer = choose(replace(FOUND, network=net("helpdesk@apnic.net", registry.lacnic)), NOW)
    assert answer.leading is None and "a registry's own" in answer.why


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (Found(HOST), "its server address is not known"),
        (Found(HOST, "10.0.0.1", "Private-Use"), "10.0.0.1 is not a public address: Private-Use"),
        (Found(HOST, "127.0.0.1", "Loopback"), "127.0.0.1 is not a public address: Loopback"),
        (Found(HOST, ADDRESS), "no registry knows the network"),
        (Found(HOST, ADDRESS, unasked="no registry is known for its address"), "no registry is known"),
        (replace(FOUND, network=net("x")), "names no contact with an e-mail address for its network"),
        (replace(FOUND, network=net("x", registry.lacnic)), "1 cannot be written to"),
    ],
    ids=range(7),
)
def test_nobody_has_a_reason(found: Found, why: str) -> None:
    found = replace(
        found, network=replace(found.network, contacts=found.network.contacts[:1]) if found.network else None
    )
    answer = choose(found, NOW)
    assert answer.leading is None and why in answer.why


def test_never_is_never() -> None:
    found = replace(
        FOUND, overrides=(Override("site site.example", never="police"), override("platform", "a@forum.example"))
    )
    assert told(choose(found, NOW)) == ("", "the overrides say never (site site.example): police")
    assert settled(found)


def test_a_row_that_only_knows_a_country_decides_nothing() -> None:
    rows = (Override("network 192.0.2.0/24", hosting="DE"), override("platform", "a@forum.example"))
    assert deciding(rows) == rows[1] and deciding(rows[:1]) is None
    answer = choose(replace(FOUND, overrides=rows[:1]), NOW)
    assert answer.countries == (("rdap", "NL"), ("maxmind", "NL"), ("overrides", "DE")) and answer.country == "NL"


def test_a_contact_that_was_asked_for_is_taken() -> None:
    bare = replace(FOUND, network=replace(FOUND.network, contacts=()), more=(Contact(("abuse",), "Desk", ("a@hoster.example",)),))  # type: ignore[type-var]  # fmt: skip
    assert told(choose(bare, NOW)) == ("host", "a@hoster.example")


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ((), ""), ((("rdap", "NL"),), ""), ((("rdap", "NL"), ("maxmind", "NL")), "NL"), ((("rdap", "NL"), ("maxmind", "DE")), ""),
        ((("rdap", "NL"), ("maxmind", "DE"), ("overrides", "DE")), "DE"), ((("rdap", ""), ("maxmind", "")), ""),
        ((("rdap", "NL"), ("rdap", "NL")), ""), ((("a", "NL"), ("b", "NL"), ("c", "DE"), ("d", "DE")), ""),
    ],
)  # fmt: skip
def test_two_methods_must_agree(said: tuple[tuple[str, str], ...], country: str) -> None:
    """ "Hosting country needs two agreeing methods, else hold."."""
    assert agreed(said) == country


def test_what_a_registry_is_asked_for() -> None:
    assert [asks_for(one) for one in ("a.b.site.example:81", "192.0.2.7", "[2001:db8::1]:80")] == [
        "site.example",
        "",
        "",
    ]


EMAILS = st.sampled_from(
    ["abuse@site.example", "x@mail.site.example", "abuse@hoster.example", "hm@ripe.net", "noc@cdn.example"]
)
CONTACTS = st.builds(
    Contact,
    st.lists(st.sampled_from(["abuse", "technical", "registrant", "registrar", "x"]), max_size=3).map(tuple),
    st.just("N"),
    st.lists(EMAILS, max_size=2).map(tuple),
)
OVERRIDES = st.builds(
    lambda klass, contact, never, bare: Override("o", None if bare else email_recipient(klass, "N", contact), "DE", never),
    st.sampled_from(CLASSES), EMAILS, st.sampled_from(["", "police"]), st.booleans(),
)  # fmt: skip
HOLDERS = st.none() | st.builds(lambda contacts: Holder("H", "H", "", tuple(contacts)), st.lists(CONTACTS, max_size=2))


@given(
    st.lists(OVERRIDES, max_size=3), st.lists(CONTACTS, max_size=4), HOLDERS, HOLDERS, st.booleans(), st.sampled_from(["", "Loopback"]),
    st.sampled_from(["", ADDRESS]), st.booleans(),
)  # fmt: skip
def test_whatever_is_found_no_rule_is_broken(
    rows: list[Override], contacts: list[Contact], up: Holder | None, names: Holder | None, proxied: bool, refused: str, address: str, known: bool
) -> None:  # fmt: skip
    network = replace(FOUND.network, contacts=tuple(contacts)) if known else None  # type: ignore[type-var]
    found = Found(
        HOST, address, refused, tuple(rows), Proxy("CDN") if proxied else None, network, upstream=up, registrar=names
    )
    answer = choose(found, NOW)
    first = deciding(rows)
    assert bool(answer.why) is (answer.leading is None)
    if answer.leading is not None:
        assert answer.leading.klass in TOLD
        own = within(answer.leading.contact, HOST)
        assert not own or (
            first is not None and first.recipient == answer.leading and answer.leading.klass == "platform"
        )
        assert not (first and first.never)
        assert answer.leading.key not in {one.key for one in answer.others}
    assert len({one.key for one in answer.others}) == len(answer.others)


# "No location [...] in logs, metrics, errors": what a case keeps in the open says why, and not where
@pytest.mark.parametrize(
    ("found", "plain"),
    [
        (replace(FOUND, network=net("abuse@site.example", registry.lacnic)), "abuse contact of the network is refused: it lies inside"),
        (replace(FOUND, overrides=(override("registrar", "x@site.example", f"host {HOST}"),), network=None), "a recipient of the"),
        (replace(FOUND, overrides=(Override(f"site {HOST}", None, "", f"police of {HOST}"),)), "the overrides say never"),
        (Found(HOST, "10.0.0.1", "10.0.0.1 is Private-Use"), "its address is not public"),
        (Found(HOST, ADDRESS, unasked=f"{ADDRESS} is not a public address: x"), "its address is not public"),
        (replace(FOUND, proxy=Proxy("CDN", email_recipient("reverse-proxy", "CDN", "a@site.example", "US"))), "the reverse proxy is"),
        (Found(HOST, ADDRESS), "no registry knows the network"),
        (Found(HOST), "its server address is not known"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_kept_in_the_open_leads_to_no_place(found: Found, plain: str) -> None:
    answer = choose(found, NOW)
    assert answer.leading is None and plain in answer.plain and answer.why
    for secret in ("site.example", found.address or HOST, HOST):
        assert secret not in answer.plain
