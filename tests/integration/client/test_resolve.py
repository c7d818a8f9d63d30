"""Name resolution against a small name server: chains, time to live, failures, the guard."""

import pytest

from contracts.faults import Fault
from contracts.refusals import Reason
from contracts.settings import Addresses
from fetchers.addresses import Guard
from fetchers.client.resolve import Resolver
from fetchers.response import Resolution
from tests.integration.client.loopback import Names, Records, naming

ALLOW = ["127.0.0.0/8"]


async def look_up(
    names: Names, *hosts: str, allow: list[str] = ALLOW, deny: list[str] | None = None, timeout: float = 5.0
) -> list[Resolution]:
    settings = Addresses(
        allow=allow, deny=deny or [], nameservers=[names.address], min_ttl=60, max_ttl=1000, dns_timeout=timeout
    )
    resolver = Resolver(Guard(settings.allow, settings.deny), settings)
    resolver.start()
    try:
        return [await resolver.resolve(host) for host in hosts]
    finally:
        await resolver.stop()


async def test_both_families_are_asked_and_the_smallest_ttl_counts() -> None:
    records: Records = {
        ("h.test", "A"): ["h.test. 300 IN A 8.8.8.8", "h.test. 200 IN A 8.8.4.4"],
        ("h.test", "AAAA"): ["h.test. 250 IN AAAA 2001:4860:4860::8888"],
    }
    async with naming(records) as names:
        (found,) = await look_up(names, "h.test:8080")
        assert found == Resolution(["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888"], 200.0)
        assert sorted(names.queries) == [("h.test", "A"), ("h.test", "AAAA")]


@pytest.mark.parametrize(("ttl", "kept"), [(0, 60.0), (59, 60.0), (61, 61.0), (86400, 1000.0)])
async def test_a_ttl_is_clamped(ttl: int, kept: float) -> None:
    async with naming({("h.test", "A"): [f"h.test. {ttl} IN A 8.8.8.8"]}) as names:
        assert (await look_up(names, "h.test"))[0].ttl == kept


# RFC 1034, 3.6.2: an alias leads to the canonical name; its own TTL counts too.
async def test_aliases_within_an_answer() -> None:
    chain = ["h.test. 90 IN CNAME a.cdn.test.", "a.cdn.test. 500 IN CNAME B.cdn.test.", "b.cdn.test. 300 IN A 8.8.8.8"]
    async with naming({("h.test", "A"): chain}) as names:
        assert await look_up(names, "h.test") == [Resolution(["8.8.8.8"], 90.0)]


async def test_aliases_that_have_to_be_asked_for() -> None:
    records: Records = {
        ("h.test", "A"): ["h.test. 90 IN CNAME a.test."],
        ("h.test", "AAAA"): ["h.test. 90 IN CNAME a.test."],
        ("a.test", "A"): ["a.test. 500 IN A 8.8.8.8"],
    }
    async with naming(records) as names:
        assert await look_up(names, "h.test") == [Resolution(["8.8.8.8"], 90.0)]
        assert ("a.test", "A") in names.queries


async def test_aliases_in_a_circle_end() -> None:
    records: Records = {}
    for kind in ("A", "AAAA"):
        records["h.test", kind] = ["h.test. 90 IN CNAME a.test.", "a.test. 90 IN CNAME h.test."]
        records["l.test", kind] = [f"l.test. 90 IN CNAME {'l' * 20}.test."]
        records["l" * 20 + ".test", kind] = [f"{'l' * 20}.test. 90 IN CNAME l.test."]
    async with naming(records) as names:
        for found in await look_up(names, "h.test", "l.test"):
            assert (found.addresses, found.error) in [([], Fault.DNS_FAILURE), ([], Fault.DNS_NOT_FOUND)]
        assert len(names.queries) < 40


# RFC 5452, 6: accept only data that belongs to the question.
async def test_addresses_of_other_names_do_not_count() -> None:
    async with naming({("h.test", "A"): ["other.test. 300 IN A 8.8.8.8"]}) as names:
        (found,) = await look_up(names, "h.test")
        assert (found.addresses, found.error) == ([], Fault.DNS_NOT_FOUND)


