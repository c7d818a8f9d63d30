"""Who saw places, and for what: lines that are only ever added, and nothing shown that cannot be written down."""

import json
import stat
from pathlib import Path

import pytest

from contracts.errors import UsageError
from crawlctl.audit import FILE, Audit, purpose_of, user_name


async def test_lines_are_added(tmp_path: Path) -> None:
    audit = Audit.in_folder(tmp_path, "matches", "case 1")
    await audit.revealed(3)
    await audit.revealed(0)
    await Audit.in_folder(tmp_path, "explain", 'ü "x"').revealed(1)
    text = (tmp_path / FILE).read_text("ascii")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["verb"], line["purpose"], line["places"]) for line in lines] == [
        ("matches", "case 1", 3), ("matches", "case 1", 0), ("explain", 'ü "x"', 1),
    ]  # fmt: skip
    assert audit.lines == 2
    assert all(line["user"] == user_name() and line["time"].endswith("Z") for line in lines)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


async def test_what_cannot_be_written_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no place is shown"):
        await Audit.in_folder(tmp_path, "matches", "x").revealed(1)
    assert not (tmp_path / "elsewhere").exists()


def test_purpose() -> None:
    assert purpose_of(None) == ""
    assert purpose_of(" case\n7 ") == "case 7"
    for wrong in ("", " ", "x" * 501):
        with pytest.raises(UsageError, match="--purpose"):
            purpose_of(wrong)


async def test_what_root_writes_is_the_folders_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[tuple[int, int]]()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda _descriptor, user, group: given.append((user, group)))
    await Audit.in_folder(tmp_path, "series", "case 1").revealed(1)
    assert given == [(tmp_path.stat().st_uid, tmp_path.stat().st_gid)]
