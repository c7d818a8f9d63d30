"""notices.counting: rows that lead nowhere, and floods by brute force (domain, section 1)."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import Match
from contracts.tallies import SiteSeen
from notices.counting import blind, flooded, seen

DAY = 86_400.0
MATCH = Match(b"s" * 32, b"p" * 32, b"sealed", 7, "sha1", 0, 0, False, 1000.0)


class Everywhere:
    def country(self, address: str) -> str:
        return "NL" if address == "192.0.2.7" else ""


def test_a_row_has_site_and_host_blind_and_the_country() -> None:
    key = b"k" * 32
    row = seen(MATCH, "img.example.co.uk:8080", "192.0.2.7", key, Everywhere())
    assert (row.entry_id, row.sha256, row.place, row.country, row.seen_at) == (7, b"s" * 32, b"p" * 32, "NL", 1000.0)
    other = seen(MATCH, "www.example.co.uk", "", key, Everywhere())
    assert row.site == other.site and row.host != other.host and other.country == ""
    assert seen(MATCH, "www.example.co.uk", "192.0.2.7", key, None).country == ""
    assert seen(MATCH, "www.example.co.uk", "", b"K" * 32, None).site != other.site
    assert blind(key, "site", "a.test") != blind(key, "host", "a.test") and len(row.site) == 16


# "An entry of any algorithm seen on more than 20 sites in 24 h"
def test_more_than_twenty_sites_in_a_day() -> None:
    sites = [SiteSeen(b"%d" % n, n * 60.0, n * 60.0) for n in range(21)]
    assert flooded(sites, 20, DAY) and not flooded(sites[:20], 20, DAY) and not flooded([], 20, DAY)
    assert flooded([*sites[:20], SiteSeen(b"x", DAY - 1, DAY - 1)], 20, DAY)
    assert not flooded([*sites[:20], SiteSeen(b"x", DAY, DAY)], 20, DAY)  # the first of them is a day old


def test_one_site_often_is_one_site() -> None:
    assert not flooded([SiteSeen(b"a", n, n + 1.0) for n in range(50)], 1, DAY)


TIMES = st.integers(0, 60)
SITES = st.lists(st.tuples(st.integers(0, 5), TIMES, TIMES), max_size=9)


@given(SITES, st.integers(1, 4), st.integers(1, 30))
def test_floods_by_brute_force(raw: list[tuple[int, int, int]], most: int, seconds: int) -> None:
    sites = [SiteSeen(b"%d" % site, float(min(a, b)), float(max(a, b))) for site, a, b in raw]
    wanted = any(
        len({one.site for one in sites if any(end - seconds < at <= end for at in (one.first_seen, one.last_seen))})
        > most
        for end in range(61)
    )
    assert flooded(sites, most, float(seconds)) == wanted
