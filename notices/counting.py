"""What a match tells the figures, and when an entry is seen on too many sites at once (domain, section 1)."""

import hmac
from collections import Counter
from collections.abc import Iterable

from contracts.messages import Match
from contracts.sites import site_of
from contracts.tallies import BLIND_BYTES, Countries, Seen, SiteSeen


def blind(key: bytes, what: str, name: str) -> bytes:
    """A keyed HMAC that tells two names apart and leads to none; `what` keeps a site and a host of one name apart."""
    return hmac.digest(key, f"{what}\0{name}".encode("utf-8", "surrogatepass"), "sha256")[:BLIND_BYTES]


def seen(match: Match, host: str, address: str, key: bytes, countries: Countries | None) -> Seen:
    """The row of a match whose place was opened. Without countries or an address the country is unknown."""
    country = countries.country(address) if countries is not None and address else ""
    site = blind(key, "site", site_of(host))
    return Seen(match.entry_id, match.sha256, match.place, site, blind(key, "host", host), country, match.seen_at)


def flooded(sites: Iterable[SiteSeen], most: int, seconds: float) -> bool:
    """Whether more than `most` sites had the entry within some `seconds`.

    "An entry of any algorithm seen on more than 20 sites in 24 h". Of each site the first and the last time are known.
    """
    times = sorted({(at, one.site) for one in sites for at in (one.first_seen, one.last_seen)})
    inside: Counter[bytes] = Counter()
    start = 0
    for at, site in times:
        inside[site] += 1
        while times[start][0] <= at - seconds:
            gone = times[start][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            start += 1
        if len(inside) > most:
            return True
    return False
