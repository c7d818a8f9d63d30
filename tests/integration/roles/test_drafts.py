"""Files of a dry run go with their notices."""

import os
from pathlib import Path

from crawlctl.roles.drafts import Drafts
from tests.notifying import hotline
from tests.postgres import Database

DAY = 86_400.0
URL = "http://a.host.test/a.png"


# "Retention by one table [...]; a legal hold stops deletion; one key per case, so that destroying it empties the backups too"
async def test_a_file_goes_with_its_notice_and_no_other(vault_database: Database, tmp_path: Path) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        for _ in range(2):
            await line.settle()
            line.now += 300
        (number,) = [row["notice_id"] for row in await line.desk.pool.fetch("SELECT notice_id FROM notices")]
        names = [
            f"{number:08}-a@b.eml",
            "00000998-a@b.eml",
            "00000998-a@b.json",
            ".00000998-a@b.eml.new",
            "00000999-a@b.eml",
            "mine.eml",
        ]
        for name in names:
            (tmp_path / name).write_text("x")
            age = 10.0 if name.startswith("00000999") else 400 * DAY
            os.utime(tmp_path / name, (line.now - age, line.now - age))
        (tmp_path / "00000997-folder.eml").mkdir()
        drafts = Drafts(tmp_path, 365 * DAY, line.desk.pool, lambda: line.now)
        await drafts.tidy()
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {names[0], "00000999-a@b.eml", "mine.eml", "00000997-folder.eml"}
        await Drafts(tmp_path / "none", 1.0, line.desk.pool, lambda: line.now).tidy()
