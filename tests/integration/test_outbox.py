"""The outbox, killed: "kill -9 between any two steps sends each notice at least once, with one Message-ID and idempotency key, and at
most one resend per kill"."""

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from contracts.seal import to_bytes
from tests.casework import KEYS, ROLE
from tests.integration.crawls import REPOSITORY
from tests.notifying import Hotline, hotline, line_of
from tests.postgres import Database

POINTS = 8
"""Before and after: the notice's commit, its being taken, its handing over, what became of it."""


async def dies(database: Database, folder: Path, now: float, point: int) -> int:
    """Run such a process; how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.outbox_process", database.dsn(ROLE), str(folder / "keys"),
        str(folder / "taken"), str(now), str(point), cwd=REPOSITORY,
    )  # fmt: skip
    return await process.wait()


async def released(line: Hotline, number: int) -> None:
    """A case that is to be told, of an entry and with a recipient of its own."""
    url = f"http://a.host{number}.test/a.png"
    await line.found(await line.desk.seen(number, url, number + 1))
    await line.settle()


@pytest.mark.timeout(120)
async def test_a_notice_is_sent_once_or_once_more_for_each_kill(vault_database: Database, tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(to_bytes(KEYS))
    (tmp_path / "taken").touch()
    ends: list[int] = []
    async with hotline(vault_database) as line:
        await line.desk.entries(*range(POINTS + 1))
        for point in range(POINTS + 1):
            await released(line, point)
            line.now += 240
            ends.append(await dies(vault_database, tmp_path, line.now, point))
            line.now += 200  # the dead process's lease is over
            await line.settle()
        taken = (tmp_path / "taken").read_text() + "".join(line_of(notice) for notice in line.post.taken)
        rows = await line.desk.pool.fetch(
            "SELECT message_id, idempotency_key, state, tries FROM notices ORDER BY notice_id"
        )
    assert ends == [-signal.SIGKILL] * POINTS + [0]
    assert [row["state"] for row in rows] == ["accepted"] * (POINTS + 1)
    counted = Counter(taken.splitlines())  # whole notices: a resend is the same to the byte
    assert {line.split("\t")[:2][0] for line in counted} == {row["message_id"] for row in rows}
    assert len(counted) == len(rows)
    # Only who died after it was handed over, and before that was written down, sends it again.
    assert [counted[line] for row in rows for line in counted if line.startswith(row["message_id"])] == [
        1, 1, 1, 1, 1, 2, 2, 1, 1,
    ]  # fmt: skip
