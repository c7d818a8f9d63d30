"""Retention by one table, in a real Postgres (domain, section 4): what goes, what stays, and what a backup still opens."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from backends.postgres import vault_retention
from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_retention import Gone, VaultRetention
from backends.postgres.vault_store import PostgresVault, open_pool
from contracts.auditing import Act, audit_key
from contracts.casekeys import new_case_key, open_with, seal_for
from contracts.errors import Corrupt
from contracts.options import DAY
from contracts.removal import YEAR, Retention
from contracts.seal import Opener, Sealer, new_keys, opener
from tests.postgres import Database
from tests.vaults import NOW, record

KEYS = new_keys()
SEALER = Sealer(KEYS.public)
BY = Act("anna", "retention.run")
OLD = NOW - 181 * DAY
ADMIN_TABLES = "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"


class Place:
    """A vault with cases, of which tests know the keys."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", owner: "asyncpg.Connection[asyncpg.Record]", vault: PostgresVault
    ) -> None:
        self.pool, self.owner, self.vault = pool, owner, vault
        self.audit = VaultAudit(pool, audit_key(KEYS.series_key))
        self.numbers = itertools.count(1)

    async def run(self, *, dry: bool = False, ages: Retention | None = None) -> dict[str, tuple[int, int]]:
        """What went, and what was kept for a hold, by rule."""
        last: dict[str, Gone] = {}
        async for step in VaultRetention(self.pool, self.audit, BY).run(ages or Retention(), NOW, dry=dry):
            last[step.what] = step
        return {what: (step.deleted, step.held) for what, step in last.items() if step.deleted or step.held}

    async def count(self, table: str) -> int:
        return int(await self.owner.fetchval(f"SELECT count(*) FROM {table}"))

    async def seen(self, seed: int, place: int, at: float, *, matched: str = "") -> bytes:
        """A sighting, with a verdict if that has a state; the medium's SHA-256."""
        one = record(seed, place, at)
        await self.vault.store([one], [], at)
        await self.owner.execute(
            "UPDATE sightings SET sealed = $2 WHERE place = $1", one.place, SEALER.seal(f"http://h{place}.test/secret")
        )
        if matched:
            await self.owner.execute(
                "INSERT INTO entries (changed_seq, member_id, member_entry_id) VALUES (1, 1, $1) ON CONFLICT DO NOTHING",
                str(seed),
            )
            await self.owner.execute(
                "INSERT INTO matches (sha256, entry_id, found_at, distance, turn, quality, band, frames, at, near, algorithm, digest, state) "
                "SELECT $1, entry_id, 1, 0, 0, 100, 0, 0, 0, false, 'md5', '', $3 FROM entries WHERE member_entry_id = $2",
                one.sha256, str(seed), matched,
            )  # fmt: skip
        return one.sha256

    async def case(self, seed: int, place: int, at: float, state: str = "closed", hold: str = "") -> int:
        """A case over since `at`, with a sighting, a notice, a reply and a line of history, all under its key."""
        sha256 = await self.seen(seed, place, at, matched="open")
        key, text, millis = new_case_key(), f"http://h{place}.test/secret\n192.0.2.1\n", int(at * 1000)
        number: int = await self.owner.fetchval(
            "INSERT INTO cases (opened_at, changed_at, gone_at, closed_at, entry_id, near, place, sha256, state, kind, legal_hold, record, sealed) "
            "VALUES ($1, $1, CASE WHEN $2 = 'gone' THEN $1::bigint END, CASE WHEN $2 = 'closed' THEN $1::bigint END, 1, false, $3, $4, $2, 'csam', $5, '', $6) RETURNING case_id",
            millis, state, record(seed, place).place, sha256, hold, seal_for(key, text),
        )  # fmt: skip
        n = next(self.numbers)
        await self.owner.execute("INSERT INTO case_keys VALUES ($1, $2)", number, SEALER.seal_bytes(key))
        await self.owner.execute("INSERT INTO case_entries VALUES ($1, 1, 1)", number)
        await self.owner.execute(
            "INSERT INTO case_events (case_id, at, what, sealed) VALUES ($1, 1, 'moved', $2)",
            number,
            seal_for(key, text),
        )
        notice = await self.owner.fetchval(
            "INSERT INTO notices (made_at, next_at, places, recipient, kind, language, state, message_id, idempotency_key) "
            "VALUES (1, 1, 1, 'email:a@b.test', 'first', 'en', 'accepted', $1, $1) RETURNING notice_id", str(n),
        )  # fmt: skip
        await self.owner.execute("INSERT INTO notice_cases VALUES ($1, $2, '', 1, 1)", notice, number)
        replied, reply_key = int((NOW - 10) * 1000), new_case_key()
        reply = await self.owner.fetchval(
            "INSERT INTO replies (at, kept_at, kind, key, sealed, notice_id) VALUES ($1, $1, 'other', $2, $3, $4) RETURNING reply_id",
            replied, str(n).encode(), seal_for(reply_key, f"you said {text}"), notice,
        )  # fmt: skip
        await self.owner.execute("INSERT INTO reply_cases VALUES ($1, $2)", reply, number)
        await self.owner.execute("INSERT INTO reply_keys VALUES ($1, $2)", reply, SEALER.seal_bytes(reply_key))
        return number

    async def copy(self, *without: str) -> list[bytes]:
        """Every value of every table but those: a backup."""
        found: list[bytes] = []
        for row in await self.owner.fetch(ADMIN_TABLES):
            if row[0] not in without:
                for values in await self.owner.fetch(f"SELECT * FROM {row[0]}"):
                    found += [value if isinstance(value, bytes) else str(value).encode() for value in values]
        return found


