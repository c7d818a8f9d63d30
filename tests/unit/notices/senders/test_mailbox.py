"""A Maildir of answers: read bounded, kept, then moved."""

import os
from pathlib import Path

import pytest

from contracts.errors import Unavailable, UsageError
from notices.senders import mailbox
from notices.senders.mailbox import Mailbox
from tests.notices import MESSAGE_ID, NOW
from tests.unit.notices.replies.messages import BOUNCE, WITH_PICTURE, plain
from tests.unit.notices.senders.keeper import Keeper


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def put(folder: Path, name: str, data: bytes, at: float = NOW - 60) -> Path:
    path = folder / "new" / name
    path.write_bytes(data)
    os.utime(path, (at, at))
    return path


def box(folder: Path, keeper: Keeper) -> Mailbox:
    return Mailbox(folder, keeper, lambda: NOW)


def inside(folder: Path, name: str) -> list[str]:
    return sorted(path.name for path in (folder / name).iterdir())


async def test_new_files_are_read_in_order_and_moved_to_cur_as_seen(folder: Path) -> None:
    put(folder, "2.host", WITH_PICTURE)
    put(folder, "1.host", BOUNCE)
    put(folder, "3.host:2,", plain("We appeal.", f"In-Reply-To: <{MESSAGE_ID}>"))
    put(folder, ".hidden", b"x")
    keeper = Keeper()
    done = await box(folder, keeper).read()
    assert (done.kept, done.unreadable) == (3, 0) and done.discarded > 13_000
    assert [one.reply.kind for one in keeper.kept.values()] == ["bounce", "removed", "appeal"]
    assert {one.reply.at for one in keeper.kept.values()} == {NOW - 60}
    assert inside(folder, "new") == [".hidden"] and inside(folder, "cur") == ["1.host:2,S", "2.host:2,S", "3.host:2,S"]
    assert await box(folder, keeper).read() == mailbox.Pass()


async def test_a_file_is_moved_only_after_it_was_kept_and_counts_once(folder: Path) -> None:
    put(folder, "1.host", BOUNCE)
    keeper = Keeper()
    keeper.away = True
    with pytest.raises(Unavailable):
        await box(folder, keeper).read()
    assert inside(folder, "new") == ["1.host"]
    keeper.away = False
    await box(folder, keeper).read()
    (folder / "cur" / "1.host:2,S").rename(folder / "new" / "1.host")  # killed before it was moved
    await box(folder, keeper).read()
    assert (keeper.times, len(keeper.kept)) == (2, 1) and inside(folder, "new") == []


async def test_a_file_of_gigabytes_is_not_read_whole(folder: Path) -> None:
    path = put(folder, "1.host", b"")
    with path.open("wb") as file:
        file.write(plain("The content has been removed.", f"In-Reply-To: <{MESSAGE_ID}>") + b"\r\n")
        file.truncate(5 << 30)
    os.utime(path, (NOW + 999, NOW + 999))
    keeper = Keeper()
    done = await box(folder, keeper).read()
    (kept,) = keeper.kept.values()
    assert kept.reply.kind == "removed" and kept.reply.at == NOW
    assert done.discarded > (5 << 30) - (1 << 20)


async def test_what_is_no_file_stays_and_stops_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "new" / "0.link").symlink_to(tmp_path / "secret")
    (folder / "new" / "0.folder").mkdir()
    os.mkfifo(folder / "new" / "0.pipe")
    put(folder, "1.host", BOUNCE)
    keeper = Keeper()
    one = box(folder, keeper)
    done = await one.read()
    assert (done.kept, done.unreadable, len(keeper.kept)) == (1, 3, 1)
    assert await one.read() == mailbox.Pass()  # complained of once
    assert inside(folder, "new") == ["0.folder", "0.link", "0.pipe"]


async def test_a_pass_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "TOGETHER", 2)
    for number in range(5):
        put(folder, f"{number}.host", plain(f"text {number}"))
    keeper = Keeper()
    one = box(folder, keeper)
    assert [(await one.read()).kept for _ in range(4)] == [2, 2, 1, 0]


def test_a_folder_that_is_no_maildir(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"notices\.mailbox"):
        box(tmp_path, Keeper())
