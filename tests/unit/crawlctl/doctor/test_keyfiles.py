"""Key files: modes, owners, and whose they are."""

from pathlib import Path

import pytest

from contracts.seal import FETCHER_FILE, HASHER_FILE, NOTICES_FILE
from crawlctl.doctor.findings import Verdict
from crawlctl.doctor.keyfiles import judge_mode, look_at_cluster_keys, look_at_state_keys
from crawlctl.state import load_keys
from crawlctl.verbs.keys import make


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys")
    make(made)
    return made


@pytest.mark.parametrize(
    ("file", "role", "verdict"),
    [
        (FETCHER_FILE, "fetcher", Verdict.OK),
        (FETCHER_FILE, "", Verdict.OK),
        (NOTICES_FILE, "", Verdict.OK),
        (NOTICES_FILE, "notices", Verdict.OK),
        (NOTICES_FILE, "fetcher", Verdict.FAILED),
        (FETCHER_FILE, "notices", Verdict.FAILED),
        (FETCHER_FILE, "frontier", Verdict.WARNING),
        (HASHER_FILE, "hasher", Verdict.OK),
        (HASHER_FILE, "", Verdict.OK),
        (HASHER_FILE, "fetcher", Verdict.FAILED),
        (HASHER_FILE, "notices", Verdict.FAILED),
        (FETCHER_FILE, "hasher", Verdict.FAILED),
        (NOTICES_FILE, "hasher", Verdict.FAILED),
        ("nothing", "fetcher", Verdict.FAILED),
    ],
)
def test_keys_and_roles(folder: Path, file: str, role: str, verdict: Verdict) -> None:
    (found,) = look_at_cluster_keys(str(folder / file), role)
    assert found.verdict is verdict
    assert bool(found.todo) == (verdict is not Verdict.OK)


def test_no_keys() -> None:
    assert look_at_cluster_keys("", "frontier")[0].verdict is Verdict.OK
    assert look_at_cluster_keys("", "hasher")[0].verdict is Verdict.OK
    assert look_at_cluster_keys("", "fetcher")[0].verdict is Verdict.FAILED


def test_others_may_read_them(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / FETCHER_FILE).chmod(0o640)
    (found,) = look_at_cluster_keys(str(tmp_path / FETCHER_FILE), "fetcher")
    assert found.verdict is Verdict.FAILED
    assert "0640" in found.found


def test_damaged_keys_are_never_shown(tmp_path: Path) -> None:
    make(tmp_path)
    path = tmp_path / FETCHER_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (found,) = look_at_cluster_keys(str(path), "")
    assert found.verdict is Verdict.FAILED
    assert "checksum" in found.found


def test_owners() -> None:
    path = Path("keys")
    assert judge_mode(path, 0o100600, 7, 7) is None
    assert judge_mode(path, 0o100600, 7, 0) is None  # root reads everything
    other = judge_mode(path, 0o100600, 0, 7)
    assert other is not None
    assert "belongs to user 0" in other.found


def test_a_state(tmp_path: Path) -> None:
    assert look_at_state_keys(tmp_path)[0].verdict is Verdict.FAILED
    load_keys(tmp_path, create=True)
    assert look_at_state_keys(tmp_path)[0].verdict is Verdict.OK