@pytest.fixture
async def place(vault_database: Database) -> AsyncIterator[Place]:
    pool, hasher = [await open_pool(vault_database.dsn(role)) for role in ("pisaura_notices", "pisaura_hasher")]
    owner = await asyncpg.connect(vault_database.dsn())
    yield Place(pool, owner, PostgresVault(hasher))
    await owner.close()
    await pool.close()
    await hasher.close()


def opened(backup: list[bytes], keys: Opener) -> list[str]:
    """What a backup tells to somebody who has it and the key file: everything sealed to the role, and all that the keys in it open."""
    found: list[str] = []
    keyring: list[bytes] = []
    for value in backup:
        try:
            plain = keys.open_bytes(value)
        except Corrupt:
            continue
        if len(plain) == 32:
            keyring.append(plain)
        else:
            found.append(plain.decode("utf-8", "replace"))
    for key, value in itertools.product(keyring, backup):
        try:
            found.append(open_with(key, value))
        except Corrupt:
            continue
    found += [value.decode("utf-8", "replace") for value in backup]
    return [text for text in found if ".test/secret" in text]


# Domain, section 4: "unmatched sightings 180 d".
async def test_unmatched_sightings_go_after_180_days(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_retention, "BATCH", 2)
    for number in range(5):
        await place.seen(number, number, OLD)
    await place.seen(5, 5, NOW - 179 * DAY)
    await place.seen(6, 6, OLD, matched="open")
    await place.seen(7, 7, OLD, matched="confirmed")
    await place.seen(8, 8, OLD, matched="refused")
    await place.seen(9, 9, OLD)
    await place.seen(9, 10, NOW)
    assert await place.run(dry=True) == {"sightings": (7, 0)}
    assert await place.count("sightings") == 11, "a dry run deletes nothing"
    assert await place.run() == {"sightings": (7, 0), "media": (5, 0)}
    assert await place.count("sightings") == 4 and await place.count("media") == 5
    assert await place.run() == {}


async def test_a_medium_that_is_seen_again_after_it_went_is_stored_anew(place: Place) -> None:
    sha256 = await place.seen(1, 1, OLD)
    await place.run()
    assert await place.count("media") == 0
    await place.seen(1, 1, NOW)
    assert [one.sha256 for one in await place.vault.media([sha256])] == [sha256]


