"""All that was found out about a place, for `choosing`: gathered by whoever asks registries, decided upon by nobody but it."""

from msgspec import Struct

from contracts.recipients import Finding
from notices.recipients.overrides import Override
from notices.recipients.proxies import Proxy
from notices.recipients.rdap import Contact, Holder, Network

RDAP = "rdap"
MAXMIND = "maxmind"
OVERRIDES = "overrides"


class Found(Struct, frozen=True):
    """What is known of a place.

    `host` is the canonical host of the URL; `address` its server, empty if that is not known, `refused` why it is none of the public
    Internet. `overrides` are in their order, the closest first. `unasked` says why a registry could not be asked for the network.
    `more` are contacts that a registry gave when it was asked for an entity that its answer only named.
    `country` is that of the address by the file of countries. `evidence` are the steps so far.
    """

    host: str
    address: str = ""
    refused: str = ""
    overrides: tuple[Override, ...] = ()
    proxy: Proxy | None = None
    network: Network | None = None
    unasked: str = ""
    more: tuple[Contact, ...] = ()
    upstream: Holder | None = None
    registrar: Holder | None = None
    operators: tuple[str, ...] = ()
    country: str = ""
    evidence: tuple[Finding, ...] = ()
