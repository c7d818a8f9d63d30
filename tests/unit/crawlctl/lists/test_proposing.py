"""Domain, section 1: "`lists propose` queues own entries and feedback to the sources"."""

import json

import pytest

from contracts.desk import Proposal
from crawlctl.lists import proposing

MADE = [Proposal(n, n + 10, f"IWF/{n}", ["iwf"], "dispute", "", "a logo", 1_700_000_000.0) for n in range(1, 6)]


async def page(after: int, limit: int) -> list[Proposal]:
    return [one for one in MADE if one.number > after][:limit]


async def nothing(_after: int, _limit: int) -> list[Proposal]:
    return []


async def test_all_of_them_oldest_first(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "PAGE", 2)
    await proposing.show(page, as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["number"] for row in rows] == [11, 12, 13, 14, 15]
    assert rows[0] == {
        "number": 11, "entry": "IWF/1", "lists": ["iwf"], "verdict": "dispute", "by": "", "why": "a logo",
        "at": "2023-11-14T22:13:20Z",
    }  # fmt: skip


async def test_for_people(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "PAGE", 2)
    monkeypatch.setattr(proposing, "SHOWN", 3)
    await proposing.show(page, as_json=False)
    out = capsys.readouterr().out
    assert "IWF/3" in out and "IWF/4" not in out and "the first 3" in out
    await proposing.show(nothing, as_json=False)
    assert capsys.readouterr().out == "nothing to propose\n"
