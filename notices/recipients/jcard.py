"""Contacts as registries write them: jCard (RFC 7095), of which name, organisation, e-mail and country are read.

A card is what somebody typed into a registry: anything may be missing, of another type, or endless.
"""

import re
from typing import Any, Final

from msgspec import Struct

from notices.recipients.emails import email

PROPERTIES: Final = 200
EMAILS: Final = 20
TEXT: Final = 200
"""Properties, addresses and characters that are looked at."""
_NOT_COUNTRIES: Final = frozenset({"EU", "AP", "ZZ", "XX"})
"""Codes that registries use for regions or for nothing."""
_CODE: Final = re.compile("[A-Z]{2}")


class Card(Struct, frozen=True):
    """What was read. `emails` are valid and in the order in which they are preferred; `faulty` counts those that are none."""

    name: str = ""
    organisation: str = ""
    emails: tuple[str, ...] = ()
    country: str = ""
    faulty: int = 0


def card(raw: object) -> Card:
    """The card in a `vcardArray`: `["vcard", [[name, parameters, type, value...], ...]]`. What is no such thing is an empty card."""
    if not isinstance(raw, list) or len(raw) < 2 or raw[0] != "vcard" or not isinstance(raw[1], list):
        return Card()
    name = organisation = nation = ""
    found: list[tuple[int, int, str]] = []
    faulty = 0
    for number, line in enumerate(raw[1][:PROPERTIES]):
        if not isinstance(line, list) or len(line) < 4 or not isinstance(line[0], str):
            continue
        what, parameters, value = line[0].lower(), line[1], line[3]
        if what == "fn":
            name = name or words(value)
        elif what == "org":
            organisation = organisation or words(value[0] if isinstance(value, list) and value else value)
        elif what == "adr":
            nation = nation or _country(parameters, value)
        elif what == "email" and len(found) < EMAILS:
            address = email(_without_scheme(value))
            faulty += not address
            if address:
                found.append((_preference(parameters), number, address))
    emails = tuple(dict.fromkeys(address for _, _, address in sorted(found)))
    return Card(name, organisation, emails, nation, faulty)


def words(value: object) -> str:
    """Text for people on one line, cut to `TEXT` characters; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    plain = "".join(c if c.isprintable() else " " for c in value[: 4 * TEXT])
    return " ".join(plain.split())[:TEXT]


def country(value: object) -> str:
    """ISO 3166-1 alpha-2 in upper case, or "" for anything else, regions and placeholders too."""
    if not isinstance(value, str) or len(value) != 2:
        return ""
    code = value.upper()
    return code if _CODE.fullmatch(code) and code not in _NOT_COUNTRIES else ""


def _without_scheme(value: object) -> object:
    return value[7:] if isinstance(value, str) and value[:7].lower() == "mailto:" else value


def _preference(parameters: object) -> int:
    """1 is preferred most, 100 least (RFC 6350, 5.3; RFC 7095 has it as text)."""
    raw: Any = parameters.get("pref") if isinstance(parameters, dict) else None
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and 1 <= int(raw[:4]) <= 100:
        return int(raw[:4])
    return 101


def _country(parameters: object, value: object) -> str:
    """By the parameter CC (RFC 8605), or the seventh component where it is a code; names of countries are not guessed at."""
    if isinstance(parameters, dict):
        for name in ("cc", "CC"):
            if code := country(parameters.get(name)):
                return code
    if isinstance(value, list) and len(value) >= 7:
        return country(value[6])
    return ""
