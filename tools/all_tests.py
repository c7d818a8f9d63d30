"""All tests by two processes side by side: those of units, which want a core, and all others, which mostly wait for services.

The first one's output comes after the second one's. Exit code 0 if both are content.
"""

import subprocess
import sys
import tempfile
from typing import Final

UNITS: Final = "tests/unit"


def main() -> int:
    """Run both."""
    pytest = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryFile() as said:
        units = subprocess.Popen([*pytest, UNITS, "-p", "no:cacheprovider"], stdout=said, stderr=subprocess.STDOUT)
        try:
            others = subprocess.run([*pytest, "tests", f"--ignore={UNITS}"], check=False).returncode
            mine = units.wait()
        finally:
            units.kill()
        said.seek(0)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return others or mine


if __name__ == "__main__":
    sys.exit(main())
