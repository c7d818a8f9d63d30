"""What the notices role does by the clock: the end of the audit is exported each hour, and what people should be told is measured."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from backends.postgres.vault_audit import VaultAudit, read_anchors
from contracts.auditing import Act, audit_key
from contracts.cases import CaseState
from contracts.metrics import BY_NAME
from contracts.seal import new_keys
from contracts.settings import Settings
from crawlctl.roles.watch import WAITING, Watch
from tests.casework import NOW, casework, new_case
from tests.postgres import Database


class Now:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


# "Audit: hash chain HMACed with a key kept outside the database, its head exported hourly"
async def test_the_end_of_the_audit_is_exported_each_hour(vault_database: Database, tmp_path: Path) -> None:
    keys, now, file = new_keys(), Now(), tmp_path / "audit" / "audit.anchor"
    async with casework(vault_database) as desk:
        chain = VaultAudit(desk.pool, audit_key(keys.series_key))
        watch = Watch(Settings(), keys, desk.pool, file, now)
        assert list(watch.samples()) == []
        await watch.look()
        assert not file.exists(), "an audit without a line has no end"
        await chain.add(Act("anna", "cases.show"))
        for _ in range(3):
            await watch.look()
            now.at += 1200
        assert [one.seq for one in read_anchors(file)] == [1]
        await chain.add(Act("anna", "cases.show"))
        await watch.look()
        assert [(one.seq, one.at) for one in read_anchors(file)] == [(1, NOW), (2, NOW + 3600)]
        assert (await chain.verify(read_anchors(file))).whole
        assert {name: value for name, _, value in watch.samples()}[
            "pisaura_audit_anchor_timestamp_seconds"
        ] == NOW + 3600


async def test_a_file_that_cannot_be_written_is_told_and_tried_again(
    vault_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys, now, folder = new_keys(), Now(), tmp_path / "audit"
    folder.write_text("in the way")
    async with casework(vault_database) as desk:
        await VaultAudit(desk.pool, audit_key(keys.series_key)).add(Act("anna", "cases.show"))
        watch = Watch(Settings(), keys, desk.pool, folder / "audit.anchor", now)
        with caplog.at_level(logging.ERROR):
            await watch.look()
            await watch.look()
        assert len(caplog.records) == 1 and "the end of the audit is not exported" in caplog.text
        folder.unlink()
        await watch.look()
        assert len(read_anchors(folder / "audit.anchor")) == 1


async def test_samples_are_those_of_the_table(vault_database: Database) -> None:
    settings = Settings()
    live = replace(settings, notices=replace(settings.notices, sender="live"))
    async with casework(vault_database) as desk:
        await desk.open(new_case(1))
        watch = Watch(live, new_keys(), desk.pool, None, Now())
        await watch.look()
        found = {(name, labels): value for name, labels, value in watch.samples()}
    assert all(len(BY_NAME[name].labels) == len(labels) for name, labels in found)
    assert set(WAITING) <= set(CaseState)
    assert found["pisaura_sends_live", ()] == 1 and found["pisaura_sending", ()] == 0
    assert ("pisaura_audit_anchor_timestamp_seconds", ()) not in found, "nothing is exported here"