# Domain, section 4: "gone cases 1 y", "replies 1 y", "a legal hold stops deletion".
async def test_cases_go_a_year_after_they_ended_with_all_that_is_theirs(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_retention, "BATCH", 1)
    over = NOW - YEAR - DAY
    gone, closed = await place.case(1, 1, over, "gone"), await place.case(2, 2, over)
    young, held = await place.case(3, 3, NOW - YEAR + DAY), await place.case(4, 4, over, hold="court order 7")
    still = await place.case(5, 5, over, "notified")
    assert await place.run(dry=True) == {"cases": (2, 1)}
    assert await place.count("cases") == 5
    assert await place.run() == {"cases": (2, 1)}
    for table in ("cases", "case_keys", "case_entries", "case_events", "notice_cases"):
        left = [row[0] for row in await place.owner.fetch(f"SELECT case_id FROM {table} ORDER BY case_id")]
        assert left == sorted((young, held, still)), table
    assert (await place.count("sightings"), await place.count("notices"), await place.count("reply_keys")) == (3, 3, 3)
    assert gone != closed


async def test_a_case_that_was_back_counts_from_its_last_end(place: Place) -> None:
    number = await place.case(1, 1, NOW - 2 * YEAR, "gone")
    await place.owner.execute("UPDATE cases SET back_at = $2 WHERE case_id = $1", number, int((NOW - DAY) * 1000))
    assert await place.run() == {}


# "Withdrawn after a notice: a retraction to each recipient"; "Anyone told may appeal"
async def test_a_case_of_which_somebody_is_owed_an_answer_stays(place: Place) -> None:
    appealed, owed, stopped = [await place.case(seed, seed, NOW - 2 * YEAR) for seed in (1, 2, 3)]
    await place.owner.execute("UPDATE cases SET paused = true WHERE case_id = $1", appealed)
    await place.owner.execute(
        "INSERT INTO tells (case_id, place, kind, recipient, due_at, asked_at) VALUES ($1, '', 'retraction', 'email:a@b.test', 1, 1)",
        owed,
    )
    await place.owner.execute("INSERT INTO case_tasks (case_id, task, due_at) VALUES ($1, 'tick', 1)", stopped)
    assert await place.run() == {"cases": (0, 3)} and await place.count("case_keys") == 3
    await place.owner.execute("DELETE FROM case_tasks")
    assert (await place.run())["cases"] == (1, 2)


async def test_replies_go_after_a_year_but_not_on_hold(place: Place) -> None:
    await place.case(1, 1, NOW)
    await place.case(2, 2, NOW, hold="court order 7")
    await place.owner.execute("UPDATE replies SET kept_at = $1", int((NOW - YEAR - 1) * 1000))
    assert await place.run() == {"replies": (1, 1)}
    assert (await place.count("replies"), await place.count("reply_keys"), await place.count("reply_cases")) == (
        1,
        1,
        1,
    )


async def test_a_legal_hold_keeps_sightings_of_its_medium_everywhere(place: Place) -> None:
    number = await place.case(1, 1, OLD, hold="court order 7")
    await place.seen(1, 2, OLD)
    await place.owner.execute("UPDATE matches SET state = 'refused'")
    assert await place.run() == {}
    await place.owner.execute("UPDATE cases SET legal_hold = '' WHERE case_id = $1", number)
    assert await place.run() == {}, "the case is still young"


