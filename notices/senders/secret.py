"""Files that hold a secret: small, and readable by their owner alone."""

import os
import stat
from pathlib import Path
from typing import Final

from contracts.errors import UsageError

BYTES: Final = 64 * 1024
"""Largest file with a secret."""


def read_secret(path: Path, setting: str) -> bytes:
    """What is in the file that a setting names. UsageError, with nothing out of the file: it cannot be read, is no file, is larger
    than `BYTES`, or others may read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise UsageError(f"{setting}: {path} is no file")
            if stat.S_IMODE(facts.st_mode) & 0o077:
                raise UsageError(f"{setting}: others may read {path}; run: chmod 600 {path}")
            data = os.read(descriptor, BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(f"{setting}: {path} cannot be read: {error.strerror}") from error
    if len(data) > BYTES:
        raise UsageError(f"{setting}: {path} has more than {BYTES} bytes; it must hold one key or secret")
    return data
