"""Who is told of a place: registries, the operator's files and the choice, put together (`contracts.recipients.Directory`)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import msgspec

from backends.countries import CountryFile, country_file
from backends.postgres.vault_recipients import VaultRecipients
from backends.registries import Registries, Said
from backends.registry_http import RegistryHttp
from contracts.errors import Unavailable
from contracts.ports import Clock
from contracts.recipients import Finding, LookedUp
from contracts.seal import Keys
from contracts.settings import Settings
from contracts.sites import address_group, hostname, is_address
from contracts.urls import Url, parse
from crawlctl.recipient_files import Sources
from fetchers.addresses import Guard, special_name
from notices.recipients.choosing import agreed, asks_for, choose, deciding, settled
from notices.recipients.findings import MAXMIND, OVERRIDES, Found
from notices.recipients.overrides import Override
from notices.recipients.rdap import Contact, Holder, Network, autnum, by_role, entity, network, registrar

T = TypeVar("T")
GUARD: Final = "address guard"
DNS: Final = "dns"
NOWHERE: Final = "no address"
"""Sources of findings, and what name servers say of a name without address."""
FOLLOWED: Final = 2
"""Entities of an answer that are asked for by their links, where it names an abuse desk and no e-mail address."""


class Recipients:
    """`contracts.recipients.Directory`. `thorough` also asks who lies upstream and who registered the domain, for people; otherwise
    only where nobody else is found, since every question tells a registry something. Without an address the host's name is resolved."""

    def __init__(
        self,
        sources: Sources,
        registries: Registries,
        guard: Guard,
        resolve: Callable[[str], Awaitable[list[str]]],
        countries: CountryFile | None = None,
    ) -> None:
        self._sources, self._registries, self._guard, self._countries = sources, registries, guard, countries
        self._resolve = resolve

    async def look_up(
        self, url: str, address: str, now: float, *, thorough: bool = False, operators: tuple[str, ...] = ()
    ) -> LookedUp:
        """Who is told. A URL that is none gives nobody. Unavailable if whoever decides cannot be asked now."""
        parsed = parse(url)
        if not isinstance(parsed, Url):
            return LookedUp(None, why="the URL is none that could have been fetched", at=now)
        found = self._local(parsed.host, address, operators, now)
        if not found.address and not _decided(found):
            found = await self._resolved(found, operators, now)
        first = deciding(found.overrides)
        if first is not None and first.never:
            return choose(found, now)
        if not _decided(found):
            found = await self._of_network(found, now, needed=not settled(found))
        answer = choose(found, now)
        if thorough or answer.leading is None:
            found = await self._besides(found, now)
            answer = choose(found, now)
        return answer

    def _local(self, host: str, address: str, operators: tuple[str, ...], now: float) -> Found:
        """What is known without asking anybody."""
        rows = self._sources.overrides.of_host(host)
        evidence: list[Finding] = []
        refused = ""
        address = address or (hostname(host) if is_address(hostname(host)) else "")
        if address:
            if refusal := self._guard.check(address):
                refused = refusal.evidence or "it may not be connected to"
                evidence.append(Finding(GUARD, address, refused, now))
            if row := self._sources.overrides.of_address(address):
                rows.append(row)
        evidence += [Finding(OVERRIDES, row.where, _said(row), now) for row in rows]
        country = self._countries.country(address) if self._countries and address else ""
        if country:
            evidence.append(Finding(MAXMIND, address, country, now))
        proxy = self._sources.proxies.around(address) if address else None
        return Found(
            host, address, refused, tuple(rows), proxy, operators=operators, country=country, evidence=tuple(evidence)
        )  # fmt: skip

    async def _resolved(self, found: Found, operators: tuple[str, ...], now: float) -> Found:
        """What is known with an address of the host, if name servers know one. The site itself is asked nothing."""
        addresses = await self._resolve(found.host)
        allowed = [one for one in addresses if self._guard.check(one) is None]
        said = Finding(DNS, hostname(found.host), " ".join(addresses) or NOWHERE, now)
        again = self._local(found.host, next(iter(allowed or addresses), ""), operators, now)
        return replaced(again, evidence=(said, *again.evidence))

    async def _of_network(self, found: Found, now: float, *, needed: bool) -> Found:
        """The network of the address by its registry; contacts that the answer only names are asked for."""
        if not found.address or found.refused:
            return found
        servers = self._sources.bootstrap.of_address(found.address)
        if not servers:
            special = special_name(ip_address(found.address))
            no = (
                f"{found.address} is not a public address: {special}"
                if special
                else "no registry is known for its address"
            )
            return replaced(found, unasked=no)
        path = f"ip/{_asked(found.address)}"
        try:
            said = await self._registries.ask(servers, path, lambda body: network(body, found.address))
        except Unavailable as error:
            if needed:
                raise
            return _with(found, (Finding("rdap", path, str(error), now),))
        found = _with(found, said.steps)
        net: Network | None = said.found
        if net is None:
            return replaced(found, unasked="its registry knows no network around its address")
        more = await self._named(net, now)
        found = replaced(_with(found, more.steps), network=net, more=more.found or ())
        numbers = net.numbers or tuple(one for one in (self._number(found.address),) if one)
        row = self._sources.overrides.of_numbers(numbers)
        if row is None:
            return found
        found = _with(found, (Finding(OVERRIDES, row.where, _said(row), now),))
        return replaced(found, overrides=(*found.overrides, row))

    async def _named(self, net: Network, now: float) -> Said[tuple[Contact, ...]]:
        """Abuse desks that are named without an e-mail address, asked for by their links."""
        steps: tuple[Finding, ...] = ()
        contacts: tuple[Contact, ...] = ()
        ranked = by_role(net.contacts)
        if not any(role == "abuse" and one.emails for role, one in ranked):
            for one in [one for role, one in ranked if role == "abuse" and one.link][:FOLLOWED]:
                try:
                    said = await self._registries.ask((one.link,), "", entity)
                except Unavailable as error:
                    steps += (Finding("rdap", one.handle, str(error), now),)
                    continue
                steps += said.steps
                contacts += tuple(msgspec.structs.replace(each, roles=("abuse",)) for each in (said.found or ())[:1])
        return Said(contacts, steps)

    async def _besides(self, found: Found, now: float) -> Found:
        """Who lies upstream and who registered the domain, as far as registries can be asked now."""
        if found.network is not None and found.upstream is None:
            number = next(iter(found.network.numbers), 0) or self._number(found.address)
            servers = self._sources.bootstrap.of_number(number) if number else ()
            upstream, found = await self._if_asked(found, servers, f"autnum/{number}", lambda b: autnum(b, number), now)
            found = replaced(found, upstream=upstream)
        name = asks_for(found.host)
        servers = self._sources.bootstrap.of_domain(name) if name else ()
        holder, found = await self._if_asked(found, servers, f"domain/{name}", lambda body: registrar(body, name), now)
        return replaced(found, registrar=holder)

    async def _if_asked(
        self, found: Found, servers: tuple[str, ...], path: str, read: Callable[[bytes], Holder], now: float
    ) -> tuple[Holder | None, Found]:
        if not servers:
            return None, found
        try:
            said = await self._registries.ask(servers, path, read)
        except Unavailable as error:
            return None, _with(found, (Finding("rdap", path, str(error), now),))
        return said.found, _with(found, said.steps)

    def _number(self, address: str) -> int:
        return self._countries.number(address) if self._countries else 0


