"""Releases: exact cases in bulk by counts, held matches by two people."""

import pytest
from msgspec.structs import replace

from contracts.errors import UsageError
from contracts.vault import MatchRow
from notices.desk.further import MatchesAsked, Release, ReleaseMatch
from notices.desk.words import Asked
from tests.casework import medium, sighting
from tests.desks import ANNA, BERT, HOST, SAM, SUE, Desk, desks
from tests.postgres import Database
from tests.vaults import bench, entry, record


def asked(list_: str, cases: int) -> Release:
    return Release(list_, HOST.key, cases, "daily round")


# "a supervisor releases them in bulk from counts by list and recipient, seeing no case"
async def test_exact_cases_are_released_from_counts(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        numbers = [await desk.case(seed, near=False) for seed in (1, 2)]
        (line,) = (await desk.act(SUE, "review.ready", Asked())).ready
        assert (line.list, line.recipient, line.cases, line.may_notify) == ("sure", HOST.key, 2, True)
        with pytest.raises(UsageError, match="2 cases of this list and recipient wait now, not 3"):
            await desk.act(SUE, "review.release", asked("sure", 3))
        with pytest.raises(UsageError, match="0 cases"):
            await desk.act(SUE, "review.release", asked("other", 1))
        done = await desk.act(SUE, "review.release", asked("sure", 2))
        assert (done.released, done.stopped, done.done) == (2, 0, True)
        assert [(await desk.office.store.file(n)).case.state for n in numbers] == ["released"] * 2
        assert (await desk.act(SUE, "review.ready", Asked())).ready == []
        assert await desk.trail() == [("sue", "review.release", f"2 of list 'sure' to '{HOST.key}'", "daily round", 0)]


async def test_without_may_notify_two_release(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1, near=False, notify=False)
        for _ in range(2):
            done = await desk.act(SUE, "review.release", asked("plain", 1))
            assert (done.done, done.by, done.released) == (False, ["sue"], 0)
        assert (await desk.office.store.file(number)).case.state == "ready"
        done = await desk.act(SAM, "review.release", asked("plain", 1))
        assert (done.done, done.by, done.released) == (True, ["sue", "sam"], 1)
        assert (await desk.office.store.file(number)).case.released_by == ("sue", "sam")


async def held(desk: Desk) -> int:
    """A match that a guard holds, of a medium without a case."""
    entry = await desk.entry(9)
    seen = sighting(9, "http://host.test/9.png")
    await desk.work.vault.store(
        [seen], [MatchRow(seen.sha256, entry, "sha256", seen.sha256, held="tiny_media")], desk.now
    )
    return entry


# "no notice, an alert, release by two people"
async def test_a_held_match_counts_once_two_have_asked(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        entry, office = await held(desk), desk.work.office
        (one,) = (await desk.act(ANNA, "review.matches", MatchesAsked())).matches
        assert (one.sha256, one.entry, one.held, one.places) == (medium(9).hex(), entry, "tiny_media", 1)
        assert (await desk.act(ANNA, "review.matches", MatchesAsked(one.sha256, one.entry))).matches == []
        release = ReleaseMatch(one.sha256, entry, "the list's owner looked at it")
        seq = await office.seq()
        assert not (await desk.act(ANNA, "review.release_match", release)).done
        assert await desk.work.vault.matches_of([entry], None, 10) == []
        assert (await desk.act(BERT, "review.release_match", release)).done
        assert [match.sha256 for match in await desk.work.vault.matches_of([entry], None, 10)] == [medium(9)]
        assert await office.changed(seq) == {entry}, "the retro-match tells its places"
        assert "match released" in await office.happened(entry)
        with pytest.raises(UsageError, match="is not held"):
            await desk.act(BERT, "review.release_match", release)
        with pytest.raises(UsageError, match="does not match"):
            await desk.act(BERT, "review.release_match", ReleaseMatch("00" * 32, entry, "x"))
        again = MatchRow(medium(9), entry, "sha256", medium(9), held="tiny_media")
        await desk.work.vault.store([], [again], desk.now)
        assert len(await desk.work.vault.matches_of([entry], None, 10)) == 1, "no guard holds it again"
        assert await desk.work.vault.released([(medium(9), entry), (medium(8), entry)]) == {(medium(9), entry)}


# "A verdict belongs to (media SHA-256, entry), decided once, for all places past and future"
async def test_a_released_match_is_told_of_at_places_to_come(vault_database: Database) -> None:
    tiny = replace(record(1), size=500)
    async with bench(vault_database) as here, desks(vault_database) as desk:
        await here.add(entry("tiny", ("sha256", tiny.sha256)))
        await here.hasher.load()
        await here.hasher.handle([tiny])
        assert here.taken() == []
        (one,) = (await desk.act(ANNA, "review.matches", MatchesAsked())).matches
        for who in (ANNA, BERT):
            await desk.act(who, "review.release_match", ReleaseMatch(one.sha256, one.entry, "looked at"))
        await here.hasher.refresh()
        assert {match.place for match in here.taken()} == {tiny.place}, "the place at which it was seen before"
        later = replace(record(1, place=2), size=500)
        await here.hasher.handle([later])
        assert {match.place for match in here.taken()} == {later.place}