async def test_errors_have_names() -> None:
    async with naming({}) as names:
        names.codes = {"nx.test": 3, "broken.test": 2, "refused.test": 5}
        found = await look_up(
            names, "nx.test", "broken.test", "refused.test", "nothing.test", "a" * 64 + ".test", "ä.test", ""
        )
        assert [one.error for one in found] == [
            Fault.DNS_NOT_FOUND,
            Fault.DNS_FAILURE,
            Fault.DNS_FAILURE,
            Fault.DNS_NOT_FOUND,
            Fault.DNS_NOT_FOUND,
            Fault.DNS_NOT_FOUND,
            Fault.DNS_NOT_FOUND,
        ]


async def test_silence_is_a_time_out() -> None:
    async with naming({}) as names:
        names.silent = {("h.test", "A"), ("h.test", "AAAA")}
        (found,) = await look_up(names, "h.test", timeout=0.2)
        assert (found.addresses, found.error) == ([], Fault.DNS_TIMEOUT)


async def test_one_familys_silence_does_not_spoil_the_others_answer() -> None:
    async with naming({("h.test", "A"): ["h.test. 300 IN A 8.8.8.8"]}) as names:
        names.silent = {("h.test", "AAAA")}
        assert await look_up(names, "h.test", timeout=0.3) == [Resolution(["8.8.8.8"], 300.0)]


# Issue: checks every address against the guard.
async def test_only_addresses_that_the_guard_lets_pass_are_returned() -> None:
    records: Records = {
        ("some.test", "A"): [
            "some.test. 300 IN A 10.0.0.1",
            "some.test. 300 IN A 127.0.0.5",
            "some.test. 300 IN A 127.66.0.1",
        ],
        ("none.test", "A"): ["none.test. 300 IN A 127.66.0.1", "none.test. 300 IN A 10.0.0.1"],
        ("none.test", "AAAA"): ["none.test. 300 IN AAAA ::ffff:a00:1"],
    }
    async with naming(records) as names:
        some, none = await look_up(names, "some.test", "none.test", deny=["127.66.0.0/16"])
        assert some == Resolution(["127.0.0.5"], 300.0)
        assert (none.addresses, none.error, none.detail) == ([], Reason.ADDRESS_DENIED, "127.66.0.0/16")
        assert none.refusal is not None


async def test_ip_literals_are_not_asked_for() -> None:
    async with naming({}) as names:
        found = await look_up(names, "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "10.0.0.1", "[2606:4700::1111]")
        assert [(one.addresses, one.error) for one in found] == [
            (["127.0.0.1"], ""),
            (["127.0.0.1"], ""),
            ([], Reason.ADDRESS_NOT_GLOBAL),
            ([], Reason.ADDRESS_NOT_GLOBAL),
            (["2606:4700::1111"], ""),
        ]
        assert names.queries == []


# RFC 6761, 6.3: localhost names mean loopback; a name server that was configured on purpose is asked all the same.
async def test_localhost() -> None:
    resolver = Resolver(Guard(ALLOW, []), Addresses(allow=ALLOW))
    resolver.start()
    try:
        assert (await resolver.resolve("localhost:80")).addresses == ["127.0.0.1"]
        assert (await resolver.resolve("a.localhost")).addresses == ["127.0.0.1"]
    finally:
        await resolver.stop()
    async with naming({("localhost", "A"): ["localhost. 60 IN A 127.0.0.7"]}) as names:
        assert (await look_up(names, "localhost"))[0].addresses == ["127.0.0.7"]


async def test_name_servers_that_cannot_be_read() -> None:
    resolver = Resolver(Guard([], []), Addresses(nameservers=["no such server"]))
    with pytest.raises(ValueError, match="ip:port"):
        resolver.start()
    await resolver.stop()


async def test_a_stopped_resolver_says_so() -> None:
    assert (await Resolver(Guard([], []), Addresses()).resolve("h.test")).error == Fault.DNS_FAILURE
