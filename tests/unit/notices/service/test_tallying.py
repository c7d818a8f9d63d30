"""What matches add up to: rows and holds and hosts; in an order that may be cut off anywhere."""

import logging
from collections.abc import Sequence

import pytest

from contracts.errors import Unavailable
from contracts.lists import FLOOD
from contracts.location import located
from contracts.messages import Match
from contracts.seal import Opener, Sealer, new_keys
from contracts.settings import Lists
from contracts.tallies import Recorded, Seen, SiteSeen
from notices.service.matching import Opened, opened
from notices.service.tallying import Tallying

KEYS = new_keys()


def match(entry: int, location: str) -> Opened:
    sealed = Sealer(KEYS.public, KEYS.place_key).seal(location)
    found = opened(Match(bytes(32), bytes(32), sealed, entry, "md5", 0, 0, False, 5.0), Opener(KEYS.secret))
    assert isinstance(found, Opened)
    return found


class Vault:
    """Tallies in memory. `fails`: the step that the vault does not answer."""

    def __init__(self, live: set[int], sites: dict[int, int] | None = None) -> None:
        self.live, self.sites, self.fails = live, sites or {}, ""
        self.seen: list[Seen] = []
        self.held: list[tuple[tuple[int, ...], str, str, float]] = []

    async def record(self, seen: Sequence[Seen], sites: int, seconds: float) -> Recorded:
        if self.fails == "record":
            raise Unavailable("away")
        self.seen += seen
        busy = {
            n: [SiteSeen(b"%d" % k, 5.0, 5.0) for k in range(many)] for n, many in self.sites.items() if many > sites
        }
        return Recorded(frozenset(self.live & {one.entry_id for one in seen}), busy)

    async def hold(self, entry_ids: Sequence[int], reason: str, why: str, now: float) -> int:
        if self.fails == "hold":
            raise Unavailable("away")
        self.held.append((tuple(entry_ids), reason, why, now))
        return len(entry_ids)


def service(vault: Vault) -> Tallying:
    return Tallying(vault, KEYS.place_key, Lists(), lambda: 9.0)


async def test_hosts_of_matches_that_count() -> None:
    vault = Vault({1, 2})
    told = await service(vault).handle([
        match(1, located("http://a.test/i.png", "192.0.2.7")),
        match(2, "http://b.test/i.png"),
        match(3, "http://held.test/i.png"),
    ])  # fmt: skip
    assert told == ["a.test", "b.test"]
    assert [one.entry_id for one in vault.seen] == [1, 2, 3] and vault.held == []
    assert await service(vault).handle([]) == []


# "An entry of any algorithm seen on more than 20 sites in 24 h: no notice, an alert, release by two people"
async def test_a_flood_is_held_and_tells_no_host(caplog: pytest.LogCaptureFixture) -> None:
    vault = Vault({1, 2, 3}, {1: 21, 2: 20})
    notices = service(vault)
    with caplog.at_level(logging.WARNING):
        assert await notices.handle([match(n, f"http://h{n}.test/") for n in (1, 2, 3)]) == ["h2.test", "h3.test"]
    assert vault.held == [((1,), FLOOD, "seen on more than 20 sites within 24 h", 9.0)]
    assert notices.held == {FLOOD: 1}
    assert "1 entries were seen on more than 20 sites within 24 h: held until two people release them" in caplog.text
    assert "test" not in caplog.text and KEYS.place_key.hex() not in caplog.text


async def test_what_was_cut_off_is_done_when_it_comes_again() -> None:
    vault = Vault({1}, {1: 21})
    notices, batch = service(vault), [match(1, "http://a.test/")]
    for step in ("record", "hold"):
        vault.fails = step
        with pytest.raises(Unavailable):
            await notices.handle(batch)
        assert vault.held == []
    vault.fails = ""
    assert await notices.handle(batch) == [] and len(vault.held) == 1
