"""Paths, modes and the log of the embedded server's folder."""

import os
import stat
from pathlib import Path

import pytest

from backends.postgres import layout
from backends.postgres.layout import SOCKET_BYTES, Layout, folder, replace, usable
from backends.postgres.unprivileged import Account

SELF = Account("me", os.geteuid(), os.getegid(), drop=False)


def test_prepare_makes_private_folders_and_can_be_repeated(tmp_path: Path) -> None:
    place = Layout(tmp_path / "deep" / "state")
    for _ in range(2):
        place.prepare(SELF)
        place.place_socket(SELF)
    for path in (place.state, place.root, place.configuration, place.socket, place.log.parent, place.starting.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert not place.data.exists()
    assert place.name() == Layout(tmp_path / "deep" / "state").name()


def test_prepare_mends_modes_but_only_inside(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o755)
    (state / "postgres").mkdir()
    (state / "postgres").chmod(0o777)
    Layout(state).prepare(SELF)
    assert stat.S_IMODE(state.stat().st_mode) == 0o755
    assert stat.S_IMODE((state / "postgres").stat().st_mode) == 0o700


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever may write in a folder of ours must not lead root elsewhere."""
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to("elsewhere")
    with pytest.raises(OSError, match="link"):
        folder(tmp_path / "link", 0o700)
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o755


def test_usable_sockets() -> None:
    """unix(7): sun_path has 108 bytes, 104 elsewhere, with the final zero."""
    rest = len("/.s.PGSQL.5432")
    assert usable(Path("/" + "d" * (SOCKET_BYTES - rest - 1)))
    assert not usable(Path("/" + "d" * (SOCKET_BYTES - rest)))
    assert not usable(Path("/" + "é" * 50))
    for odd in ("a,b", "a b", "a'b", "a?b", "a\nb", "é"):
        assert not usable(Path("/tmp") / odd)


def test_replace_is_whole_and_has_its_mode(tmp_path: Path) -> None:
    replace(tmp_path / "file", "one", 0o640, None)
    replace(tmp_path / "file", "two", 0o600, None)
    assert (tmp_path / "file").read_text() == "two"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_log_is_trimmed_under_its_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "LOG_BYTES", 100)
    place = Layout(tmp_path)
    place.prepare(SELF)
    writer = place.open_log()
    for number in range(3):
        os.write(writer, b"x" * 120 + b"%d\n" % number)
        place.trim_log()
        assert place.log_size() == 0
        assert place.log.with_suffix(".log.1").read_text().endswith(f"{number}\n")
    os.write(writer, b"end\n\n")
    os.close(writer)
    assert place.log_since(0) == "end\n\n"
    assert place.log_since(10**9) == "end\n\n"
    assert place.last_words() == "end"


def test_log_that_is_missing(tmp_path: Path) -> None:
    place = Layout(tmp_path)
    assert place.log_size() == 0
    assert place.log_since(0) == ""
    assert place.last_words() == "it left no word"
