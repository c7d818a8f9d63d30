"""Who would be told of a place, and why: what looking up a recipient gives (docs/domain.md, section 2)."""

from typing import Final, Protocol

from msgspec import Struct

CLASSES: Final = ("host", "platform", "reverse-proxy", "network", "registrar", "site-operator")
TOLD: Final = ("host", "platform", "reverse-proxy")
"""Classes that get a notice by themselves. Networks upstream and registrars only by a person's decision; site operators never."""
EMAIL: Final = "email"
WEBHOOK: Final = "webhook"


class Recipient(Struct, frozen=True):
    """Somebody who can be told. `key` is lasting and unique, like `email:abuse@host.example` or `webhook:host`; `contact` is an e-mail
    address, or a name in the file of webhooks. `country` is of the recipient, `language` one it has asked for."""

    key: str
    klass: str
    name: str
    channel: str
    contact: str
    country: str = ""
    language: str = ""


class Finding(Struct, frozen=True):
    """A step of the reasoning, kept as evidence: which source was asked for what, and what it said."""

    source: str
    asked: str
    said: str
    at: float = 0.0


class LookedUp(Struct, frozen=True):
    """The answer. `leading` is who is told first, or None, and `why` then says why nobody; `others` are known but not told
    by themselves. `countries` are hosting countries by method (`rdap`, `maxmind`, `overrides`); `country` is the one on which two agree."""

    leading: Recipient | None
    others: tuple[Recipient, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()
    country: str = ""
    why: str = ""
    reasoning: tuple[Finding, ...] = ()
    at: float = 0.0


class Directory(Protocol):
    """Finds recipients."""

    async def look_up(self, url: str, address: str, now: float) -> LookedUp:
        """Who is told about media at this URL, served from this address (empty if it is not known). Never raises for what
        registries say; Unavailable if they cannot be asked now."""
