"""Operators' words on hosts and networks: opt-outs (block), pauses and delays, each with its reason and its end."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeVar

from msgspec import Struct

from contracts.crawl import FAR
from contracts.notes import Control
from contracts.refusals import Reason, Refusal, refuse
from contracts.urls import hostname

_Key = TypeVar("_Key", str, int)
_LIFTED_BY: Final = {"resume": "pause", "unblock": "block"}


class Word(Struct, frozen=True):
    """What operators say about one host: no request before `paused_until` (0.0: none), `delay` in seconds (-1.0: none)."""

    paused_until: float = 0.0
    paused_why: str = ""
    delay: float = -1.0


class Controls:
    """Controls by verb and target; a later one replaces an earlier. Targets are hosts, which stand for their subdomains
    too, or networks (an address is one)."""

    def __init__(self) -> None:
        self._hosts: dict[str, dict[str, Control]] = {"block": {}, "pause": {}, "delay": {}}
        self._networks: dict[tuple[int, int], dict[int, Control]] = {}
        self.blocking = False

    def take(self, controls: Iterable[Control]) -> None:
        """Take in controls in the order given. `delay` with an empty value lifts a delay; unknown verbs are for others."""
        for control in controls:
            verb = _LIFTED_BY.get(control.verb, control.verb)
            if verb not in self._hosts:
                continue
            lifts = verb != control.verb or (verb == "delay" and _seconds(control.value) is None)
            target = control.target.strip().lower().rstrip(".")
            if verb == "block" and (network := _network(target)):
                version, length, prefix = network
                _put(self._networks.setdefault((version, length), {}), prefix, None if lifts else control)
            else:
                _put(self._hosts[verb], target, None if lifts else control)
        self._networks = {shape: networks for shape, networks in self._networks.items() if networks}
        self.blocking = bool(self._hosts["block"] or self._networks)

    def block_of(self, host: str, addresses: Sequence[str], now: float) -> Refusal | None:
        """OPTED_OUT with the target and reason of the block, by host or parent domain, or by a network."""
        if control := self._find("block", host, now):
            return refuse(Reason.OPTED_OUT, _evidence(control))
        if self._networks:
            for address in (hostname(host).strip("[]"), *addresses):
                if (number := _number(address)) and (control := self._network_of(*number, now)):
                    return refuse(Reason.OPTED_OUT, f"{_evidence(control)} ({address})")
        return None

    def word_on(self, host: str, now: float) -> Word:
        """Pause and delay of a host, of the nearest parent domain that has one."""
        pause = self._find("pause", host, now)
        delay = self._find("delay", host, now)
        return Word(
            (pause.until or FAR) if pause else 0.0,
            pause.why if pause else "",
            (_seconds(delay.value) or 0.0) if delay else -1.0,
        )

    def _find(self, verb: str, host: str, now: float) -> Control | None:
        """The control for the host, its name without port, or the nearest parent domain, that has not ended."""
        known = self._hosts[verb]
        if not known:
            return None
        name = hostname(host).rstrip(".")
        for target in (host, name):
            if (control := known.get(target)) and _counts(control, now):
                return control
        while "." in name and ":" not in name:
            name = name.partition(".")[2]
            if (control := known.get(name)) and _counts(control, now):
                return control
        return None

    def _network_of(self, version: int, number: int, now: float) -> Control | None:
        bits = 32 if version == 4 else 128
        for (kind, length), networks in self._networks.items():
            if kind == version and (control := networks.get(number >> (bits - length))) and _counts(control, now):
                return control
        return None


def _put(table: dict[_Key, Control], key: _Key, control: Control | None) -> None:
    if control is None:
        table.pop(key, None)
    else:
        table[key] = control


def _counts(control: Control, now: float) -> bool:
    return not control.until or control.until > now


def _evidence(control: Control) -> str:
    return f"block {control.target}: {control.why}" if control.why else f"block {control.target}"


def _seconds(value: str) -> float | None:
    """Seconds of a delay; None if there are none."""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0.0 <= seconds < FAR else None


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4-mapped address as the IPv4 address that it is."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@lru_cache(65_536)
def _number(text: str) -> tuple[int, int] | None:
    """Version and number of an address, None for anything else."""
    try:
        address = _plain(ip_address(text))
    except ValueError:
        return None
    return address.version, int(address)


def _network(text: str) -> tuple[int, int, int] | None:
    """Version, prefix length and prefix of a network, None for anything else."""
    try:
        network = ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
    if isinstance(network, IPv6Network) and network.prefixlen >= 96 and network.network_address.ipv4_mapped:
        network = ip_network((int(network.network_address.ipv4_mapped), network.prefixlen - 96))
    return (
        network.version,
        network.prefixlen,
        int(network.network_address) >> (network.max_prefixlen - network.prefixlen),
    )
