"""`crawlctl keys`: files that belong together, for their owner alone, made once; and never what is in them."""

import json
import stat
from pathlib import Path

import pytest

from contracts import seal
from crawlctl.cli import main
from crawlctl.verbs.keys import make


def test_new_files_are_their_owners_alone_and_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "new", str(tmp_path / "deep" / "keys"), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["for"] for row in rows] == ["fetcher", "notices", "hasher", "lists"]
    assert len({row["pair"] for row in rows[:2]}) == 1
    for row in rows:
        assert stat.S_IMODE(Path(row["file"]).stat().st_mode) == 0o600
    fetcher, notices, hasher, lists = (seal.any_keys(Path(row["file"]).read_bytes()) for row in rows)
    assert isinstance(fetcher, seal.FetcherKeys) and isinstance(notices, seal.Keys)
    sealed = seal.Sealer(fetcher.public, fetcher.place_key).seal("http://h.test/")
    assert hasher == seal.hasher_keys(notices) and lists == seal.lists_keys(notices)
    assert seal.Opener(notices.secret).open(sealed) == "http://h.test/"


@pytest.mark.parametrize("there", [seal.FETCHER_FILE, seal.NOTICES_FILE, seal.HASHER_FILE, seal.LISTS_FILE])
def test_nothing_is_ever_overwritten_and_no_half_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str
) -> None:
    (tmp_path / there).write_bytes(b"precious")
    assert main(["keys", "new", str(tmp_path)]) == 2
    assert f"{there}: is there already, and keys are never overwritten" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_bytes() == b"precious"


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert main(["keys", "new", str(tmp_path / "file" / "keys")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_show_tells_what_a_file_can_do_and_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in make(tmp_path):
        data = path.read_bytes()
        path.chmod(0o640)
        for form in ([], ["--json"]):
            assert main(["keys", "show", str(path), *form]) == 0
            out = capsys.readouterr().out
            assert ("open places" in out) is (path.name == seal.NOTICES_FILE)
            assert "OTHERS MAY READ IT" in out or json.loads(out)["open_to_others"] is True
            body = data.partition(b"\n")[2]
            assert not any(body[at : at + 8].hex() in out for at in range(len(body) - 8))