# Domain, section 4: "one key per case, so that destroying it empties the backups too".
async def test_after_the_key_is_destroyed_a_copy_of_all_tables_but_the_keys_opens_nothing(place: Place) -> None:
    await place.case(1, 1, NOW - YEAR - DAY)
    keys = ("case_keys", "reply_keys")
    long_kept = await place.copy(*keys, "sightings")  # as docs/operations.md writes one
    assert opened(await place.copy(), opener(KEYS)), "the test sees what can be seen"
    assert opened(await place.copy(*keys), opener(KEYS)), (
        "a sighting's place is sealed to the role, not to the case's key"
    )
    assert await place.run() == {"cases": (1, 0)}
    assert not opened(long_kept, opener(KEYS)), "a backup from before"
    assert not opened(await place.copy(*keys), opener(KEYS))
    assert not opened(await place.copy(), opener(KEYS)), "nor does anything that is left"


async def test_a_run_that_was_killed_after_the_key_was_destroyed_goes_on(place: Place) -> None:
    number = await place.case(1, 1, NOW - YEAR - DAY)
    await place.owner.execute("DELETE FROM case_keys WHERE case_id = $1", number)
    assert not opened(await place.copy("sightings", "matches"), opener(KEYS))
    assert await place.run() == {"cases": (1, 0)}
    assert await place.count("cases") == 0


async def test_a_case_with_a_key_is_never_deleted(place: Place) -> None:
    from backends.postgres.vault_queries import QUERIES

    number = await place.case(1, 1, NOW - YEAR - DAY)
    assert await place.pool.fetch(QUERIES["drop_cases"], [number]) == []
    assert await place.count("case_events") == 1


# Domain, section 4: "only key, entry, time, request id, for 30 days".
async def test_shield_matches_go_after_30_days(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_retention, "BATCH", 2)
    for number in range(5):
        at = int((NOW - (31 if number < 3 else 29) * DAY) * 1000)
        await place.owner.execute("INSERT INTO shield_matches VALUES (1, $1, $2, 'r')", number, at)
    assert await place.run(dry=True) == {"shield matches": (3, 0)}
    assert await place.run() == {"shield matches": (3, 0)}
    assert await place.count("shield_matches") == 2


# Domain, section 4: "audit 7 y"; the chain is whole after the cut.
async def test_lines_of_the_audit_go_after_7_years_and_the_chain_is_whole(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_retention, "BATCH", 2)
    for number in range(6):
        await place.audit.add(Act("anna", "cases.show", subject=str(number)))
    await age_the_audit(place, 5)
    assert (await place.audit.verify()).whole
    assert await place.run(dry=True) == {"audit": (5, 0)}
    assert await place.run(ages=replace(Retention(), audit=8 * YEAR)) == {}
    steps = VaultRetention(place.pool, place.audit, BY).run(Retention(), NOW, dry=False)
    async for step in steps:
        if step.deleted:
            break  # as if it were killed after the first batch
    await steps.aclose()  # type: ignore[attr-defined]
    report = await place.audit.verify()
    assert report.whole and (report.first, report.cut) == (3, 2)
    assert await place.run() == {"audit": (3, 0)}
    report = await place.audit.verify()
    assert report.whole and (report.first, report.cut) == (6, 5)
    assert await place.run() == {}


async def age_the_audit(place: Place, lines: int) -> None:
    """Write the first lines as if seven years had passed since, by the key."""
    from contracts.auditing import line_of, mac_of

    await place.owner.execute("ALTER TABLE audit DISABLE TRIGGER USER")
    previous = b""
    for seq in range(1, lines + 2):
        row = await place.owner.fetchrow(
            "SELECT (extract(epoch FROM at) * 1000000)::bigint AS at, subject FROM audit WHERE seq = $1", seq
        )
        assert row is not None
        at = int((NOW - 7.1 * YEAR) * 1e6) if seq <= lines else row["at"]
        mac = mac_of(place.audit._key, previous, line_of(Act("anna", "cases.show", subject=row["subject"]), seq, at))
        await place.owner.execute(
            "UPDATE audit SET at = to_timestamp(0) + $2 * interval '1 microsecond', previous = $3, mac = $4 WHERE seq = $1",
            seq, at, previous, mac,
        )  # fmt: skip
        previous = mac
    await place.owner.execute("ALTER TABLE audit ENABLE TRIGGER USER")
