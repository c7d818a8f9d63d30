"""Addresses of a host, asked from name servers directly and passed through the guard one by one.

Only DNS is asked: /etc/hosts and search domains could name machines of ours. Without configured name servers `localhost`
and names below it mean loopback and are not asked at all (RFC 6761, 6.3), whatever the guard then says.
"""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

import aiodns
import pycares
from aiodns.error import (
    ARES_EBADNAME,
    ARES_ENODATA,
    ARES_ENONAME,
    ARES_ENOTFOUND,
    ARES_ETIMEOUT,
    DNSError,
)

from contracts.faults import Fault
from contracts.settings import Addresses
from fetchers.addresses import Guard
from fetchers.request import authority_of
from fetchers.response import Resolution

MAX_ADDRESSES: Final = 32
"""Most addresses kept of one host and family."""
CHAIN: Final = 8
"""Most aliases (CNAME) followed, within an answer or by asking again."""
_NOT_THERE: Final = frozenset({ARES_ENOTFOUND, ARES_ENODATA, ARES_EBADNAME, ARES_ENONAME})


class Resolver:
    """Name resolution for one loop. TTLs are clamped to `min_ttl`..`max_ttl` of the settings; nothing is cached here."""

    def __init__(self, guard: Guard, settings: Addresses) -> None:
        self._guard, self._settings = guard, settings
        self._dns: aiodns.DNSResolver | None = None

    def start(self) -> None:
        """Begin on the running loop. Raises ValueError for name servers that cannot be read."""
        settings = self._settings
        self._dns = aiodns.DNSResolver(timeout=settings.dns_timeout / 2, tries=2)
        if settings.nameservers:
            try:
                self._dns.nameservers = settings.nameservers
            except (pycares.AresError, UnicodeEncodeError):
                raise ValueError(f"name servers must be ip:port: {', '.join(settings.nameservers)}") from None

    async def stop(self) -> None:
        if self._dns is not None:
            await self._dns.close()
            self._dns = None

    async def resolve(self, host: str) -> Resolution:
        """The addresses of a host (name or IP literal, with or without a port) that may be connected to."""
        authority = authority_of(host, False)
        if authority is None or len(authority.name) > 253 or not authority.name.isascii():
            return Resolution([], error=Fault.DNS_NOT_FOUND, detail="not a host name")
        name = authority.name.rstrip(".").lower()
        try:
            literal = ip_address(name)
        except ValueError:
            pass
        else:
            return self._permitted([str(literal)], self._settings.max_ttl)
        if not self._settings.nameservers and (name == "localhost" or name.endswith(".localhost")):
            return self._permitted(["127.0.0.1", "::1"], self._settings.max_ttl)
        return await self._look_up(name)

    async def _look_up(self, name: str) -> Resolution:
        """Ask for A and AAAA until `dns_timeout` is over; one family's failure does not spoil the other's answer."""
        by = asyncio.get_running_loop().time() + self._settings.dns_timeout
        families = [asyncio.ensure_future(self._follow(name, kind, by)) for kind in ("A", "AAAA")]
        try:
            found = await asyncio.gather(*families)
        finally:
            for family in families:
                family.cancel()
        addresses = [address for answer in found for address in answer.addresses]
        if addresses:
            return self._permitted(addresses, min(answer.ttl for answer in found if answer.addresses))
        # NXDOMAIN holds for all types; otherwise the worse news decides: a failure may be over next time.
        errors = [answer.error for answer in found]
        error = next((e for e in (Fault.DNS_TIMEOUT, Fault.DNS_FAILURE) if e in errors), Fault.DNS_NOT_FOUND)
        return Resolution([], error=error, detail=next(answer.detail for answer in found if answer.error == error))

    async def _follow(self, name: str, kind: str, by: float) -> Resolution:
        """The addresses of one family, asking again where a server gives an alias without its target."""
        ttl = self._settings.max_ttl
        for _ in range(CHAIN):
            answer = await self._ask(name, kind, by)
            if isinstance(answer, Resolution):
                return answer
            addresses, end, seconds = addresses_of(name, answer)
            ttl = min(ttl, seconds)
            if addresses:
                return Resolution(addresses[:MAX_ADDRESSES], ttl)
            if end == name:
                return Resolution([], error=Fault.DNS_NOT_FOUND, detail=f"no {kind} record")
            name = end
        return Resolution([], error=Fault.DNS_FAILURE, detail="too many aliases")

    async def _ask(self, name: str, kind: str, by: float) -> Resolution | list[pycares.DNSRecord]:
        if self._dns is None:
            return Resolution([], error=Fault.DNS_FAILURE, detail="the resolver is stopped")
        try:
            async with asyncio.timeout_at(by):
                return (await self._dns.query_dns(name, kind)).answer
        except TimeoutError:
            return Resolution([], error=Fault.DNS_TIMEOUT)
        except DNSError as error:
            number = error.args[0] if error.args else 0
            detail = pycares.errno.errorcode.get(number, "") if isinstance(number, int) else ""
            fault = Fault.DNS_TIMEOUT if number == ARES_ETIMEOUT else Fault.DNS_FAILURE
            return Resolution([], error=Fault.DNS_NOT_FOUND if number in _NOT_THERE else fault, detail=detail)

    def _permitted(self, addresses: list[str], ttl: float) -> Resolution:
        refusals = [(address, self._guard.check(address)) for address in dict.fromkeys(addresses)]
        good = [address for address, refusal in refusals if refusal is None]
        ttl = min(max(ttl, self._settings.min_ttl), self._settings.max_ttl)
        first = next((refusal for _, refusal in refusals if refusal is not None), None)
        if good or first is None:
            return Resolution(good, ttl)
        return Resolution([], ttl, error=first.reason, detail=first.evidence, refusal=first)


def addresses_of(name: str, records: Iterable[pycares.DNSRecord]) -> tuple[list[str], str, float]:
    """(addresses, last name of the alias chain, smallest TTL on the way) of an answer to a question about `name`.

    Only records of the chain count: an answer may not bring along addresses of other names (RFC 5452, 6).
    """
    aliases: dict[str, tuple[str, float]] = {}
    found: dict[str, list[tuple[str, float]]] = {}
    for record in records:
        owner = record.name.rstrip(".").lower()
        if isinstance(record.data, pycares.CNAMERecordData):
            aliases[owner] = (record.data.cname.rstrip(".").lower(), record.ttl)
        elif isinstance(record.data, pycares.ARecordData | pycares.AAAARecordData):
            found.setdefault(owner, []).append((record.data.addr, record.ttl))
    ttl = float("inf")
    for _ in range(CHAIN):
        if name in found or name not in aliases:
            break
        name, seconds = aliases[name]
        ttl = min(ttl, seconds)
    here = found.get(name, [])
    return [address for address, _ in here], name, min([ttl, *(float(seconds) for _, seconds in here)])
