"""Who saw places, and for what: lines that are only ever added, and nothing shown that cannot be written down."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from contracts.auditing import Act
from contracts.errors import UsageError
from contracts.people import Identity
from crawlctl.audit import FILE, Audit, act_by, copy, purpose_of, user_name

ANNA = Identity("anna", "analyst", 7)


class Kept(list[Act]):
    """Where acts stay."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails

    async def keep(self, act: Act) -> None:
        if self.fails:
            raise UsageError("the vault cannot be written: no place is shown")
        self.append(act)


async def test_lines_are_added(tmp_path: Path) -> None:
    kept = Kept()
    audit = Audit("matches", "case 1", kept.keep, folder=tmp_path)
    await audit.revealed(3)
    await audit.revealed(0)
    await Audit("explain", 'ü "x"', kept.keep, folder=tmp_path).revealed(1)
    text = (tmp_path / FILE).read_text("ascii")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["verb"], line["purpose"], line["places"]) for line in lines] == [
        ("matches", "case 1", 3), ("matches", "case 1", 0), ("explain", 'ü "x"', 1),
    ]  # fmt: skip
    assert audit.lines == 2
    assert all(line["user"] == user_name() and line["time"].endswith("Z") for line in lines)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [(act.act, act.purpose, act.places) for act in kept] == [
        (line["verb"], line["purpose"], line["places"]) for line in lines
    ]


async def test_what_cannot_be_written_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no place is shown"):
        await Audit("matches", "x", Kept().keep, folder=tmp_path).revealed(1)
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / FILE).unlink()
    audit = Audit("matches", "x", Kept(fails=True).keep, folder=tmp_path)
    with pytest.raises(UsageError, match="no place is shown"):
        await audit.revealed(1)
    assert not (tmp_path / FILE).exists() and audit.lines == 0


async def test_names_of_series_and_exports_are_written_down_too() -> None:
    kept = Kept()
    audit = Audit("lists export", "for a partner", kept.keep, ANNA)
    await audit.named(2)
    await audit.exported("iwf", 3, "were written as csv")
    assert [act.purpose for act in kept] == [
        "2 names of series; for a partner", "list 'iwf', 3 entries, were written as csv; for a partner",
    ]  # fmt: skip


def test_an_act_is_of_an_account_or_else_of_the_operating_systems_user(tmp_path: Path) -> None:
    machine = socket.gethostname()
    assert act_by(ANNA, "matches", places=2) == Act("anna", "matches", 7, "analyst", "", 2, "", os.getuid(), machine)
    assert act_by(None, "matches") == Act(user_name(), "matches", uid=os.getuid(), machine=machine)


async def test_the_copy_names_the_account(tmp_path: Path) -> None:
    await Audit("matches", "x", Kept().keep, ANNA, tmp_path).revealed(1)
    line = json.loads((tmp_path / FILE).read_text())
    assert (line["user"], line["account"], line["role"]) == ("anna", 7, "analyst")


def test_purpose() -> None:
    assert purpose_of(None) == ""
    assert purpose_of(" case\n7 ") == "case 7"
    for wrong in ("", " ", "x" * 501):
        with pytest.raises(UsageError, match="--purpose"):
            purpose_of(wrong)


def test_what_root_writes_is_the_folders_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[tuple[int, int]]()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda _descriptor, user, group: given.append((user, group)))
    copy(tmp_path, {"user": "root", "purpose": "case 1"})
    assert given == [(tmp_path.stat().st_uid, tmp_path.stat().st_gid)]
