"""Operators' words on hosts and networks: their targets in canonical form, and which of them count now."""

from collections.abc import Sequence
from ipaddress import IPv6Network, ip_network
from typing import Any, Final

from msgspec import Struct

from contracts.errors import UsageError
from contracts.notes import Control
from contracts.refusals import Refusal
from contracts.sites import hostname, is_address
from contracts.urls import parse
from crawlctl.times import iso

LIFTS: Final = {"resume": "pause", "unblock": "block"}
WHY_CHARS: Final = 500


class Said(Struct, frozen=True):
    """A word that counts until it ends or is taken back, and when it was said (unix seconds)."""

    control: Control
    at: float

    def plain(self) -> dict[str, Any]:
        """For --json."""
        c = self.control
        return {"target": c.target, "value": c.value, "why": c.why, "until": iso(c.until), "added_at": iso(self.at)}


def host_target(text: str) -> str:
    """A host as canonical URLs have it, with its port if one is named. UsageError if it is none."""
    given = text.strip()
    if "://" in given or "/" in given:
        url = parse(given)
        hint = f"; the host is {url.host}" if not isinstance(url, Refusal) else ""
        raise UsageError(f"{given[:200]!r} is no host{hint}; write it like example.org or example.org:8080")
    if "*" in given:
        raise UsageError(f"{given[:200]!r}: a host stands for its subdomains too; write it like example.org")
    bare = f"[{given}]" if given.count(":") > 1 and not given.startswith("[") else given
    url = parse(f"http://{bare}/")
    if isinstance(url, Refusal) or url.path != "/":
        raise UsageError(f"{given[:200]!r} is no host; write it like example.org or example.org:8080")
    name = hostname(url.host)
    port = url.host.rpartition(":")[2] if url.host not in (name, f"[{name}]") else ""
    if port in ("", "443"):
        return name.rstrip(".")
    return url.host


def optout_target(text: str) -> str:
    """A host as `host_target` has it, or a network: `192.0.2.0/24`, a lone address without length. UsageError if neither."""
    given = text.strip()
    try:
        network = ip_network(given.strip("[]"), strict=False)
    except ValueError:
        if "/" in given and "://" not in given and is_address(given.partition("/")[0].strip("[]")):
            raise UsageError(f"{given[:200]!r} is no network; write it like 192.0.2.0/24 or 2001:db8::/32") from None
        return host_target(given)
    if isinstance(network, IPv6Network) and network.prefixlen >= 96 and network.network_address.ipv4_mapped:
        network = ip_network((int(network.network_address.ipv4_mapped), network.prefixlen - 96))
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def reason(text: str) -> str:
    """Why something is asked for, on one line. UsageError if it says nothing or a book."""
    said = " ".join(text.split())
    if not said or len(said) > WHY_CHARS:
        raise UsageError(f"--why: give the reason in 1 to {WHY_CHARS} characters")
    return said


def current(controls: Sequence[tuple[float, Control]], now: float) -> dict[tuple[str, str], Said]:
    """What counts at `now`, by (pause, block or delay; target), of all words in the order given."""
    found: dict[tuple[str, str], Said] = {}
    for at, control in controls:
        verb = LIFTS.get(control.verb, control.verb)
        lifts = verb != control.verb or (verb == "delay" and not control.value)
        ended = 0 < control.until <= now
        if lifts or ended:
            found.pop((verb, control.target), None)
        else:
            found[verb, control.target] = Said(control, at)
    return found