@asynccontextmanager
async def directory(
    settings: Settings,
    pool: Any,
    keys: Keys,
    clock: Clock = time.time,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    **http: Any,
) -> AsyncIterator[Recipients]:
    """The directory of a process, over a pool of the notices role. UsageError if a file of the operator's cannot be used.
    `sleep` is what waiting for a turn is made with, `http` is for tests: `context`, `seconds`."""
    sources = Sources.load(settings.notices)
    guard = Guard(settings.addresses.allow, settings.addresses.deny)
    countries = country_file(settings.lists.countries)
    try:
        async with RegistryHttp(guard.check, settings.user_agent, settings.addresses.nameservers, **http) as asking:
            registries = Registries(settings.notices, VaultRecipients(pool), asking, keys, clock, sleep)
            yield Recipients(sources, registries, guard, asking.addresses, countries)
    finally:
        if countries is not None:
            countries.close()


def replaced(found: Found, **changes: Any) -> Found:
    """The findings with more known."""
    return msgspec.structs.replace(found, **changes)


def _with(found: Found, steps: tuple[Finding, ...]) -> Found:
    return replaced(found, evidence=(*found.evidence, *steps))


def _decided(found: Found) -> bool:
    """Whether the operator's files say it all: nobody else needs to be asked."""
    first = deciding(found.overrides)
    return first is not None and (bool(first.never) or (settled(found) and bool(agreed(_local_countries(found)))))


def _local_countries(found: Found) -> tuple[tuple[str, str], ...]:
    curated = next((one.hosting for one in found.overrides if one.hosting), "")
    return (OVERRIDES, curated), (MAXMIND, found.country)


def _asked(address: str) -> str:
    """What a registry is asked for: an IPv4 address, the /64 of an IPv6 one, which no registry divides."""
    return address_group(address)


def _said(row: Override) -> str:
    if row.never:
        return f"never: {row.never}"
    told = f"{row.recipient.klass} {row.recipient.key}" if row.recipient else "nobody in particular"
    return f"{told}, servers in {row.hosting}" if row.hosting else told
