"""Who crawls must say whom to write to. Without a contact URL a crawl can reach nothing but this machine."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address, IPv6Address, collapse_addresses, ip_address, ip_network
from typing import Final

from contracts.errors import UsageError
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import hostname, parse

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")

_URL: Final = re.compile(r"https?://[^\s()<>\"';,]+", re.IGNORECASE)


def contact_of(user_agent: str) -> str:
    """The first http or https URL in a User-Agent, "" if there is none."""
    for found in _URL.findall(user_agent):
        if not isinstance(parse(found), Refusal):
            return str(found)
    return ""


def check_contact(settings: Settings, seeds: Iterable[str]) -> Settings:
    """The settings to crawl with: as they are with a contact URL, otherwise `restricted` to loopback.

    Raises UsageError if there is no contact URL and a seed (canonical URL) is not on loopback by its own text: an
    address in 127.0.0.0/8 or ::1, `localhost` or a name below it. Other names pass only if the settings themselves deny
    every other address. Links cannot lead out: the address guard denies all else, at every hop.
    """
    if contact_of(settings.user_agent):
        return settings
    if not only_loopback(settings):
        for seed in seeds:
            if not _on_loopback(seed):
                raise UsageError(
                    f"user_agent = {settings.user_agent!r} has no contact URL, and {seed} is not on this machine; set "
                    'user_agent = "Pisaura/1.0 (+https://your.site/about-the-crawler)" in the settings file, or '
                    "PISAURA_USER_AGENT"
                )
    return restricted(settings)


def restricted(settings: Settings) -> Settings:
    """The same settings, with every address denied but those of loopback."""
    deny = [*settings.addresses.deny, *(network for network in _elsewhere() if network not in settings.addresses.deny)]
    return replace(settings, addresses=replace(settings.addresses, deny=deny))


def only_loopback(settings: Settings) -> bool:
    """Whether the settings themselves deny all addresses but those of loopback."""
    networks = [ip_network(text, strict=False) for text in (*settings.addresses.deny, *LOOPBACK)]
    four = collapse_addresses(network for network in networks if network.version == 4)
    six = collapse_addresses(network for network in networks if network.version == 6)
    return [*map(str, four), *map(str, six)] == ["0.0.0.0/0", "::/0"]


@cache
def _elsewhere() -> tuple[str, ...]:
    """Networks that together are everything but loopback."""
    found: list[str] = []
    for whole, inside in (("0.0.0.0/0", LOOPBACK[0]), ("::/0", LOOPBACK[1])):
        found += sorted(str(network) for network in ip_network(whole).address_exclude(ip_network(inside)))  # type: ignore[arg-type]
    return tuple(found)


def _on_loopback(seed: str) -> bool:
    url = parse(seed)
    if isinstance(url, Refusal):
        return False
    name = hostname(url.host).removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address in ip_network(LOOPBACK[0])
    return isinstance(address, IPv6Address) and address in ip_network(LOOPBACK[1])
