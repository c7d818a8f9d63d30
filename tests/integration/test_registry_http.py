"""backends.registry_http: requests to registries that are slow, endless, redirect, or lead to ourselves."""

import ssl
from email.utils import formatdate
from pathlib import Path

import pytest

from backends.registry_http import Away, RegistryHttp, retry_after
from contracts.refusals import Reason, Refusal, refuse
from contracts.urls import Url, parse
from fetchers.addresses import Guard
from tests import certificates
from tests.fakeweb.dns import NameServer
from tests.fakeweb.log import Log
from tests.fakeweb.model import Name, World
from tests.fakeweb.registry import Registry, Says

NOW = 1_700_000_000.0
AGENT = "Pisaura/1.0 (+https://hotline.example/bot)"
LOOPBACK = Guard(["127.0.0.0/8"], []).check
PUBLIC = Guard([], []).check


def url(text: str) -> Url:
    parsed = parse(text)
    assert isinstance(parsed, Url)
    return parsed


def http(guard: object = LOOPBACK, **more: object) -> RegistryHttp:
    return RegistryHttp(guard, AGENT, **more)  # type: ignore[arg-type]


async def test_an_answer() -> None:
    async with Registry() as registry, http() as asking:
        registry.say("ip/192.0.2.7", {"a": 1})
        answer = await asking.get(url(registry.url + "ip/192.0.2.7"), NOW)
        assert (answer.status, answer.body) == (200, b'{"a": 1}')
        assert registry.agents == {AGENT}
        assert (await asking.get(url(registry.url + "ip/x"), NOW)).status == 404


async def test_redirects_are_told_and_not_followed() -> None:
    async with Registry() as registry, http() as asking:
        for location, to in (
            ("/rdap/ip/y", registry.url + "ip/y"),
            ("https://other.example/ip/y", "https://other.example/ip/y"),
            ("ftp://other.example/", ""),
            ("https://user@other.example/", ""),
            ("https://other.example:25/", ""),
            ("", ""),
        ):
            registry.say("ip/x", Says(302, headers={"Location": location}))
            answer = await asking.get(url(registry.url + "ip/x"), NOW)
            assert (answer.status, answer.to.text if answer.to else "") == (302, to)


async def test_an_answer_without_end() -> None:
    async with Registry() as registry, http() as asking:
        registry.say("ip/x", b"x" * 200_000)
        with pytest.raises(Away, match="more than 100000 bytes"):
            await asking.get(url(registry.url + "ip/x"), NOW, 100_000)


async def test_an_answer_that_never_comes() -> None:
    async with Registry() as registry, http(seconds=0.2) as asking:
        registry.say("ip/x", Says(stall=True))
        with pytest.raises(Away, match=r"took more than 0\.2 s"):
            await asking.get(url(registry.url + "ip/x"), NOW)


async def test_a_coding_that_was_not_asked_for() -> None:
    async with Registry() as registry, http() as asking:
        registry.say("ip/x", Says(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))
        with pytest.raises(Away, match="content coding"):
            await asking.get(url(registry.url + "ip/x"), NOW)


async def test_a_server_that_is_not_there() -> None:
    async with Registry() as registry:
        gone = url(registry.url + "ip/x")
    async with http() as asking:
        with pytest.raises(Away, match="no whole answer from 127"):
            await asking.get(gone, NOW)


async def test_private_addresses_are_never_asked() -> None:
    async with Registry() as registry, http(PUBLIC) as asking:
        for text in (registry.url, "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"):
            with pytest.raises(Away, match="no public address"):
                await asking.get(url(text), NOW)
        assert registry.asked == []


async def test_a_name_that_leads_to_us_is_not_asked() -> None:
    world = World()
    world.names["evil.example"] = Name(("127.0.0.1",))
    server = NameServer(world, Log())
    port = await server.start("127.0.0.1", 0)
    async with Registry() as registry:
        async with http(PUBLIC, nameservers=[f"127.0.0.1:{port}"]) as asking:
            with pytest.raises(Away, match=r"no whole answer from evil\.example"):
                await asking.get(url(f"https://evil.example:{registry.port}/ip/x"), NOW)
            assert await asking.addresses("evil.example") == ["127.0.0.1"]
            assert await asking.addresses("nowhere.example") == []
        assert registry.asked == []
    await server.stop()


async def test_nothing_without_tls_off_this_machine() -> None:
    async with http(lambda address: None) as asking:
        for text in ("http://registry.example/", "http://192.0.2.1/"):
            with pytest.raises(Away, match="without TLS"):
                await asking.get(url(text), NOW)


async def test_tls_is_verified(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(files.broker)
    async with Registry(context=served) as registry:
        registry.say("ip/x", {"a": 1})
        async with http() as asking:
            with pytest.raises(Away, match="certificate cannot be verified; nothing was asked"):
                await asking.get(url(registry.url + "ip/x"), NOW)
        assert registry.asked == []
        async with http(context=ssl.create_default_context(cafile=str(files.authority))) as asking:
            assert (await asking.get(url(registry.url + "ip/x"), NOW)).status == 200


async def test_how_long_to_wait() -> None:
    async with Registry() as registry, http() as asking:
        registry.say("ip/x", Says(429, headers={"Retry-After": "7"}))
        assert (await asking.get(url(registry.url + "ip/x"), NOW)).retry_after == 7
    assert retry_after(formatdate(NOW + 60, usegmt=True), NOW) == 60
    for text, seconds in (
        ("", 0),
        ("x", 0),
        ("-5", 0),
        ("9" * 50, 86_400),
        ("Fri, 99 Foo 9999 99:99:99 GMT", 0),
        ("\u0667", 0),
    ):
        assert retry_after(text, NOW) == seconds


async def test_it_must_be_opened() -> None:
    with pytest.raises(RuntimeError):
        await http().get(url("https://registry.example/"), NOW)


def test_the_guard_of_tests_names_what_it_refuses() -> None:
    assert (
        PUBLIC("127.0.0.1")
        == Refusal(Reason.ADDRESS_NOT_GLOBAL, "Loopback")
        == refuse(Reason.ADDRESS_NOT_GLOBAL, "Loopback")
    )
