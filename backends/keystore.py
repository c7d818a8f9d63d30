"""Where a role's keys come from: a file, the environment, or a program that asks a key service (KMS).

What is read is the content of a key file (`contracts.seal`), whole. Nothing of it, and nothing that a program says, gets into a
message.
"""

import base64
import binascii
import os
import shlex
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from contracts.errors import Unavailable, UsageError

VARIABLE: Final = "PISAURA_KEYS"
"""Environment variable with a key file in base64."""
EXEC: Final = "exec:"
"""What begins the name of a program, with its arguments, that writes a key file to its standard output."""
BYTES: Final = 4_096
"""Most bytes of a key file."""
SECONDS: Final = 30.0
"""Longest time that a program may take."""
MAKE: Final = "`crawlctl keys new DIR` makes key files"


def given(named: str, environ: Mapping[str, str] = os.environ) -> str:
    """What keys are read from: what the setting names, else the environment, else "" for nothing."""
    return named or (f"${VARIABLE}" if environ.get(VARIABLE) else "")


def read(named: str, environ: Mapping[str, str] = os.environ) -> bytes:
    """The bytes of the key file that the setting cluster.keys names: a path, or `exec:PROGRAM ARGS`; if it is empty, those in the
    environment. UsageError if there are none to read; Unavailable if a program does not answer in time."""
    source = given(named, environ)
    if source == f"${VARIABLE}":
        return _decoded(environ[VARIABLE])
    if source.startswith(EXEC):
        return _said_by(source.removeprefix(EXEC))
    return _of_file(Path(source))


def shown(named: str, environ: Mapping[str, str] = os.environ) -> str:
    """The same for messages: of a program without its arguments, which may hold secrets."""
    source = given(named, environ)
    return source.partition(" ")[0] if source.startswith(EXEC) else source


def is_file(named: str) -> bool:
    """Whether this names a file, whose mode and owner can be looked at."""
    return bool(named) and not named.startswith(EXEC)


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no such name"
        raise UsageError(f"{path}: cannot be read: {said}; {MAKE}") from None
    return _bounded(data, str(path))


def _decoded(text: str) -> bytes:
    try:
        return _bounded(base64.b64decode("".join(text.split()), validate=True), VARIABLE)
    except (binascii.Error, ValueError):
        raise UsageError(f"{VARIABLE}: is not base64 of a key file; `base64 -w0 notices.keys` writes one") from None


def _said_by(command: str) -> bytes:
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words or not Path(words[0]).is_absolute():
        raise UsageError(f"cluster.keys: after {EXEC} comes a program by its whole path, and its arguments")
    program = words[0]
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no such name"
        raise UsageError(f"cluster.keys: {program} cannot be run: {said}") from None
    with process:
        try:
            return _listened(process, program)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, 9)


def _listened(process: "subprocess.Popen[bytes]", program: str) -> bytes:
    """What a program writes until it ends; one that writes more than a key file, or takes too long, is not waited for."""
    import select
    import time

    assert process.stdout is not None
    deadline, data, stream = time.monotonic() + SECONDS, b"", process.stdout.fileno()
    while len(data) <= BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([stream], [], [], left)[0]:
            raise Unavailable(f"cluster.keys: {program} did not end within {SECONDS:g} s; what it said is not used")
        chunk = os.read(stream, BYTES + 1)
        if not chunk:
            break
        data += chunk
    _bounded(data, program)
    try:
        code = process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise Unavailable(
            f"cluster.keys: {program} did not end within {SECONDS:g} s; what it said is not used"
        ) from None
    if code:
        raise UsageError(f"cluster.keys: {program} ended with {code}; run it by hand to see what it complains about")
    return data


def _bounded(data: bytes, source: str) -> bytes:
    if len(data) > BYTES:
        raise UsageError(f"{source}: says more than {BYTES} bytes, and is no key file")
    return data
