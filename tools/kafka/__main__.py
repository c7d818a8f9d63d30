"""`python -m tools.kafka`: obtain what brokers need. `--list`: print what `jars.sha256` must say for pom.xml as it is."""

import argparse
import sys
import tempfile
from pathlib import Path

from tools.kafka import jars, java
from tools.kafka.obtain import CACHE, obtain


def main() -> None:
    """Ends with a message that says what to do if something cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m tools.kafka", description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the digests of the jars that pom.xml asks for")
    try:
        if not parser.parse_args().list:
            obtain()
            return
        with tempfile.TemporaryDirectory() as folder:
            libs = Path(folder, "libs")
            jars.fetch(libs, Path(folder), java.find(CACHE))
            for name, digest in jars.digests(libs).items():
                print(f"{digest}  {name}")
    except java.Unobtainable as why:
        sys.exit(f"tools.kafka: {why}")


if __name__ == "__main__":
    main()
