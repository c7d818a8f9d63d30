"""Answers of registries in RDAP (RFC 9083): whose network an address lies in, who answers for it, who registered a domain.

An answer may be anything: it is walked with bounds, what is of another type is left out, and what it must have is named if it lacks.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

import msgspec
from msgspec import Struct

from contracts.errors import Corrupt
from notices.recipients.jcard import card, country, words

DEPTH: Final = 6
"""How deep entities are looked for inside each other, and below how many in all."""
ENTITIES: Final = 200
NUMBERS: Final = 16
"""Autonomous systems of a network that are kept."""
ROLES: Final = ("abuse", "noc", "technical", "administrative", "registrant")
"""Whose contact is taken first. A hoster's abuse desk is who acts; the others are for networks that name none."""
_ORIGINS: Final = ("arin_originas0_originautnums", "originAutnums")
_AS: Final = re.compile(r"(?:AS)?(\d{1,10})", re.IGNORECASE | re.ASCII)


class Contact(Struct, frozen=True):
    """An entity with its roles (RFC 9083, 10.2.4). `link` is where the registry says more of it, if this answer has no e-mail."""

    roles: tuple[str, ...]
    name: str
    emails: tuple[str, ...]
    country: str = ""
    handle: str = ""
    link: str = ""
    depth: int = 0
    faulty: int = 0


class Network(Struct, frozen=True):
    """An IP network. `country` is that of the network by the registry, empty where it says none or a region."""

    handle: str
    name: str
    start: str
    end: str
    country: str
    numbers: tuple[int, ...]
    contacts: tuple[Contact, ...]


class Holder(Struct, frozen=True):
    """Who holds an autonomous system or registered a domain."""

    handle: str
    name: str
    country: str
    contacts: tuple[Contact, ...]


def network(body: bytes, address: str) -> Network:
    """The network of an `ip` query (5.4). Corrupt if it is none, or not one that holds the address."""
    raw = _object(body)
    start, end, wanted = _address(raw.get("startAddress")), _address(raw.get("endAddress")), ip_address(address)
    if raw.get("objectClassName") not in ("ip network", None) or start is None or end is None:
        raise Corrupt("the registry's answer is no network: it has no first and last address")
    if {start.version, end.version} != {wanted.version} or not int(start) <= int(wanted) <= int(end):
        raise Corrupt("the registry's answer is about a network that does not hold the address")
    return Network(
        words(raw.get("handle")),
        words(raw.get("name")),
        str(start),
        str(end),
        country(raw.get("country")),
        _numbers(raw),
        tuple(_contacts(raw)),
    )


def autnum(body: bytes, number: int) -> Holder:
    """The holder of an `autnum` query (5.5). Corrupt if it is about another one."""
    raw = _object(body)
    first, last = raw.get("startAutnum"), raw.get("endAutnum")
    if not isinstance(first, int) or not isinstance(last, int) or not first <= number <= last:
        raise Corrupt("the registry's answer is not about the autonomous system")
    return Holder(words(raw.get("handle")), words(raw.get("name")), country(raw.get("country")), tuple(_contacts(raw)))


def registrar(body: bytes, name: str) -> Holder:
    """The registrar in the answer to a `domain` query (5.3). Corrupt if it is about another name, or names no registrar."""
    raw = _object(body)
    said = raw.get("ldhName")
    if not isinstance(said, str) or said.lower().rstrip(".") != name:
        raise Corrupt("the registry's answer is not about the domain")
    for entity in _entities(raw.get("entities")):
        if "registrar" in _roles(entity):
            own = [_contact(entity, 0), *_contacts(entity)]
            found = card(entity.get("vcardArray"))
            return Holder(words(entity.get("handle")), found.name or found.organisation, found.country, tuple(own))
    raise Corrupt("the registry's answer names no registrar")


def entity(body: bytes) -> tuple[Contact, ...]:
    """An entity that was asked for by its link (5.1), and those inside it. Corrupt if it is none."""
    raw = _object(body)
    if raw.get("objectClassName") != "entity":
        raise Corrupt("the registry's answer is no entity")
    return (_contact(raw, 0), *_contacts(raw))


def by_role(contacts: tuple[Contact, ...]) -> list[tuple[str, Contact]]:
    """(role, contact) in the order in which they are to be tried: by `ROLES`, then nearest to the network, then as they stand."""
    ranked = [
        (ROLES.index(role), contact.depth, number)
        for number, contact in enumerate(contacts)
        for role in contact.roles
        if role in ROLES
    ]
    return [(ROLES[rank], contacts[number]) for rank, _, number in sorted(ranked)]


def _object(body: bytes) -> dict[str, Any]:
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Corrupt("the registry's answer is no JSON") from None
    if not isinstance(raw, dict):
        raise Corrupt("the registry's answer is no JSON object")
    return raw


def _address(value: object) -> IPv4Address | IPv6Address | None:
    """An address; AFRINIC and others write `192.0.2.0/32` at times."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        return ip_address(value.partition("/")[0].strip())
    except ValueError:
        return None


def _numbers(raw: dict[str, Any]) -> tuple[int, ...]:
    """Origin systems, as ARIN and some others tell them: numbers, or text like AS64496."""
    found: list[int] = []
    for name in _ORIGINS:
        value = raw.get(name)
        for one in value[:NUMBERS] if isinstance(value, list) else ():
            match = _AS.fullmatch(str(one)) if isinstance(one, (int, str)) and not isinstance(one, bool) else None
            if match and 0 < int(match[1]) < 2**32:
                found.append(int(match[1]))
    return tuple(dict.fromkeys(found))[:NUMBERS]


def _contacts(raw: dict[str, Any]) -> Iterator[Contact]:
    """All entities below an object, the nearest first."""
    level, seen = _entities(raw.get("entities")), 0
    for depth in range(DEPTH):
        deeper: list[dict[str, Any]] = []
        for one in level:
            if seen == ENTITIES:
                return
            seen += 1
            yield _contact(one, depth)
            deeper += _entities(one.get("entities"))
        level = deeper[:ENTITIES]


def _entities(raw: object) -> list[dict[str, Any]]:
    return [one for one in raw[:ENTITIES] if isinstance(one, dict)] if isinstance(raw, list) else []


def _roles(raw: dict[str, Any]) -> tuple[str, ...]:
    roles = raw.get("roles")
    return tuple(one.lower() for one in roles[:20] if isinstance(one, str)) if isinstance(roles, list) else ()


def _contact(raw: dict[str, Any], depth: int) -> Contact:
    found = card(raw.get("vcardArray"))
    link = "" if found.emails else _link(raw.get("links"))
    name = found.organisation or found.name
    return Contact(_roles(raw), name, found.emails, found.country, words(raw.get("handle")), link, depth, found.faulty)


def _link(raw: object) -> str:
    """The entity's own URL (4.2), for those that are only named."""
    for one in raw[:20] if isinstance(raw, list) else ():
        if isinstance(one, dict) and one.get("rel") == "self":
            href = one.get("href")
            if isinstance(href, str) and len(href) <= 500 and href.isascii() and href.isprintable():
                return href
    return ""
