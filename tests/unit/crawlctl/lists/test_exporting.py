"""An export is a whole file of its owner, or none."""

import stat
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from contracts.errors import UsageError
from contracts.lists import NewEntry
from contracts.seal import Opener, Sealer, new_keys
from crawlctl.lists.exporting import Counted, check_target, write_file
from hasher.formats.format import About, Format
from hasher.formats.table import FORMATS
from hasher.lists import ListEntry

KEYS = new_keys()
SEALED = Sealer(KEYS.public, KEYS.place_key).seal("a name")


async def pages(*sizes: int) -> AsyncIterator[list[NewEntry]]:
    number = 0
    for size in sizes:
        page = []
        for _ in range(size):
            number += 1
            digest = number.to_bytes(20)
            page.append(
                NewEntry("IWF", f"sha1:{digest.hex()}", (("sha1", digest),), "A", b"s", SEALED, b"n", b"sealed note")
            )
        yield page


def texts(entries: Iterable[ListEntry], about: About) -> Iterator[bytes]:
    for entry in entries:
        yield f"{entry.member_entry_id} {entry.series} {entry.note}\n".encode()


PLAIN = Format("plain", "for tests", FORMATS["csv"].read, texts)


async def test_all_entries_are_written_for_their_owner_only(tmp_path: Path) -> None:
    entries = Counted(pages(3, 2), None)
    await write_file(PLAIN, entries, "iwf", tmp_path / "out", force=False)
    assert entries.count == 5
    lines = (tmp_path / "out").read_text().splitlines()
    assert len(lines) == 5
    assert "name" not in lines[0] and "note" not in lines[0]
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


async def test_series_have_names_only_with_the_keys(tmp_path: Path) -> None:
    await write_file(PLAIN, Counted(pages(1), Opener(KEYS.secret)), "iwf", tmp_path / "out", force=False)
    assert "a name" in (tmp_path / "out").read_text()
    await write_file(PLAIN, Counted(pages(1), Opener(new_keys().secret)), "iwf", tmp_path / "other", force=False)
    assert "a name" not in (tmp_path / "other").read_text()


async def test_what_a_list_does_without_never_seems_to_be_live(tmp_path: Path) -> None:
    async def gone() -> AsyncIterator[list[NewEntry]]:
        async for page in pages(2):
            yield [replace(page[0], deleted=True), page[1]]

    for deleted, count in ((True, 2), (False, 1)):
        entries = Counted(gone(), None, deleted=deleted)
        await write_file(PLAIN, entries, "iwf", tmp_path / str(deleted), force=False)
        assert entries.count == len((tmp_path / str(deleted)).read_text().splitlines()) == count


async def test_a_file_is_never_overwritten_without_force(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("kept")
    with pytest.raises(UsageError, match="is there already"):
        await write_file(PLAIN, Counted(pages(1), None), "iwf", out, force=False)
    assert out.read_text() == "kept"
    await write_file(PLAIN, Counted(pages(1), None), "iwf", out, force=True)
    assert out.read_text().startswith("sha1:")


async def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[list[NewEntry]]:
        async for page in pages(1):
            yield page
        raise UsageError("the vault does not answer")

    with pytest.raises(UsageError, match="does not answer"):
        await write_file(PLAIN, Counted(broken(), None), "iwf", tmp_path / "out", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    for path, force in ((tmp_path, False), (tmp_path / "none" / "out", False), (tmp_path / "there", False)):
        with pytest.raises(UsageError, match="--to"):
            check_target(path, force=force)
    check_target(tmp_path / "there", force=True)
    check_target(tmp_path / "new", force=False)
