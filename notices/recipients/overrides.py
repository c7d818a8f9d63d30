"""What the operator knows better than registries do: a TOML file, by host, site, network or autonomous system.

[[host]]                          # one host; with `*.` in front also all below it
host = "img.forum.example"
class = "platform"                # of contracts.recipients.CLASSES; default host
name = "Forum"
channel = "email"                 # or webhook: contact is then a name in the file of webhooks
contact = "abuse@forum.example"
country = "FR"                    # of the recipient
language = "fr"                   # one that it has asked for
hosting = "FR"                    # country in which the servers stand; method `overrides` of the hosting country

[[site]]
site = "blog.example"
never = "answered by police since 3 May"   # nobody is told; why

[[network]]
cidr = "192.0.2.0/24"

[[asn]]
asn = 64496

What is named more closely goes first: host, site, network (the longest prefix), system. The class platform is how the operator
says that a site is a platform with an abuse desk of its own, inside its own domain (docs/domain.md, section 2).
"""

from typing import Final, TypeVar

from msgspec import Struct

from contracts.recipients import CLASSES, EMAIL, WEBHOOK, Recipient
from contracts.sites import hostname, site_of
from notices.recipients.emails import domain_name
from notices.recipients.networks import Networks
from notices.recipients.tables import Row, rows

K = TypeVar("K")
_SAID: Final = ("class", "name", "channel", "contact", "country", "language", "hosting", "never")
TABLES: Final = {
    "host": ("host", *_SAID),
    "site": ("site", *_SAID),
    "network": ("cidr", *_SAID),
    "asn": ("asn", *_SAID),
}


class Override(Struct, frozen=True):
    """A row: whom to tell, or `never` and why; `hosting` is the country of the servers. `recipient` may be None: only a country."""

    where: str
    recipient: Recipient | None = None
    hosting: str = ""
    never: str = ""


class Overrides:
    """All rows of a file, by what they are about."""

    def __init__(self) -> None:
        self._hosts: dict[str, Override] = {}
        self._sites: dict[str, Override] = {}
        self._networks: Networks[Override] = Networks()
        self._numbers: dict[int, Override] = {}

    @classmethod
    def parse(cls, file: str, text: str) -> "Overrides":
        """The rows of a TOML text. Raises UsageError that names the file, the row and the key."""
        made = cls()
        for table, row in rows(file, text, TABLES):
            made._add(table, row)
        return made

    def of_host(self, host: str) -> list[Override]:
        """Rows about a canonical host, the closest first. Ports do not count."""
        name = hostname(host)
        found = [self._hosts[name]] if name in self._hosts else []
        rest = name
        while rest:
            if one := self._hosts.get(f"*.{rest}"):
                found.append(one)
            rest = rest.partition(".")[2]
        if one := self._sites.get(site_of(host)):
            found.append(one)
        return found

    def of_address(self, address: str) -> Override | None:
        """The row with the longest prefix around an address."""
        return self._networks.around(address)

    def of_numbers(self, numbers: tuple[int, ...]) -> Override | None:
        """The row about the first of these systems that has one."""
        return next((self._numbers[one] for one in numbers if one in self._numbers), None)

    def _add(self, table: str, row: Row) -> None:
        if table == "host":
            _once(row, table, self._hosts, _host(row), _override(row, f"host {_host(row)}"))
        elif table == "site":
            name = domain_name(row.text("site", needed=True))
            if not name or site_of(name) != name:
                raise row.wrong("site", "must be a registered domain like example.org")
            _once(row, table, self._sites, name, _override(row, f"site {name}"))
        elif table == "asn":
            number = row.number("asn", 2**32 - 1)
            _once(row, table, self._numbers, number, _override(row, f"AS{number}"))
        else:
            net = row.network("cidr")
            if not self._networks.add(net, _override(row, f"network {net}")):
                raise row.wrong("cidr", f"{net} is there twice")


def _once(row: Row, key: str, into: dict[K, Override], name: K, made: Override) -> None:
    if name in into:
        raise row.wrong(key, f"{name} is there twice")
    into[name] = made


def _host(row: Row) -> str:
    text = row.text("host", needed=True).lower()
    star = "*." if text.startswith("*.") else ""
    name = domain_name(text.removeprefix("*."))
    if not name:
        raise row.wrong("host", "must be a host's name, without port; `*.` in front stands for all below it")
    return star + name


def _override(row: Row, where: str) -> Override:
    never, hosting = row.text("never"), row.country("hosting")
    if not row.has("contact"):
        if not never and not hosting:
            raise row.wrong("contact", "is missing, and so are never and hosting: the row says nothing")
        return Override(where, None, hosting, never)
    return Override(where, recipient(row, row.word("class", CLASSES, "host")), hosting, never)


def recipient(row: Row, klass: str) -> Recipient:
    """Whom a row names."""
    channel = row.word("channel", (EMAIL, WEBHOOK), EMAIL)
    contact = row.contact(channel, needed=True)
    name = row.text("name") or contact
    return Recipient(
        f"{channel}:{contact}", klass, name, channel, contact, row.country("country"), row.language("language")
    )
