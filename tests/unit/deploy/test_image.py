"""The image: what its Dockerfile says, without a builder."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.unit.deploy.dockerfile import FILE, ignored, of, sources, stages
from tests.unit.deploy.rendered import ROOT, Document, pod, workloads
from tests.unit.test_layout import PACKAGES

SECRET = re.compile(r"(?i)passw|secret|token|credential|\bkey\b|://[^/\s]*@")


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    assert hadolint.exists(), "hadolint is missing: install the development dependencies again (make check)"
    ended = subprocess.run([hadolint, FILE], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_two_stages_on_one_pinned_base() -> None:
    head, build, final = stages()
    (base,) = of(head, "ARG")
    assert re.fullmatch(r"PYTHON=python:3\.11\.\d+-slim-[a-z]+", base.rest)
    assert build[0].rest == "${PYTHON} AS build" and final[0].rest == "${PYTHON}"


def test_the_final_stage_holds_the_environment_and_nothing_to_build_with() -> None:
    final = stages()[-1]
    (copy,) = of(final, "COPY")
    assert copy.words == ["--from=build", "/opt/pisaura", "/opt/pisaura"]
    runs = " ".join(run.rest for run in of(final, "RUN"))
    assert not re.search(r"\b(pip|apt|apt-get|gcc|curl|wget|chmod)\b", runs)
    (entry,) = of(final, "ENTRYPOINT")
    assert entry.words == ["crawlctl"] and not of(final, "CMD")


def test_it_runs_as_a_user_with_a_name_but_no_rights(base: list[Document]) -> None:
    final = stages()[-1]
    assert final[-2].name == "USER", "nothing runs after it"
    user, _, group = final[-2].rest.partition(":")
    runs = " ".join(run.rest for run in of(final, "RUN"))
    assert f"useradd --uid {user} --gid {group} " in runs and f"groupadd --gid {group} " in runs
    assert "/usr/sbin/nologin" in runs
    for workload in workloads(base).values():
        context = pod(workload)["securityContext"]
        assert [context["runAsUser"], context["runAsGroup"], context["fsGroup"]] == [int(user), int(group), int(group)]


def test_no_secrets() -> None:
    for stage in stages():
        for each in (*of(stage, "ENV"), *of(stage, "ARG")):
            assert not SECRET.search(each.rest), each
    assert not of(stages()[-1], "ARG")


def test_what_is_copied_exists_and_is_all_that_is_packaged() -> None:
    copied = sources(stages()[1])
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert {path for path in copied if (ROOT / path).is_dir()} == set(PACKAGES)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"pyproject.toml", project["readme"], *project["license-files"]} <= set(copied)


def test_the_context_is_what_is_copied() -> None:
    for path in (*sources(stages()[1]), "contracts/urls.py", "contracts/public_suffix_list.dat", "backends/py.typed"):
        assert not ignored(path), path
    for path in (
        ".git",
        ".venv/bin/python",
        "tests/demo.py",
        "state",
        "contracts/__pycache__/urls.pyc",
        "notices.keys",
    ):
        assert ignored(path), path
