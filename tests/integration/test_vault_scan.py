"""backends.postgres.vault_scan: everything once, in blocks, and what is held by list and reason."""

import pytest

from backends.postgres.vault_scan import VaultScan
from backends.postgres.vault_store import open_pool
from contracts.lists import ListSource
from tests.postgres import Database
from tests.vaults import ROLE, bench, entry, forms


@pytest.mark.parametrize("block", [1, 2, 7, 1000])
async def test_all_pdqs_come_once_with_their_entries(vault_database: Database, block: int) -> None:
    async with bench(vault_database) as here:
        wanted = {(f"e{n}", digest) for n in range(6) for digest in forms(n)[: 1 + n % 3]}
        await here.add(
            *(entry(f"e{n}", ("md5", forms(n)[7][:16]), *(("pdq", d) for d in forms(n)[: 1 + n % 3])) for n in range(6))
        )
        pool = await open_pool(vault_database.dsn(ROLE))
        try:
            scan = VaultScan(pool)
            found = []
            async for one in scan.pdqs(block):
                assert len(one.hashes) // 32 == len(one.entry_ids) // 8 <= block
                for at in range(len(one.hashes) // 32):
                    number = int.from_bytes(one.entry_ids[8 * at : 8 * at + 8])
                    found.append((number, one.hashes[32 * at : 32 * at + 32]))
            rows = await pool.fetch("SELECT entry_id, member_entry_id FROM entries")
            assert await scan.estimate() == 6
        finally:
            await pool.close()
    names = {row["entry_id"]: row["member_entry_id"] for row in rows}
    assert len(found) == len(set(found))
    assert {(names[number], digest) for number, digest in found} == wanted


async def test_what_is_held_by_list_and_reason(vault_database: Database) -> None:
    async with bench(vault_database) as here:
        held = entry("held", ("md5", bytes(16)), held="featureless")
        await here.add(held, entry("live", ("md5", bytes(range(16)))))
        await here.add(held, source=ListSource("copy"))
        pool = await open_pool(vault_database.dsn(ROLE))
        try:
            assert await VaultScan(pool).held_by_reason() == {"known": {"featureless": 1}, "copy": {"featureless": 1}}
        finally:
            await pool.close()
