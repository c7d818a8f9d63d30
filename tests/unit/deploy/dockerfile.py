"""Reads our Dockerfile: as much of its syntax as it uses. `hadolint` judges the rest."""

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from tests.unit.deploy.rendered import ROOT

FILE = ROOT / "deploy" / "images" / "Dockerfile"
IGNORE = FILE.with_name("Dockerfile.dockerignore")


class Instruction(NamedTuple):
    """A line of a stage: what, and the rest of it with continued lines joined."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as a list: a JSON one, or shell words."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def stages(path: Path = FILE) -> list[list[Instruction]]:
    """The instructions before the first FROM, then those of each stage, FROM included."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found: list[list[Instruction]] = [[]]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, rest.strip()))
    return found


def of(stage: list[Instruction], name: str) -> list[Instruction]:
    """A stage's instructions of one name."""
    return [each for each in stage if each.name == name]


def sources(stage: list[Instruction]) -> list[str]:
    """Paths that a stage copies from the build context."""
    copies = [copy.words for copy in of(stage, "COPY") if not copy.rest.startswith("--from=")]
    return [word for words in copies for word in words[:-1]]


def ignored(path: str) -> bool:
    """Whether the ignore file keeps a path out of the context: the last line that fits decides."""
    out = False
    for line in IGNORE.read_text().splitlines():
        pattern = line.strip().removeprefix("!")
        if pattern and not pattern.startswith("#") and _fits(path, pattern):
            out = not line.startswith("!")
    return out


def _fits(path: str, pattern: str) -> bool:
    parts = path.split("/")
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern[3:]) for part in parts)
    return any(fnmatch(each, pattern) for each in above if each.count("/") == pattern.count("/"))
