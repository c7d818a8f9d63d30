"""Known lists in a cluster: the pod that asks their sources, the desks of people, and the credentials that both are given."""

import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from backends.postgres.vault_people import another
from contracts.desk import Person
from contracts.errors import UsageError
from contracts.options import MIB
from contracts.seal import LISTS_FILE
from crawlctl.cli import build
from crawlctl.lists.syncing import TOGETHER
from crawlctl.registry import BY_NAME
from crawlctl.settings import load
from hasher.sources.credentials import read
from tests.unit.deploy.rendered import (
    MANUAL,
    POD_NAME,
    Document,
    container,
    containers,
    environment,
    mounts,
    pod,
    workloads,
)

GIVEN = "/etc/pisaura/given"
CREDENTIALS = "/etc/pisaura/credentials"
DESKS = ("operator-alice", "operator-bob")


def test_one_pod_asks_again_and_again(base: list[Document]) -> None:
    lists = workloads(base)["lists"]
    assert lists["spec"]["replicas"] == 1 and lists["spec"]["strategy"] == {"type": "Recreate"}
    arguments = container(lists)["args"]
    verb = BY_NAME[arguments[0]]
    parsed = build(verb.name, import_module(verb.module)).parse_args(arguments)
    assert (parsed.what, parsed.name, parsed.every) == ("sync", None, 300.0)


def test_what_is_fetched_has_room(base: list[Document]) -> None:
    """Lists at URLs lie in a folder for temporary files while they are read: TOGETHER of them at most."""
    lists = workloads(base)["lists"]
    settings = load(None, {k: v for k, v in environment(lists).items() if k.startswith("PISAURA_")}).settings
    room = mounts(lists)[environment(lists)["TMPDIR"]]["emptyDir"]["sizeLimit"]
    assert int(room.removesuffix("Gi")) * 1024 * MIB >= TOGETHER * settings.lists.file_bytes
    assert Path(settings.cluster.keys).name == LISTS_FILE


def handed_over(workload: Document, given: Path, taken: Path) -> None:
    """Run what comes before the workload's own container, as it stands, in folders of ours."""
    (first, _) = containers(workload)
    assert {mount["mountPath"] for mount in first["volumeMounts"]} == {GIVEN, CREDENTIALS}
    command = [word.replace(GIVEN, str(given)).replace(CREDENTIALS, str(taken)) for word in first["command"]]
    subprocess.run(command, check=True, timeout=30)


@pytest.mark.parametrize("name", ["lists", *DESKS])
def test_credentials_are_their_owners_alone(overlay: list[Document], tmp_path: Path, name: str) -> None:
    """A Secret is a folder of links into a hidden one; with fsGroup its files can be read by a group, which crawlctl refuses."""
    given, taken = tmp_path / "given", tmp_path / "taken"
    (given / "..2027").mkdir(parents=True)
    taken.mkdir()
    (given / "..data").symlink_to("..2027")
    for file in ("ncmec.login", "iwf.token"):
        (given / "..2027" / file).write_text("somebody:something\n")
        (given / "..2027" / file).chmod(0o440)
        (given / file).symlink_to(f"..data/{file}")
    with pytest.raises(UsageError, match="others may read"):
        read(str(given / "ncmec.login"))
    for _ in range(2):  # a pod may begin once more with what it had
        handed_over(workloads(overlay)[name], given, taken)
        assert sorted(path.name for path in taken.iterdir()) == ["iwf.token", "ncmec.login"]
        assert read(str(taken / "ncmec.login")).fields().keys() == {"Authorization"}


def test_a_secret_without_any_will_do(base: list[Document], tmp_path: Path) -> None:
    for name in ("given", "taken"):
        (tmp_path / name).mkdir()
    handed_over(workloads(base)["lists"], tmp_path / "given", tmp_path / "taken")
    assert not list((tmp_path / "taken").iterdir())


@pytest.mark.parametrize("name", DESKS)
def test_a_path_of_credentials_is_the_same_for_those_who_add_and_who_ask(overlay: list[Document], name: str) -> None:
    """`lists add` stores the path; `lists sync` reads it."""
    lists, desk = workloads(overlay)["lists"], workloads(overlay)[name]
    for path in (GIVEN, CREDENTIALS):
        assert mounts(lists)[path] == mounts(desk)[path]
    assert mounts(lists)[CREDENTIALS]["emptyDir"]["medium"] == "Memory"
    assert f"--credentials {CREDENTIALS}/" in MANUAL.read_text()


def test_a_desk_is_off_until_it_is_wanted(overlay: list[Document]) -> None:
    for name in DESKS:
        assert workloads(overlay)[name]["spec"]["replicas"] == 0
        assert container(workloads(overlay)[name])["command"] == ["sleep", "infinity"]


def test_two_desks_are_two_people_and_one_desk_is_one(overlay: list[Document]) -> None:
    """Names of a StatefulSet's pods stay: who starts a desk anew, or calls himself otherwise in it, is the same person."""
    for name in DESKS:
        desk = workloads(overlay)[name]
        assert desk["kind"] == "StatefulSet"
        (whom,) = (each for each in container(desk)["env"] if each["name"] == "LOGNAME")
        assert whom["valueFrom"] == POD_NAME
    uids = [pod(workloads(overlay)[name])["securityContext"]["runAsUser"] for name in DESKS]
    alice, bob = (Person(f"{name}-0", uid, f"{name}-0") for name, uid in zip(DESKS, uids, strict=True))
    assert another(alice, bob) and not another(alice, Person("bob", alice.uid, alice.machine))
