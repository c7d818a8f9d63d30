"""The image's build stage run by hand: its own commands on copies of the files that it copies, in folders of a test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.unit.deploy.dockerfile import ignored, of, sources, stages
from tests.unit.deploy.rendered import ROOT

BOUND: Final = 280
"""Seconds for fetching all wheels of a slow registry."""


def kept_out(folder: str, names: list[str]) -> list[str]:
    """What the ignore file keeps out of the context: what was compiled here, above all."""
    where = Path(folder).relative_to(ROOT)
    return [name for name in names if ignored(str(where / name))]


@pytest.mark.timeout(300)
def test_the_commands_of_the_build_stage_make_a_program_that_runs(tmp_path: Path) -> None:
    _, build, final = stages()
    source = tmp_path / "src"
    source.mkdir()
    for name in sources(build):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=kept_out)
        else:
            shutil.copy2(ROOT / name, source / name)
    compiler, run = of(build, "RUN")
    assert "gcc" in compiler.rest.split(), "the compiler is this machine's here"
    commands = run.rest
    for folder in ("/wheels", "/opt/pisaura"):
        assert folder in commands
        commands = commands.replace(folder, f"{tmp_path}{folder}")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PISAURA_"))}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "opt").mkdir()
    made = subprocess.run(
        ["sh", "-euc", commands], cwd=source, env=environ, capture_output=True, text=True, timeout=BOUND, check=False
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    (entry,) = of(final, "ENTRYPOINT")
    program = tmp_path / "opt" / "pisaura" / "bin" / entry.words[0]
    said = subprocess.run(
        [program, "--version"], cwd=tmp_path, env=environ, capture_output=True, timeout=60, check=True
    )
    assert said.stdout.startswith(b"crawlctl ") and b"not installed" not in said.stdout
    assert not (program.parent / "pip").exists()
    shown = subprocess.run(
        [program, "settings", "--settings", ROOT / "deploy" / "k8s" / "base" / "pisaura.toml"],
        cwd=tmp_path, env=environ, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert b"pisaura.toml:" in shown.stdout
