"""Entries as people meet them: found by number, name or digest, judged, withdrawn, released by two."""

import json
from functools import partial

import pytest

from contracts.desk import ListDesk
from contracts.errors import UsageError
from contracts.lists import Opinion
from crawlctl.lists import entries
from tests.unit.crawlctl.lists.desks import ANN, BOB, NOW, SHARED, FakeDesk, view


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(view(1, ("md5", SHARED)), view(2, ("md5", SHARED), ("sha1", bytes(20)), held="many_sites"), view(3))


@pytest.mark.parametrize("ref", ["3", "IWF/3", " 3 "])
async def test_an_entry_by_its_number_or_name(desk: FakeDesk, ref: str) -> None:
    found = await entries.one(desk, ref, as_json=False)
    assert found.entry_id == 3


async def test_a_digest_resolves_to_its_entries_and_lists_them(
    desk: FakeDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue: "a digest resolves to its entries and lists them"."""
    assert (await entries.one(desk, bytes(20).hex(), as_json=True)).entry_id == 2
    with pytest.raises(UsageError, match="2 entries have this digest") as refused:
        await entries.one(desk, SHARED.hex(), as_json=True)
    assert [json.loads(line)["number"] for line in capsys.readouterr().out.splitlines()] == [1, 2]
    assert SHARED.hex() not in str(refused.value)
    with pytest.raises(UsageError):
        await entries.one(desk, SHARED.hex(), as_json=False)
    assert "IWF/1" in capsys.readouterr().out


async def test_none_is_meant(desk: FakeDesk) -> None:
    with pytest.raises(UsageError, match="there is no entry") as refused:
        await entries.one(desk, "ab" * 16, as_json=False)
    assert "abab" not in str(refused.value)


async def test_an_opinion(desk: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    await entries.say(desk, "1", Opinion("Hotline", "confirm", "seen"), ANN, NOW, as_json=True)
    await entries.say(desk, "1", Opinion("Hotline", "dispute", "seen"), ANN, NOW, as_json=False)
    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"number": 1, "entry": "IWF/1", "before": "unverified", "standing": "verified"}
    assert second == "entry 1: Hotline says dispute: verified -> disputed"


async def test_a_withdrawal(desk: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    await entries.withdraw(desk, "IWF/3", "a logo", ANN, NOW, as_json=False)
    assert capsys.readouterr().out == "entry 3: withdrawn for us: unverified -> withdrawn\n"


async def test_a_release_takes_two_people(desk: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    """Domain, section 1: "Held. [...] no notice, an alert, release by two people"."""
    await entries.release(desk, "2", "looked at", ANN, NOW, as_json=True)
    await entries.release(desk, "2", "looked at", ANN, NOW, as_json=False)
    await entries.release(desk, "2", "me too", BOB, NOW, as_json=False)
    first, again, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"number": 2, "entry": "IWF/2", "held": "many_sites", "done": False, "by": ["ann"]}
    assert "another person must ask for the same within 7 days" in again
    assert second == "entry 2: released (many_sites) (asked for by ann and bob)"


async def test_entries_come_page_by_page(
    desk: FakeDesk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "PAGE", 2)
    assert await entries.show(entries.paged(partial(desk.entries, "iwf")), "none", as_json=True) == 3
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert rows[0]["digests"] == [{"algorithm": "md5", "digest": SHARED.hex()}]
    assert not any("note" in row for row in rows)
    assert desk.pages == 2


async def test_a_table_has_an_end(
    desk: FakeDesk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "SHOWN", 2)
    await entries.show(entries.paged(partial(desk.entries, "iwf")), "none", as_json=False)
    assert "the first 2 entries; --json shows all" in capsys.readouterr().out
    await entries.show(entries.paged(partial(desk.entries, "other")), "nothing there", as_json=False)
    assert capsys.readouterr().out == "nothing there\n"


async def test_those_with_a_digest(desk: FakeDesk) -> None:
    assert [e.entry_id async for e in entries.having(desk, "iwf", SHARED.hex().upper())] == [1, 2]
    assert [e.entry_id async for e in entries.having(desk, "other", SHARED.hex())] == []
    with pytest.raises(UsageError, match="--digest"):
        _ = [e async for e in entries.having(desk, "iwf", "1")]


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\u202eb"])
def test_whose_opinion(name: str) -> None:
    with pytest.raises(UsageError, match="--by"):
        entries.organisation(name)
    assert entries.organisation(" Our  Hotline ") == "Our Hotline"


def test_the_fake_is_a_desk(desk: FakeDesk) -> None:
    real: ListDesk = desk
    assert real
