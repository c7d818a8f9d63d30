"""A registry on loopback, and what the five registries' answers look like. All names, networks and contacts are made up.

It answers by path (RFC 9082: `ip/...`, `autnum/...`, `domain/...`), as it is told to: with an answer, an error, a redirect, or never.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web

JSON = "application/rdap+json"


@dataclass
class Says:
    """What a path answers. `stall`: nothing, until the server is stopped."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stall: bool = False


class Registry:
    """A server at an address of loopback. `asked` are the paths in the order in which they came, with their User-Agent."""

    def __init__(self, address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self._address, self._context = address, context
        self._says: dict[str, list[Says]] = {}
        self._over = asyncio.Event()
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.port = 0

    @property
    def authority(self) -> str:
        """Address and port."""
        return f"{self._address}:{self.port}"

    @property
    def url(self) -> str:
        """The base URL, which ends in a slash."""
        return f"{'https' if self._context else 'http'}://{self.authority}/rdap/"

    def say(self, path: str, *answers: Says | Mapping[str, Any] | bytes | int) -> None:
        """Answer a path like this, each in turn, the last one for ever: an object as JSON, bytes as they are, a bare status."""
        self._says[path] = [_says(one) for one in answers]

    async def __aenter__(self) -> "Registry":
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._address, 0, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.raw_path.removeprefix("/rdap/").removeprefix("/")
        self.asked.append(path)
        self.agents.add(request.headers.get("User-Agent", ""))
        answers = self._says.get(path)
        if answers is None:
            return web.Response(status=404)
        one = answers.pop(0) if len(answers) > 1 else answers[0]
        if one.stall:
            await self._over.wait()
        return web.Response(status=one.status, body=one.body, headers={"Content-Type": JSON, **one.headers})


def _says(one: "Says | Mapping[str, Any] | bytes | int") -> Says:
    if isinstance(one, Says):
        return one
    if isinstance(one, int):
        return Says(one)
    return Says(body=one if isinstance(one, bytes) else json.dumps(one).encode())


def bootstrap(kind: str, services: Mapping[str, Sequence[str]]) -> bytes:
    """A bootstrap file (RFC 9224): key -> servers."""
    body = {"version": "1.0", "publication": "2026-01-02T03:04:05Z", "description": kind}
    return json.dumps({**body, "services": [[[key], list(urls)] for key, urls in services.items()]}).encode()


def vcard(*lines: Sequence[Any], name: str = "Abuse desk") -> list[Any]:
    """A jCard with these lines."""
    return ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", name], *lines]]


def mail(address: str, **parameters: str) -> list[Any]:
    """The line of an e-mail address."""
    return ["email", parameters, "text", address]


def arin(address: str, email: str, *, country: str | None = None, first: str = "", last: str = "") -> dict[str, Any]:
    """As ARIN: no country, the abuse desk inside the organisation, addresses as labels, the origins in a field of its own."""
    where = {"label": "1 Example Street\nExampletown\nVA\n00000\nUnited States"}
    network = {
        "rdapConformance": ["nro_rdap_profile_0", "rdap_level_0", "cidr0", "arin_originas0"],
        "handle": "NET-EXAMPLE-1", "startAddress": first or address, "endAddress": last or address, "ipVersion": "v4",
        "name": "EXAMPLE-NET", "type": "DIRECT ALLOCATION", "parentHandle": "NET-EXAMPLE-0",
        "arin_originas0_originautnums": [64496], "status": ["active"], "port43": "whois.registry.example",
        "entities": [
            {
                "handle": "EXAMP-1", "objectClassName": "entity", "roles": ["registrant"],
                "vcardArray": vcard(["adr", where, "text", ["", "", "", "", "", "", ""]], ["kind", {}, "text", "org"], name="Example Hosting"),
                "entities": [
                    {
                        "handle": "NOC-1", "objectClassName": "entity", "roles": ["noc", "technical"],
                        "vcardArray": vcard(["org", {}, "text", "Network desk"], mail("noc@example.net")),
                    },
                    {
                        "handle": "ABUSE-1", "objectClassName": "entity", "roles": ["abuse"], "status": ["validated"],
                        "vcardArray": vcard(["org", {}, "text", "Abuse"], mail(email), ["tel", {"type": ["work"]}, "text", "+1-555-0100"]),
                    },
                ],
            }
        ],
        "objectClassName": "ip network",
    }  # fmt: skip
    return network | ({"country": country} if country else {})


def ripe(address: str, email: str, *, country: str = "NL", first: str = "", last: str = "") -> dict[str, Any]:
    """As RIPE: a country, and the abuse desk inside the registrant."""
    return {
        "handle": f"{first or address} - {last or address}", "startAddress": first or address, "endAddress": last or address,
        "ipVersion": "v4", "name": "EXAMPLE-NL", "type": "ASSIGNED PA", "country": country,
        "links": [{"value": "https://registry.example/ip/x", "rel": "self", "href": "https://registry.example/ip/x"}],
        "entities": [
            {"handle": "EXAMPLE-MNT", "roles": ["registrant"], "objectClassName": "entity", "vcardArray": vcard(name="EXAMPLE-MNT")},
            {
                "handle": "ORG-EX1-TEST", "roles": ["registrant"], "objectClassName": "entity",
                "vcardArray": vcard(mail("office@hoster.example"), ["kind", {}, "text", "org"], name="Hoster B.V."),
                "entities": [
                    {
                        "handle": "AR1-TEST", "roles": ["abuse"], "objectClassName": "entity",
                        "vcardArray": vcard(mail(email, type="abuse"), name="Abuse-C Role"),
                    }
                ],
            },
            {"handle": "P1-TEST", "roles": ["technical", "administrative"], "objectClassName": "entity", "vcardArray": vcard(name="Person")},
        ],
        "objectClassName": "ip network", "port43": "whois.registry.example",
    }  # fmt: skip


def apnic(address: str, email: str, *, country: str = "JP") -> dict[str, Any]:
    """As APNIC: an IRT with the role abuse and several addresses, of which one is preferred."""
    return {
        "handle": f"{address} - {address}", "startAddress": address, "endAddress": address, "ipVersion": "v4",
        "name": "EXAMPLE-AP", "type": "ALLOCATED PORTABLE", "country": country, "objectClassName": "ip network",
        "entities": [
            {
                "roles": ["abuse"], "handle": "IRT-EXAMPLE-JP", "objectClassName": "entity",
                "vcardArray": vcard(mail("second@hoster.example"), mail(email, pref="1"), ["kind", {}, "text", "group"], name="IRT-EXAMPLE-JP"),
            },
            {
                "roles": ["administrative", "technical"], "handle": "EX1-AP", "objectClassName": "entity",
                "vcardArray": vcard(["org", {}, "text", "Example KK"], mail("admin@hoster.example")),
            },
        ],
    }  # fmt: skip


def lacnic(address: str, email: str, *, country: str = "BR") -> dict[str, Any]:
    """As LACNIC and the registries below it: addresses with a length, systems as text, and country in the card."""
    return {
        "handle": f"{address}/32", "startAddress": f"{address}/32", "endAddress": f"{address}/32", "ipVersion": "v4",
        "type": "ALLOCATED", "country": country, "lacnic_originAutnum": ["AS64497"], "originAutnums": ["AS64497"],
        "objectClassName": "ip network",
        "entities": [
            {
                "objectClassName": "entity", "handle": "EX-LACNIC", "roles": ["registrant", "abuse"],
                "vcardArray": [
                    "vcard",
                    [
                        ["version", {}, "text", "4.0"], ["fn", {}, "text", "Hospedagem Exemplo"],
                        ["adr", {"CC": "br"}, "text", ["", "", "", "", "", "", "Brasil"]], ["email", {}, "text", email],
                    ],
                ],
            }
        ],
    }  # fmt: skip


def afrinic(address: str, email: str, *, country: str = "ZA") -> dict[str, Any]:
    """As AFRINIC: no abuse desk; what there is, is technical and administrative."""
    return {
        "handle": f"{address} - {address}", "name": "EXAMPLE-AF", "type": "ASSIGNED PI", "country": country,
        "startAddress": address, "endAddress": address, "ipVersion": "v4", "objectClassName": "ip network",
        "entities": [
            {"handle": "EX-MNT", "roles": ["registrant"], "objectClassName": "entity"},
            {"handle": "EA1-TEST", "roles": ["administrative"], "objectClassName": "entity", "vcardArray": vcard(mail("boss@hoster.example"))},
            {"handle": "ET1-TEST", "roles": ["technical"], "objectClassName": "entity", "vcardArray": vcard(mail(email), name="Technician")},
        ],
    }  # fmt: skip


def autnum(number: int, email: str) -> dict[str, Any]:
    """An autonomous system."""
    return {
        "objectClassName": "autnum", "handle": f"AS{number}", "startAutnum": number, "endAutnum": number, "name": "CARRIER", "country": "SE",
        "entities": [{"objectClassName": "entity", "handle": "C1", "roles": ["abuse"], "vcardArray": vcard(mail(email), name="Carrier")}],
    }  # fmt: skip


def domain(name: str, email: str) -> dict[str, Any]:
    """A domain with its registrar, whose abuse desk is an entity inside it."""
    desk = {"objectClassName": "entity", "roles": ["abuse"], "vcardArray": vcard(mail(email))}
    return {
        "objectClassName": "domain", "ldhName": name.upper(), "handle": "D1",
        "entities": [
            {"objectClassName": "entity", "roles": ["registrant"], "vcardArray": vcard(mail(f"owner@{name}"))},
            {"objectClassName": "entity", "handle": "292", "roles": ["registrar"], "vcardArray": vcard(name="Registrar Ltd"), "entities": [desk]},
        ],
    }  # fmt: skip


def entity(email: str) -> dict[str, Any]:
    """An entity that was asked for by its link."""
    return {
        "objectClassName": "entity",
        "handle": "ABUSE-2",
        "roles": [],
        "vcardArray": vcard(mail(email), name="Abuse desk"),
    }
