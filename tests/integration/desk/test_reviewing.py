"""Review: the next case, decisions by two people who do not see each other's word, sums of the team."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import asdict

from contracts.casedesk import CLAIM, SKIPPED
from contracts.errors import UsageError
from contracts.people import Identity
from notices.desk.further import StatsAsked
from notices.desk.words import Asked, CaseAsked, CasesAsked, Decide, Reasoned
from notices.reviews import BASES
from tests.desks import ANNA, BERT, CARL, SAM, SUE, VERA, Desk, desks
from tests.postgres import Database

ASSESSED = "assessed-in-hotline-tool"
OWNER = "confirmed-by-list-owner"
METADATA = "metadata-only"


async def next_(desk: Desk, who: Identity) -> int:
    found = (await desk.act(who, "review.next", Asked())).case
    return found.line.case if found else 0


async def say(desk: Desk, who: Identity, number: int, decision: str, basis: str = ASSESSED) -> str:
    became = await desk.act(who, "review.decide", Decide(number, decision, basis, f"{who.name} says {decision}"))
    return str(became.state)


async def state(desk: Desk, number: int) -> str:
    return str((await desk.office.store.file(number)).case.state)


async def test_no_case_is_put_before_two_people_and_nothing_advances_by_itself(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        first, second = await desk.case(1), await desk.case(2)
        assert [await next_(desk, ANNA) for _ in range(3)] == [first] * 3
        assert await next_(desk, BERT) == second and await next_(desk, CARL) == 0
        desk.later(CLAIM + 10)
        assert await next_(desk, CARL) == first, "a claim ends"
        assert await next_(desk, ANNA) == second


async def test_two_who_ask_at_once_get_two_cases(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        cases = {await desk.case(seed) for seed in (1, 2)}
        assert {*await asyncio.gather(next_(desk, ANNA), next_(desk, BERT))} == cases


# "skipping needs no reason"
async def test_who_skips_a_case_is_asked_no_reason_and_gets_another(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        first, second = await desk.case(1), await desk.case(2)
        assert await next_(desk, ANNA) == first
        await desk.act(ANNA, "review.skip", CaseAsked(first))
        assert await next_(desk, ANNA) == second and await next_(desk, BERT) == first
        assert await desk.trail() == []
        desk.later(SKIPPED + 10)
        await desk.act(ANNA, "review.skip", CaseAsked(second))
        assert await next_(desk, ANNA) == first


# "Near ones need two decisions whose basis is `assessed-in-hotline-tool` or `confirmed-by-list-owner`"
async def test_two_decisions_release_a_near_case(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        assert await say(desk, ANNA, number, "release") == "in_review"
        assert await say(desk, BERT, number, "release", OWNER) == "released"
        assert [line[:3] for line in await desk.trail()] == [
            (name, "review.decide", str(number)) for name in ("anna", "bert")
        ]


# "`metadata-only` may hold, dispute or close, never release"
async def test_metadata_alone_never_releases(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        with pytest.raises(UsageError, match="never release"):
            await say(desk, ANNA, number, "release", METADATA)
        for who in (ANNA, BERT):
            became = await say(desk, who, number, "hold", METADATA)
        assert became == "held"


# "The second reviewer does not see the first's word"
async def test_the_second_does_not_see_the_first_s_word(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        before = {name: await seen(desk, BERT, number, name) for name in ("cases.show", "review.show")}
        await say(desk, ANNA, number, "close", METADATA)
        for name, shown in before.items():
            assert await seen(desk, BERT, number, name) == shown, "the case looks as before"
            assert "anna" not in str(shown)
        assert "anna says close" in str(await seen(desk, ANNA, number, "review.show"))
        (line,) = (await desk.act(VERA, "cases.ls", CasesAsked())).cases
        assert (line.state, line.why) == ("in_review", before["cases.show"]["line"].why)
        assert "close" not in str(await desk.trail())
        assert await next_(desk, ANNA) == 0 and await next_(desk, BERT) == number
        await say(desk, BERT, number, "close", METADATA)
        assert {one.person for one in (await desk.act(SUE, "cases.show", CaseAsked(number))).decisions} == {
            "anna",
            "bert",
        }


async def seen(desk: Desk, who: Identity, number: int, name: str) -> dict[str, Any]:
    return asdict(await desk.act(who, name, CaseAsked(number)))


# "Nobody approves an act of their own"
@pytest.mark.parametrize(
    "again",
    [
        ANNA,
        Identity("anna", "analyst", 99),
        Identity("Anna ", "analyst", 98),
        Identity("other name", "analyst", ANNA.account),
    ],
)
async def test_nobody_decides_twice(vault_database: Database, again: Identity) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        await say(desk, ANNA, number, "release")
        with pytest.raises(UsageError, match="you have decided"):
            await say(desk, again, number, "release")
        assert await state(desk, number) == "in_review" and await next_(desk, again) == 0


async def test_a_third_decides_where_two_do_not_agree(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        await say(desk, ANNA, number, "release")
        assert await say(desk, BERT, number, "close") == "in_review"
        assert await next_(desk, CARL) == number
        assert "says" not in str(await seen(desk, CARL, number, "review.show"))
        assert await say(desk, CARL, number, "close") == "closed"
        with pytest.raises(UsageError, match="waits for no review"):
            await say(desk, SUE, number, "close")


async def test_what_two_hold_they_decide_anew(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        for who in (ANNA, BERT):
            await say(desk, who, number, "hold", METADATA)
        assert await say(desk, ANNA, number, "release", OWNER) == "in_review"
        with pytest.raises(UsageError, match="you have decided"):
            await say(desk, ANNA, number, "close")
        assert await say(desk, CARL, number, "release", OWNER) == "released"


# "Exact cases of verified entries are released in bulk, never put before a person"
async def test_exact_cases_of_verified_entries_are_never_put_before_a_person(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1, near=False)
        assert await next_(desk, ANNA) == 0
        for name, asked in (
            ("review.show", CaseAsked(number)),
            ("review.decide", Decide(number, "release", ASSESSED, "x")),
        ):
            with pytest.raises(UsageError, match="waits for no review"):
                await desk.act(ANNA, name, asked)


async def test_a_word_counts_for_the_entry_that_was_shown(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        for basis, entry, said in (("a guess", 0, "a basis is one of"), (ASSESSED, 77, "another leading entry")):
            with pytest.raises(UsageError, match=said):
                await desk.act(ANNA, "review.decide", Decide(number, "hold", basis, "x", entry))
        with pytest.raises(UsageError, match="a decision is one of"):
            await desk.act(ANNA, "review.decide", Decide(number, "approve", BASES[0], "x"))
        with pytest.raises(UsageError, match="--why"):
            await desk.act(ANNA, "review.decide", Decide(number, "hold", METADATA, "  "))


# "`stats` shows team sums only"
async def test_sums_of_the_team_name_nobody(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        first, second, third = [await desk.case(seed) for seed in (1, 2, 3)]
        await say(desk, ANNA, first, "release")
        await say(desk, BERT, first, "release", OWNER)
        await say(desk, ANNA, second, "release")
        await say(desk, BERT, second, "close", METADATA)
        sums = await desk.act(VERA, "review.stats", StatsAsked())
        assert (sums.waiting, sums.waiting_second) == (2, 1) and sums.oldest > 0
        assert sums.decided == {"release": 3, "close": 1}
        assert sums.by_basis == {ASSESSED: 2, OWNER: 1, METADATA: 1}
        assert (sums.cases_decided, sums.disagreed) == (2, 1)
        assert "anna" not in str(sums)
        # "The second reviewer does not see the first's word": not as a sum of one either
        await say(desk, ANNA, third, "dispute")
        assert (await desk.act(BERT, "review.stats", StatsAsked(desk.now - 1))).decided == {}
        assert (await desk.act(BERT, "review.stats", StatsAsked())).decided == sums.decided
        await say(desk, BERT, third, "dispute")
        assert (await desk.act(VERA, "review.stats", StatsAsked(desk.now - 1))).decided == {"dispute": 1}
        none = await desk.act(VERA, "review.stats", StatsAsked(1.0, 2.0))
        assert (none.decided, none.cases_decided, none.waiting) == ({}, 0, 1)
        with pytest.raises(UsageError, match="--from"):
            await desk.act(VERA, "review.stats", StatsAsked(5.0, 2.0))
        assert third


# "`metadata-only` may hold, dispute or close"; a dispute of an exact match is our organisation's opinion of the entry
async def test_two_who_dispute_an_exact_match_dispute_its_entry(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1, near=False, trusted=False)
        entry = (await desk.office.store.file(number)).case.entry_id
        assert await state(desk, number) == "in_review"
        await say(desk, ANNA, number, "dispute", METADATA)
        assert "opinion" not in str(await desk.work.office.happened(entry))
        assert await say(desk, BERT, number, "dispute", METADATA) != "in_review"
        (view,) = await desk.work.office.desk.resolve(str(entry))
        assert [(one.organisation, one.verdict) for one in view.opinions] == [("Hotline", "dispute")]
        assert view.standing == "disputed"


async def test_what_a_person_stopped_waits_for_no_review(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        await desk.act(SAM, "cases.stop", Reasoned(number, "wait"))
        assert await next_(desk, ANNA) == 0
