"""Kafka's jars, by Maven or, where there is none, by a resolver from the Python package index. The files are the same.

`jars.sha256` lists every file with its digest, as sha256sum writes it. After a change of version in pom.xml:
`python -m tools.kafka --list > tools/kafka/jars.sha256`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

from tools.kafka.java import Java, Unobtainable, pip

POM: Final = Path(__file__).with_name("pom.xml")
LIST: Final = Path(__file__).with_name("jars.sha256")
PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
RESOLVER: Final = "jgo[cli]==3.2.0"
SECONDS: Final = 900.0


def obtain(libs: Path, cache: Path, java: Java) -> None:
    """Make `libs` hold exactly the listed jars; nothing is done if it does. Raises Unobtainable."""
    if not wrong(libs):
        return
    fetch(libs, cache, java)
    if found := wrong(libs):
        shutil.rmtree(libs)
        raise Unobtainable(f"what was fetched differs from {LIST.name}: {', '.join(found[:5])}")


def fetch(libs: Path, cache: Path, java: Java) -> None:
    """Replace `libs` by what pom.xml asks for, unchecked. Raises Unobtainable."""
    part = libs.with_name("libs.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    print("tools.kafka: fetching Kafka's jars (43 MB)", file=sys.stderr)
    if not by_maven(part, java):
        by_resolver(part, cache, java)
    shutil.rmtree(libs, ignore_errors=True)
    part.replace(libs)


def digests(libs: Path) -> dict[str, str]:
    """File name -> SHA-256 in hex, of what is there."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(libs.glob("*"))}


def wrong(libs: Path) -> list[str]:
    """Names of files that are missing, too many, or not what they should be."""
    wanted = {name: digest for digest, name in map(str.split, LIST.read_text().splitlines())}
    there = digests(libs)
    return sorted(name for name in wanted | there if wanted.get(name) != there.get(name))


def by_maven(folder: Path, java: Java) -> bool:
    """Copy the jars into `folder`; False if there is no Maven, or it did not manage."""
    mvn = shutil.which("mvn")
    if not mvn:
        return False
    command = [
        mvn,
        "-B",
        "-q",
        "-Dstyle.color=never",
        "-f",
        str(POM),
        PLUGIN,
        f"-DoutputDirectory={folder}",
        "-DincludeScope=runtime",
    ]
    environment = {"JAVA_HOME": str(java.program.parents[1]), **os.environ}
    return not subprocess.run(command, env=environment, stdout=sys.stderr, timeout=SECONDS).returncode


def by_resolver(folder: Path, cache: Path, java: Java) -> None:
    """The same without Maven."""
    home, store = cache / RESOLVER.replace("[cli]==", "-"), cache / "resolved"
    if not home.exists():
        pip(RESOLVER, home)
    shutil.rmtree(store, ignore_errors=True)
    command = [sys.executable, "-m", "jgo", "--ignore-config", "--resolver", "python", "--system-java"]
    command += ["--repo-cache", str(store), "--cache-dir", str(store / "environments"), "info", "jars", coordinates()]
    path = os.pathsep.join([str(java.program.parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PYTHONPATH": str(home), "PATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise Unobtainable(f"Kafka's jars could not be fetched; install maven, or see: {done.stderr[-2000:]}")
    for jar in store.rglob("*.jar"):
        shutil.copyfile(jar, folder / jar.name)
    shutil.rmtree(store)


def coordinates() -> str:
    """What pom.xml asks for, as `group:name:version+...`."""
    space = "{http://maven.apache.org/POM/4.0.0}"
    asked = ET.parse(POM).getroot().iter(f"{space}dependency")
    return "+".join(":".join(part.text or "" for part in dependency) for dependency in asked)
