"""What people should be told of the vault, read from a real one."""

from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_watch import VaultWatch
from contracts.auditing import Act, audit_key
from tests.casework import NOW, casework, new_case
from tests.postgres import Database

DAY = 86_400.0


async def test_an_empty_vault_has_nothing_to_tell(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        assert await VaultWatch(desk.pool).figures(NOW, DAY) == {
            "lookups_failing": 0, "tell_age": 0, "retractions_late": 0, "sending": 0, "keys_missing": 0, "retention_at": 0,
        }  # fmt: skip


# "Withdrawn after a notice: a retraction to each recipient within 24 h."
async def test_what_waits_is_told_with_its_age(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        numbers = sorted((await desk.open(new_case(1), new_case(2), new_case(3))).values())
        at = int(NOW * 1000)
        await desk.pool.execute("UPDATE cases SET opened_at = $1", at - 7_200_000)
        await desk.pool.execute("UPDATE cases SET state = 'in_review' WHERE case_id = $1", numbers[0])
        await desk.pool.execute("UPDATE cases SET state = 'gone' WHERE case_id = $1", numbers[1])
        await desk.pool.execute("DELETE FROM case_keys WHERE case_id = ANY ($1)", numbers[:2])
        await desk.pool.executemany(
            "INSERT INTO case_tasks (case_id, due_at, tries, task) VALUES ($1, $2, $3, 'lookup')",
            [(numbers[0], at, 3), (numbers[1], at, 2)],
        )
        await desk.pool.executemany(
            "INSERT INTO tells (case_id, due_at, asked_at, kind, recipient) VALUES ($1, $2, $2, $3, 'email:a@h.example')",
            [
                (numbers[0], at - 60_000, "first"),
                (numbers[1], at - 90_000, "retraction"),
                (numbers[2], at + 1, "first"),
            ],
        )
        await desk.pool.execute(
            "INSERT INTO notices (made_at, next_at, places, recipient, kind, language, state, message_id, idempotency_key)"
            " SELECT $1 - age, $1, 1, 'email:a@h.example', 'retraction', 'en', state, state || age, state || age"
            " FROM unnest('{0,86400000}'::bigint[]) AS age, unnest('{made,accepted}'::text[]) AS state",
            at,
        )
        await desk.pool.execute("INSERT INTO switches VALUES ('sending', 'on', 'anna', 0), ('auto', 'on', 'anna', 0)")
        found = await VaultWatch(desk.pool).figures(NOW, DAY)
    assert found == {
        "age:found": 7200, "age:in_review": 7200, "lookups_failing": 1, "tell_age": 60, "retractions_late": 2, "sending": 1,
        "keys_missing": 1, "retention_at": 0,
    }  # fmt: skip


async def test_a_dry_run_is_no_retention(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        chain, vault = VaultAudit(desk.pool, audit_key(b"k" * 32)), VaultWatch(desk.pool)
        await chain.add(Act("anna", "retention.run", purpose="a dry run"))
        now = float(await desk.pool.fetchval("SELECT extract(epoch FROM now())"))
        assert (await vault.figures(now, DAY))["retention_at"] == 0
        await chain.add(Act("anna", "retention.run"))
        assert abs((await vault.figures(now, DAY))["retention_at"] - now) < 60
        assert (await vault.figures(now + 8 * DAY, DAY))["retention_at"] == 0
