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
    free: dict[str, int] = {}
    later: dict[str, int] = {}
    named: dict[str, int] = {}
    for request in requests:
        named[request.address] = max(named.get(request.address, 1), request.most)
    for address, sites, next_at, strained_until, out in rows:
        strained = strained_until > now
        allowed = permits(sites, strained, address_sites, most)
        if not strained:
            allowed = max(allowed, named.get(address, 1))
        if next_at > now and allowed == 1:
            free[address], later[address] = 0, next_at
        else:
            free[address] = allowed - out
            later[address] = now + BUSY_RETRY
    granted: list[PermitRequest] = []
    refused: set[str] = set()
    for request in requests:
        if free.get(request.address, 0) > 0:
            free[request.address] -= 1
            granted.append(request)
        else:
            refused.add(request.address)
    return granted, {address: later.get(address, now + LOCKED_RETRY) for address in refused}
