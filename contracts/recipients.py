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
    by themselves. `countries` are hosting countries by method (`rdap`, `maxmind`, `overrides`); `country` is the one on which two agree.
    `why` and `reasoning` may name site and address; `plain` is the same as `why` with nothing in it that leads to the place."""

    leading: Recipient | None
    others: tuple[Recipient, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()
    country: str = ""
    why: str = ""
    reasoning: tuple[Finding, ...] = ()
    at: float = 0.0
    plain: str = ""


class Directory(Protocol):
    """Finds recipients."""

    async def look_up(self, url: str, address: str, now: float) -> LookedUp:
        """Who is told about media at this URL, served from this address (empty if it is not known). Never raises for what
        registries say; Unavailable if they cannot be asked now."""


PARTNER: Final = "partner"
"""Class of a hotline in another country that takes places over there; of no look-up, only of the route `partner hotline`."""
STOP_SCOPES: Final = ("recipient", "site", "case", "entry")


class Partner(Struct, frozen=True):
    """A hotline that takes places in its country. `accepts` are kinds of lists (`contracts.lists.KINDS`)."""

    country: str
    name: str
    contact: str
    accepts: tuple[str, ...]
    channel: str = EMAIL
    language: str = ""

    def recipient(self) -> Recipient:
        """The same as somebody who can be told."""
        return Recipient(
            f"{self.channel}:{self.contact}", PARTNER, self.name, self.channel, self.contact, self.country, self.language
        )  # fmt: skip


class Stop(Struct, frozen=True):
    """An authority asks that somebody is not told (`do_not_notify`). `subject` is a recipient's key (UTF-8), the keyed HMAC of a
    site, or the number of a case or entry in ASCII, by `scope`. `until` is its end, `ended_at` 0.0 unless it was ended before."""

    scope: str
    subject: bytes
    authority: str
    why: str
    person: str
    at: float
    until: float
    stop_id: int = 0
    ended_at: float = 0.0
