"""Rows of TOML files (`[[name]]` tables), read so that an error names the file, the row and the key."""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

from contracts.errors import UsageError
from contracts.recipients import EMAIL, WEBHOOK
from notices.recipients.emails import email
from notices.recipients.jcard import country

CHARS: Final = 4_000_000
ROWS: Final = 100_000
WORD: Final = 200
"""Longest file, most rows, longest value."""
Net = IPv4Network | IPv6Network
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
WEBHOOK_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Row:
    """One row of a file. Whatever is wrong with it is a UsageError."""

    def __init__(self, file: str, table: str, number: int, values: dict[str, Any], keys: Collection[str]) -> None:
        self._where = f"{file}: [[{table}]] number {number}"
        self._values = values
        for key in values:
            if key not in keys:
                near = difflib.get_close_matches(key, [*keys], 1)
                meant = f"; did you mean {near[0]}?" if near else ""
                raise self.wrong(key[:50], f"is no key{meant}; known are {', '.join(keys)}")

    def wrong(self, key: str, what: str) -> UsageError:
        """The error about a key."""
        return UsageError(f"{self._where}: {key} {what}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def text(self, key: str, *, needed: bool = False) -> str:
        """Text on one line, "" if it is missing and not needed."""
        value = self._values.get(key, "")
        if not isinstance(value, str) or len(value) > WORD or not value.isprintable():
            raise self.wrong(key, f"must be text on one line, of at most {WORD} characters")
        if needed and not value.strip():
            raise self.wrong(key, "is missing")
        return value.strip()

    def word(self, key: str, known: Collection[str], default: str) -> str:
        """One of the known words."""
        value = self.text(key) or default
        if value not in known:
            raise self.wrong(key, f"is {value[:50]!r}; it must be one of {', '.join(known)}")
        return value

    def country(self, key: str) -> str:
        """ISO 3166-1 alpha-2, or ""."""
        value = self.text(key)
        if value and country(value) != value:
            raise self.wrong(key, f"is {value[:50]!r}; it must be a country's code of two capital letters")
        return value

    def language(self, key: str) -> str:
        """ISO 639, or ""."""
        value = self.text(key)
        if value and not LANGUAGE.fullmatch(value):
            raise self.wrong(key, f"is {value[:50]!r}; it must be a language's code of two or three small letters")
        return value

    def number(self, key: str, most: int) -> int:
        """A whole number from 1."""
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.wrong(key, f"must be a whole number from 1 to {most}")
        return value

    def network(self, key: str) -> Net:
        """A network in CIDR form."""
        return self._network(key, self.text(key, needed=True))

    def networks(self, key: str) -> tuple[Net, ...]:
        """A list of them, at least one."""
        values = self._values.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
            raise self.wrong(key, "must be a list of networks like 192.0.2.0/24")
        return tuple(self._network(key, one) for one in values)

    def contact(self, channel: str, *, needed: bool) -> str:
        """An address for e-mail, a name for a webhook."""
        value = self.text("contact", needed=needed)
        if channel == EMAIL and value:
            if not email(value):
                raise self.wrong("contact", f"is {value[:80]!r}, which is no e-mail address that can be written to")
            return email(value)
        if channel == WEBHOOK and not WEBHOOK_NAME.fullmatch(value):
            raise self.wrong("contact", "must be a name in the file of webhooks (notices.webhooks)")
        return value

    def _network(self, key: str, text: str) -> Net:
        try:
            return ip_network(text)
        except ValueError as error:
            raise self.wrong(key, f"is {text[:60]!r}, which is no network: {error}") from None


def rows(file: str, text: str, tables: Mapping[str, Collection[str]]) -> list[tuple[str, Row]]:
    """(table, row) of a TOML text that has these tables, each with its keys. Raises UsageError that names the file, and the line or row."""
    if len(text) > CHARS:
        raise UsageError(f"{file}: is longer than {CHARS} characters")
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{file}: is no TOML: {error}") from None
    found: list[tuple[str, Row]] = []
    for table, entries in raw.items():
        if table not in tables:
            known = ", ".join(f"[[{one}]]" for one in tables)
            raise UsageError(f"{file}: {table[:50]!r} is no table of this file; known are {known}")
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            raise UsageError(f"{file}: {table} must be written as [[{table}]]")
        found += [(table, Row(file, table, number, one, tables[table])) for number, one in enumerate(entries, 1)]
    if len(found) > ROWS:
        raise UsageError(f"{file}: has more than {ROWS} rows")
    return found
