"""What nobody may learn of cases (docs/domain.md, section 4): where who is told was looked up, and the line of each batch that is opened."""

from pathlib import Path
from typing import Any

import pytest

from backends.memory.log import MemoryLog
from backends.postgres.vault_audit import VaultAudit
from contracts.auditing import SERVICE, audit_key
from contracts.errors import Unavailable
from contracts.recipients import Finding, LookedUp, Recipient
from contracts.settings import Settings
from crawlctl.roles.casework import casework as put_together
from tests.casework import KEYS, NOW, casework
from tests.notifying import Book, hotline
from tests.postgres import Database

pytestmark = pytest.mark.timeout(60)
URL = "http://a.host.test/a.png"
UPSTREAM = Recipient("email:noc@host.test", "network", "NOC", "email", "noc@host.test")
REFUSED = (
    "abuse@host.test (abuse contact of the network) is refused: it lies inside the reported site's own domain host.test"
)


class Telling(Book):
    """Nobody is found, and all that is said names the site."""

    async def look_up(self, url: str, address: str, now: float) -> LookedUp:
        said = (Finding("countries", "a.host.test", "rdap NL", now),)
        return LookedUp(None, (UPSTREAM,), (), "", REFUSED, said, now)


# "No location [...] in logs, metrics, errors": nor in rows, but sealed
async def test_why_nobody_is_told_names_no_site_in_the_open(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        line.book = Telling()
        line.service = line.another()
        line.pages[URL] = ["http://pages.host.test/1"]
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        await line.settle()
        assert "reasoning" in await line.history(1)
        rows: list[Any] = []
        for table in ("cases", "case_events", "case_tasks", "recipients", "notices", "rechecks", "tells"):
            rows += await line.desk.pool.fetch(f"SELECT * FROM {table}")
        assert rows and "host.test" not in "".join(str(tuple(row)) for row in rows)
        assert "nobody is known who could be told" in str([tuple(row) for row in rows])


# "Audit: [...] One row per person's read of a location; one per batch for services"
async def test_each_batch_of_places_that_is_opened_is_written_down(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(*[await line.desk.seen(1, f"http://h{n}.host.test/a.png", one) for n in range(3)])
        await line.settle()
        line.now += 300
        await line.settle()
        assert {(act, places) for act, places in line.opened} == {
            ("cases.match", 3), ("cases.recheck", 3), ("cases.lookup", 3), ("notices.hand_over", 3),
        }  # fmt: skip


async def test_what_cannot_be_written_down_leaves_nowhere(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        match = await line.desk.seen(1, URL, one)
        refused = {"cases.match", "cases.recheck"}

        async def fails(act: str, places: int) -> None:
            if act in refused:
                raise Unavailable("the vault is away")

        line.service.cases.opens = fails
        with pytest.raises(Unavailable):
            await line.found(match)
        assert await line.states() == []
        refused.remove("cases.match")
        await line.found(match)
        with pytest.raises(Unavailable):
            await line.service.checking.ask()
        assert line.web.asked == []
        refused.add("cases.lookup")
        refused.remove("cases.recheck")
        with pytest.raises(Unavailable):
            await line.settle()
        assert line.book.asked == []
        refused.remove("cases.lookup")
        refused.add("notices.hand_over")
        for _ in range(3):
            line.now += 300
            await line.settle()
        assert [state for _, _, state, _ in await line.outbox()] == ["made"] and line.post.taken == []


async def test_the_role_writes_its_lines_into_the_chain(vault_database: Database, tmp_path: Path) -> None:
    async with casework(vault_database, most=6) as desk:
        (one,) = await desk.entries(1)
        match = await desk.seen(1, URL, one)
        async with put_together(Settings(), KEYS, desk.pool, MemoryLog(), 4, lambda: NOW, tmp_path) as cases:
            await cases.service.handle([match, match])
        chain = VaultAudit(desk.pool, audit_key(KEYS.series_key))
        assert (await chain.verify()).whole
        lines = await chain.page(0, 10)
        assert [(x.person, x.role, x.act, x.places, x.subject) for x in lines] == [
            ("notices", SERVICE, "cases.match", 2, "")
        ]
