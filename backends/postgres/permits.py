"""Who may go to a server address now (design, rule 9): a pure decision over the rows that were locked."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from contracts.crawl import PermitRequest

LOCKED_RETRY: Final = 50
"""Milliseconds until an address is asked for again whose row another shard holds."""
BUSY_RETRY: Final = 1000
"""Milliseconds until an address is asked for again whose permits are all out."""


def permits(sites: int, strained: bool, address_sites: int, most: int) -> int:
    """Orders that may be out at a time: one up to `address_sites` sites, one more for each such number above."""
    count = max(1, min(most, ceil(sites / address_sites)))
    return max(1, count // 2) if strained else count


def grant(
    rows: Sequence[tuple[str, int, int, int, int]],
    requests: Sequence[PermitRequest],
    now: int,
    address_sites: int,
    most: int,
) -> tuple[list[PermitRequest], dict[str, int]]:
    """Grant requests in their order over rows (address, sites, next_at, strained_until, out); times in milliseconds.

    An address with a single permit rests until `next_at`, a host's delay; of several each rests by itself (it counts as out).

    Returns the granted ones, and for every address that refused one when to ask again.
    """
    places: dict[str, tuple[int, int, bool]] = {}
    out: dict[str, int] = {}
    for address, sites, next_at, strained_until, busy in rows:
        strained = strained_until > now
        places[address] = permits(sites, strained, address_sites, most), next_at, strained
        out[address] = busy
    granted: list[PermitRequest] = []
    later: dict[str, int] = {}
    for request in requests:
        address, again = request.address, now + LOCKED_RETRY
        if address in places:
            allowed, next_at, strained = places[address]
            if not strained:  # what policy lets a host have by name is that host's alone
                allowed = max(allowed, request.most)
            if next_at <= now or allowed > 1:
                if out[address] < allowed:
                    out[address] += 1
                    granted.append(request)
                    continue
                next_at = now + BUSY_RETRY
            again = next_at
        later[address] = min(again, later.get(address, again))
    return granted, later
