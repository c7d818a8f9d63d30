"""Whether a match counts is asked in three ways: shown to people, told to notices, and summed. All three must say the same."""

from itertools import product

import asyncpg

from contracts.lists import ListSource
from contracts.vault import MatchRow
from tests.postgres import Database
from tests.vaults import NOW, bench, entry, record

CARRIED = ("carried", "going", "gone", "not for matching")
STANDINGS = ("unverified", "verified", "disputed", "held", "withdrawn")
STATES = ("open", "confirmed", "refused")
CASES = [*product(CARRIED[:1], STANDINGS, STATES, ("", "stop_frame"), (False, True)), *product(CARRIED, STANDINGS[:1], STATES[:1], ("",), (False,))]  # fmt: skip
SUMMED = "SELECT entry_id FROM counted_entries JOIN counted_pairs USING (entry_id)"


def counts(carried: str, standing: str, state: str, held: str, refused: bool) -> bool:
    """Domain, section 1: withdrawn and held entries match nothing, "a refused one suppresses that pair", and an entry matches while
    a list for matching carries it."""
    live = carried == "carried" and standing not in ("held", "withdrawn")
    return live and state in ("open", "confirmed") and not held and not refused


async def test_a_match_counts_for_all_or_for_none(vault_database: Database) -> None:
    async with bench(vault_database) as here:
        for number, (carried, *_) in enumerate(CASES, 1):
            uses = ("export",) if carried == "not for matching" else ("match",)
            await here.add(
                entry(str(number), ("sha1", record(number).sha1)), source=ListSource(f"{uses[0]} list", uses=uses)
            )
        records = [record(number) for number in range(1, len(CASES) + 1)]
        rows = [MatchRow(one.sha256, number, "sha1", one.sha1) for number, one in enumerate(records, 1)]
        assert await here.vault.store(records, rows, NOW) == len(CASES)
        owner = await asyncpg.connect(vault_database.dsn())
        try:
            for number, (carried, standing, state, held, refused) in enumerate(CASES, 1):
                if carried in ("going", "gone"):
                    gone = 1 if carried == "going" else 3
                    await owner.execute("UPDATE list_entries SET state = $2 WHERE entry_id = $1", number, gone)
                reason = "many_sites" if standing == "held" else ""
                await owner.execute(
                    "UPDATE entries SET standing = $2, held = $3 WHERE entry_id = $1", number, standing, reason
                )
                await owner.execute("UPDATE matches SET state = $2, held = $3 WHERE entry_id = $1", number, state, held)
                if refused:
                    await owner.execute(
                        "INSERT INTO suppressions (sha256, entry_id, why, by_whom, at) VALUES ($1, $2, '', '', 1)",
                        records[number - 1].sha256, number,
                    )  # fmt: skip
            expected = {number for number, case in enumerate(CASES, 1) if counts(*case)}
            shown = {int(view.entry.partition("/")[2]) async for view in here.reads.matches() if view.counts}
            told = {match.entry_id for match in await here.vault.matches_of(range(1, len(CASES) + 1), None, 10**6)}
            summed = {row[0] for row in await owner.fetch(SUMMED)}
        finally:
            await owner.close()
    assert shown == expected
    assert told == expected
    assert summed == expected
