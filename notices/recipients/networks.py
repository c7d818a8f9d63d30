"""Networks with something said of each; of those around an address the one with the longest prefix counts."""

from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Generic, TypeVar

T = TypeVar("T")


class Networks(Generic[T]):
    """A map of networks."""

    def __init__(self) -> None:
        self._said: dict[tuple[int, int, int], T] = {}
        self._lengths: dict[int, list[int]] = {4: [], 6: []}

    def add(self, network: IPv4Network | IPv6Network, said: T) -> bool:
        """Say something of a network; False, and nothing is said, if something was."""
        key = (network.version, network.prefixlen, int(network.network_address))
        if key in self._said:
            return False
        self._said[key] = said
        lengths = self._lengths[network.version]
        if network.prefixlen not in lengths:
            lengths.append(network.prefixlen)
            lengths.sort(reverse=True)
        return True

    def around(self, address: str) -> T | None:
        """What is said of the longest prefix around an address; None for none, and for what is no address."""
        try:
            one = ip_address(address)
        except ValueError:
            return None
        number, bits = int(one), one.max_prefixlen
        for length in self._lengths[one.version]:
            key = (one.version, length, number >> (bits - length) << (bits - length))
            if key in self._said:
                return self._said[key]
        return None
