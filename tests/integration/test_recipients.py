"""crawlctl.recipients: from a URL and an address to who is told, with a registry on loopback and the operator's files."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from backends.postgres.vault_store import open_pool
from contracts.errors import Unavailable, UsageError
from contracts.recipients import LookedUp
from contracts.removal import Notices
from contracts.seal import new_keys
from contracts.settings import Addresses, Lists, Settings
from crawlctl.recipients import Recipients, directory
from notices.recipients.bootstrap import FILES
from tests.fakeweb import registry
from tests.fakeweb.dns import NameServer
from tests.fakeweb.log import Log
from tests.fakeweb.model import Name, World
from tests.fakeweb.registry import Registry, Says, bootstrap
from tests.postgres import Database, Server
from tests.unit.backends.test_countries import written

NOW = 1_700_000_000.0
URL = "https://img.site.example/1.jpg"
ADDRESS = "127.20.0.7"


@dataclass
class Desk:
    """A directory whose registry is on loopback; `open` makes one with more settings."""

    registry: Registry
    folder: Path
    pool: Any
    stack: AsyncExitStack
    now: float = NOW
    settings: Notices = field(default_factory=Notices)
    nameservers: list[str] = field(default_factory=lambda: ["127.0.0.1:9"])

    async def open(self, *, allow: list[str] | None = None, countries: str = "", **files: str) -> Recipients:
        named: dict[str, Any] = {}
        for name, text in files.items():
            path = self.folder / f"{name}.toml"
            path.write_text(text)
            named[name] = str(path)
        settings = Settings(
            user_agent="Pisaura/1.0 (+https://hotline.example/bot)",
            addresses=Addresses(allow=["127.0.0.0/8"] if allow is None else allow, nameservers=self.nameservers),
            notices=replace(self.settings, rdap=str(self.folder / "rdap"), rdap_rate=1000.0, **named),
            lists=Lists(countries=countries),
        )
        return await self.stack.enter_async_context(
            directory(settings, self.pool, new_keys(), lambda: self.now, self.sleep, seconds=0.3)
        )

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def ask(self, url: str = URL, address: str = ADDRESS, **more: Any) -> LookedUp:
        return await (await self.open(**more)).look_up(url, address, self.now)


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[Database]:
    """One for all tests of this module: each has keys of its own, and servers without turns."""
    with postgres_server.database("vault") as made:
        yield made


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(database.dsn("pisaura_notices"), most=2)
        stack.push_async_callback(pool.close)
        await pool.execute("DELETE FROM rdap_servers")
        made = Desk(await stack.enter_async_context(Registry()), tmp_path, pool, stack)
        (tmp_path / "rdap").mkdir()
        services = {
            "ipv4": {"127.20.0.0/16": [made.registry.url]},
            "asn": {"64496": [made.registry.url]},
            "dns": {"example": [made.registry.url]},
        }
        for kind in FILES:
            (tmp_path / "rdap" / f"{kind}.json").write_bytes(bootstrap(kind, services.get(kind, {})))
        yield made


def told(answer: LookedUp) -> tuple[str, str]:
    return (answer.leading.klass, answer.leading.contact) if answer.leading else ("", answer.why)


@pytest.mark.parametrize("shape", [registry.arin, registry.ripe, registry.apnic, registry.lacnic, registry.afrinic])
async def test_the_host_by_rdap(desk: Desk, shape: Any) -> None:
    desk.registry.say(f"ip/{ADDRESS}", shape(ADDRESS, "abuse@hoster.example"))
    answer = await desk.ask()
    assert told(answer) == ("host", "abuse@hoster.example")
    assert desk.registry.asked == [f"ip/{ADDRESS}"], "who hosts it is known: nobody else is asked"
    assert (answer.reasoning[0].source, answer.reasoning[0].said) == (desk.registry.authority, "answered")
    assert all(one.at == NOW for one in answer.reasoning)


async def test_two_methods_agree_on_the_country(desk: Desk, tmp_path: Path) -> None:
    """Domain, section 2: "Hosting country needs two agreeing methods"."""
    desk.registry.say(f"ip/{ADDRESS}", registry.ripe(ADDRESS, "abuse@hoster.example", country="NL"))
    countries = str(written(tmp_path / "c.mmdb", {"127.20.0.0/16": {"country": {"iso_code": "NL"}}}))
    answer = await desk.ask(countries=countries)
    assert (answer.country, answer.countries) == ("NL", (("rdap", "NL"), ("maxmind", "NL")))
    alone = await desk.ask()
    assert (alone.country, alone.countries) == ("", (("rdap", "NL"),))


async def test_the_overrides_find_recipients_on_loopback(desk: Desk) -> None:
    rows = '[[network]]\ncidr = "127.21.0.0/16"\nname = "Hoster"\ncontact = "abuse@hoster.example"\nhosting = "NL"\n'
    answer = await desk.ask(address="127.21.0.1", overrides=rows, allow=[])
    assert told(answer) == ("host", "abuse@hoster.example")
    assert (answer.countries, desk.registry.asked) == ((("overrides", "NL"),), [])
    nobody = await desk.ask(address="127.21.0.1", allow=[])
    assert told(nobody) == ("", "127.21.0.1 is not a public address: Loopback")
    allowed = await desk.ask(address="127.22.0.1")
    assert told(allowed) == ("", "127.22.0.1 is not a public address: Loopback")


async def test_private_addresses_are_not_asked_for(desk: Desk) -> None:
    answer = await desk.ask(allow=[])
    assert answer.leading is None and "not a public address" in answer.why
    assert not any(one.startswith("ip/") for one in desk.registry.asked)


async def test_overrides_need_the_registry_for_the_country_only(desk: Desk) -> None:
    rows = '[[site]]\nsite = "site.example"\nclass = "platform"\ncontact = "abuse@site.example"\nhosting = "NL"\n'
    desk.registry.say(f"ip/{ADDRESS}", registry.ripe(ADDRESS, "abuse@hoster.example", country="NL"))
    answer = await desk.ask(overrides=rows)
    assert told(answer) == ("platform", "abuse@site.example") and answer.country == "NL"
    desk.registry.say(f"ip/{ADDRESS}", 500)
    away = await desk.ask(overrides=rows)
    assert told(away) == ("platform", "abuse@site.example") and away.country == ""


async def test_never_asks_nobody(desk: Desk) -> None:
    answer = await desk.ask(overrides='[[host]]\nhost = "*.site.example"\nnever = "police"\n')
    assert answer.leading is None and "police" in answer.why and desk.registry.asked == []


async def test_an_override_by_system(desk: Desk, tmp_path: Path) -> None:
    rows = '[[asn]]\nasn = 64496\nname = "Hoster"\ncontact = "desk@other.example"\n'
    desk.registry.say(f"ip/{ADDRESS}", registry.arin(ADDRESS, "abuse@hoster.example"))
    assert told(await desk.ask(overrides=rows)) == ("host", "desk@other.example")
    desk.registry.say(f"ip/{ADDRESS}", registry.ripe(ADDRESS, "abuse@hoster.example"))
    countries = str(written(tmp_path / "c.mmdb", {"127.20.0.0/16": {"country": "NL", "asn": "AS64496"}}))
    assert told(await desk.ask(overrides=rows, countries=countries)) == ("host", "desk@other.example")


async def test_a_reverse_proxy(desk: Desk) -> None:
    """Domain, section 2: "Reverse proxies have a file of networks and a template that asks for the origin"."""
    desk.registry.say(f"ip/{ADDRESS}", registry.ripe(ADDRESS, "abuse@cdn.example"))
    rows = '[[proxy]]\nname = "CDN"\nnetworks = ["127.20.0.0/24"]\n'
    assert told(await desk.ask(proxies=rows)) == ("reverse-proxy", "abuse@cdn.example")
    assert told(await desk.ask(proxies=rows + 'contact = "own@cdn.example"\n')) == ("reverse-proxy", "own@cdn.example")


async def test_a_desk_that_is_only_named_is_asked_for(desk: Desk) -> None:
    answer = registry.ripe(ADDRESS, "x")
    desk_ = {"roles": ["abuse"], "handle": "A2", "links": [{"rel": "self", "href": desk.registry.url + "entity/A2"}]}
    desk.registry.say(f"ip/{ADDRESS}", {**answer, "entities": [desk_]})
    desk.registry.say("entity/A2", registry.entity("abuse@hoster.example"))
    assert told(await desk.ask()) == ("host", "abuse@hoster.example")
    assert desk.registry.asked == [f"ip/{ADDRESS}", "entity/A2"]


async def test_a_link_that_leads_to_us_is_not_followed(desk: Desk) -> None:
    link = {"rel": "self", "href": "https://10.0.0.1/entity/A2"}
    bare = {"roles": ["abuse"], "handle": "A2", "links": [link]}
    desk.registry.say(f"ip/{ADDRESS}", {**registry.ripe(ADDRESS, "x"), "entities": [bare]})
    answer = await desk.ask()
    assert answer.leading is None
    assert any("no public address" in one.said for one in answer.reasoning)


async def test_who_else_is_known_where_nobody_is_told(desk: Desk) -> None:
    """Domain, section 2: "Upstream and registrar steps are always a person's decision"."""
    desk.registry.say(f"ip/{ADDRESS}", registry.arin(ADDRESS, "abuse@site.example") | {"entities": []})
    desk.registry.say("autnum/64496", registry.autnum(64496, "abuse@carrier.example"))
    desk.registry.say("domain/site.example", registry.domain("site.example", "abuse@registrar.example"))
    answer = await desk.ask()
    assert answer.leading is None and "only a registrar is known, which is never told by itself" in answer.why
    assert [(one.klass, one.contact) for one in answer.others] == [
        ("network", "abuse@carrier.example"), ("registrar", "abuse@registrar.example"),
    ]  # fmt: skip


async def test_contacts_of_the_site_itself(desk: Desk) -> None:
    """Domain, section 2: "contacts inside the reported site's own domain are refused by name"."""
    desk.registry.say(f"ip/{ADDRESS}", registry.lacnic(ADDRESS, "abuse@site.example"))
    answer = await desk.ask()
    assert "abuse@site.example" in answer.why and "own domain site.example" in answer.why


async def test_a_registry_that_is_away(desk: Desk) -> None:
    desk.registry.say(f"ip/{ADDRESS}", Says(503))
    recipients = await desk.open()
    with pytest.raises(Unavailable, match="no registry can be asked now"):
        await recipients.look_up(URL, ADDRESS, NOW)


async def test_a_name_is_resolved_where_no_address_is_known(desk: Desk) -> None:
    """Domain, section 2: "Pages that embed it are places of the case, each with recipient": nobody has seen their addresses."""
    world = World()
    world.names["img.site.example"] = Name(("127.66.0.1", ADDRESS))
    server = NameServer(world, Log())
    desk.nameservers = [f"127.0.0.1:{await server.start('127.0.0.1', 0)}"]
    desk.registry.say(f"ip/{ADDRESS}", registry.ripe(ADDRESS, "abuse@hoster.example"))
    answer = await desk.ask(URL, "", allow=["127.20.0.0/16", "127.0.0.1/32"])
    await server.stop()
    assert told(answer) == ("host", "abuse@hoster.example")
    assert answer.reasoning[0].said == f"127.66.0.1 {ADDRESS}"


async def test_places_that_are_none(desk: Desk) -> None:
    for url, address, why in (
        ("ftp://x.example/", ADDRESS, "none that could have been fetched"),
        (URL, "", "its server address is not known"),
        (URL, "nonsense", "not a public address"),
        (URL, "fe80::1%eth0", "not a public address"),
        (URL, "198.51.100.7", "Documentation"),
    ):
        answer = await desk.ask(url, address)
        assert answer.leading is None and why in answer.why
    assert (await desk.ask(f"http://{ADDRESS}:8080/1.jpg", "")).reasoning[0].asked == f"ip/{ADDRESS}"


async def test_ipv6_is_asked_for_by_its_64(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "rdap" / "ipv6.json").write_bytes(bootstrap("ipv6", {"2000::/3": [desk.registry.url]}))
    desk.registry.say(
        "ip/2a00:1:2:3::/64", registry.ripe("x", "abuse@hoster.example", first="2a00:1::", last="2a00:1:ffff::")
    )
    assert told(await desk.ask(address="2a00:1:2:3:4::5")) == ("host", "abuse@hoster.example")


async def test_people_are_told_of_everybody(desk: Desk) -> None:
    desk.registry.say(f"ip/{ADDRESS}", registry.arin(ADDRESS, "abuse@hoster.example"))
    desk.registry.say("autnum/64496", 500)
    desk.registry.say(
        "domain/site.example", json.dumps(registry.domain("site.example", "a@registrar.example")).encode()
    )
    recipients = await desk.open()
    answer = await recipients.look_up(URL, ADDRESS, NOW, thorough=True, operators=("security@site.example",))
    assert told(answer) == ("host", "abuse@hoster.example")
    assert [one.klass for one in answer.others] == ["registrar", "site-operator"]
    assert any("status 500" in one.said for one in answer.reasoning)


@pytest.mark.parametrize("name", ["overrides", "proxies"])
async def test_files_that_cannot_be_used(desk: Desk, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}.toml: is no TOML"):
        await (desk.open(overrides="x") if name == "overrides" else desk.open(proxies="x"))
