"""The dry run."""

import json
from email import message_from_bytes
from pathlib import Path

import pytest

from contracts.errors import Unavailable
from contracts.notices import Unfit
from contracts.removal import Operator
from notices.senders.folder import Folder, name_of
from tests.notices import MESSAGE_ID, OPERATOR, PROVIDER, notice, place


async def test_a_notice_is_one_file_of_its_owner_with_the_same_bytes_if_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "notices"
    sender = Folder(folder, OPERATOR)
    done = await sender.send(notice())
    assert (done.accepted, done.dry) == (False, True)
    path = folder / f"00004711-{MESSAGE_ID}.eml"
    first = path.read_bytes()
    assert MESSAGE_ID in done.said and b"X-Pisaura-Dry-Run: not sent" in first
    assert path.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    await sender.send(notice())
    assert [one.name for one in folder.iterdir()] == [path.name] and path.read_bytes() == first


async def test_one_that_was_killed_while_it_wrote_leaves_no_half_notice(tmp_path: Path) -> None:
    (tmp_path / f".00004711-{MESSAGE_ID}.eml.new").write_bytes(b"half")
    await Folder(tmp_path, OPERATOR).send(notice())
    assert [one.name for one in tmp_path.iterdir()] == [f"00004711-{MESSAGE_ID}.eml"]


async def test_what_an_api_would_get_is_json(tmp_path: Path) -> None:
    await Folder(tmp_path, OPERATOR).send(notice(recipient=PROVIDER))
    (path,) = tmp_path.iterdir()
    assert path.suffix == ".json" and json.loads(path.read_bytes())["places"][0]["url"] == place().url


async def test_the_folder_only_warns_of_what_is_missing(tmp_path: Path) -> None:
    await Folder(tmp_path, Operator()).send(notice())
    (path,) = tmp_path.iterdir()
    assert "operator.mandate" in str(message_from_bytes(path.read_bytes())["X-Pisaura-Dry-Run"])


def test_a_file_is_named_by_number_and_message_id() -> None:
    assert name_of(notice()) == f"00004711-{MESSAGE_ID}"
    for hostile in ("../../x@y", "a/b@c", "x" * 300 + "@y", "\0@y"):
        name = name_of(notice(message_id=hostile))
        assert name.startswith("00004711-") and len(name) == 9 + 64 and "/" not in name


async def test_a_folder_that_cannot_be_written_is_no_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match=r"notices\.folder") as error:
        await Folder(tmp_path / "file" / "x", OPERATOR).send(notice())
    assert "media.example" not in str(error.value)
    with pytest.raises(Unfit):
        await Folder(tmp_path, OPERATOR, most=1).send(notice(place(1), place(2)))
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
