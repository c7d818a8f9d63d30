"""This machine's limits."""

import resource
from pathlib import Path

import pytest

from contracts.errors import Unavailable
from contracts.options import MIB
from crawlctl.doctor.findings import Verdict
from crawlctl.doctor.machine import (
    judge_cores,
    judge_disk,
    judge_files,
    judge_index,
    look_at_cores,
    look_at_disk,
    look_at_files,
    look_at_index,
)

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("limit", "pattern", "verdict"),
    [
        (1, "core", Verdict.OK),
        (1, "|/opt/collector %p", Verdict.OK),
        (0, "core", Verdict.OK),
        (0, "", Verdict.OK),
        (-1, "core", Verdict.FAILED),
        (0, "|/usr/lib/systemd/systemd-coredump %P %u", Verdict.OK),
        (0, "|/opt/collector %p", Verdict.WARNING),
        (0, "| /opt/collector %p", Verdict.WARNING),
    ],
)
def test_core_dumps(limit: int, pattern: str, verdict: Verdict) -> None:
    assert judge_cores(limit, pattern).verdict is verdict


def test_the_program_that_takes_core_dumps_is_named() -> None:
    assert "/opt/collector" in judge_cores(0, "| /opt/collector %p").found


def test_core_dumps_are_off_as_in_a_role() -> None:
    (found,) = look_at_cores()
    assert found.verdict is not Verdict.FAILED
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] in (0, 1)


def test_open_files() -> None:
    assert judge_files(8192, 512).verdict is Verdict.OK
    assert judge_files(resource.RLIM_INFINITY, 512).verdict is Verdict.OK
    few = judge_files(512, 512)
    assert few.verdict is Verdict.FAILED
    assert "LimitNOFILE=768" in few.todo
    assert look_at_files(1)[0].verdict is Verdict.OK


def test_disk(tmp_path: Path) -> None:
    assert judge_disk(500 * GIB, 1000 * GIB).verdict is Verdict.OK
    assert judge_disk(50 * GIB, 1000 * GIB).verdict is Verdict.WARNING
    assert judge_disk(GIB - 1, 2 * GIB).verdict is Verdict.FAILED
    assert look_at_disk(tmp_path)[0].check == "disk"
    with pytest.raises(Unavailable, match="nowhere"):
        look_at_disk(tmp_path / "nowhere")


def test_an_index_without_compiled_code_is_told() -> None:
    assert judge_index(True).verdict is Verdict.OK
    slow = judge_index(False)
    assert slow.verdict is Verdict.WARNING and "numpy" in slow.found and "gcc" in slow.todo
    assert [found.check for found in look_at_index()] == ["index"]
