"""Reverse proxies: networks that only forward. Who lies behind is known to the proxy alone, so it is asked for the origin.

"Reverse proxies have a file of networks and a template that asks for the origin" (docs/domain.md, section 2). The shipped file is
`proxies.toml`; an operator's own (notices.proxies) takes its place:

[[proxy]]
name = "Example CDN"
contact = "abuse@cdn.example"     # may be left out: then that of the network by its registry
channel = "email"
country = "US"
networks = ["192.0.2.0/24", "2001:db8::/32"]
"""

from typing import Final

from msgspec import Struct

from contracts.recipients import Recipient
from notices.recipients.networks import Networks
from notices.recipients.overrides import recipient
from notices.recipients.tables import rows

TABLES: Final = {"proxy": ("name", "contact", "channel", "country", "language", "networks")}
CLASS: Final = "reverse-proxy"


class Proxy(Struct, frozen=True):
    """One of them. `recipient` is None where the file names no contact."""

    name: str
    recipient: Recipient | None = None


class Proxies:
    """All of a file."""

    def __init__(self) -> None:
        self._networks: Networks[Proxy] = Networks()

    @classmethod
    def parse(cls, file: str, text: str) -> "Proxies":
        """The proxies of a TOML text. Raises UsageError that names the file, the row and the key."""
        made = cls()
        for _, row in rows(file, text, TABLES):
            name = row.text("name", needed=True)
            proxy = Proxy(name, recipient(row, CLASS) if row.has("contact") else None)
            for net in row.networks("networks"):
                if not made._networks.add(net, proxy):
                    raise row.wrong("networks", f"{net} is there twice")
        return made

    def around(self, address: str) -> Proxy | None:
        """Whose network an address lies in."""
        return self._networks.around(address)
