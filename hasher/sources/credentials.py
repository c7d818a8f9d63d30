"""What opens a source: read from a file of the operator, sent in header fields, shown nowhere."""

import base64
import os
import re
import stat
from pathlib import Path
from typing import Final

from contracts.errors import UsageError

BYTES: Final = 16 * 1024
"""Largest file with credentials: a few short lines."""
HELP: Final = (
    "one line `USER:PASSWORD`, or `token: VALUE`, or `key: VALUE`, or lines `HEADER-NAME: VALUE`"
    " (StopNCII takes x-functions-key and Ocp-Apim-Subscription-Key)"
)
_FIELD: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*):[ \t]+(\S.*)")
_WORDS: Final = {"token": ("Authorization", "Bearer {}"), "key": ("x-functions-key", "{}")}
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]+")


class Credentials:
    """Header fields that open a source. Nothing of them is in any text that this object gives of itself."""

    __slots__ = ("_fields", "path")

    def __init__(self, path: str = "", fields: dict[str, str] | None = None) -> None:
        self.path, self._fields = path, fields or {}

    def fields(self) -> dict[str, str]:
        """What to send to the source, and to nobody else."""
        return dict(self._fields)

    def __repr__(self) -> str:
        return f"Credentials({self.path!r}, {len(self._fields)} fields: not shown)"


def read(path: str) -> Credentials:
    """The credentials of a file that only its owner can read; none of them for an empty path. UsageError, never with
    anything out of the file: it is missing, others can read it, or it is no such file."""
    if not path:
        return Credentials()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise UsageError(f"{path}: a file with credentials is needed, this is none")
            if stat.S_IMODE(facts.st_mode) & 0o077:
                raise UsageError(f"{path}: others may read these credentials; run: chmod 600 {path}")
            data = os.read(descriptor, BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(f"{path}: the credentials cannot be read: {error.strerror}") from error
    return Credentials(path, parse(data, Path(path).name))


def parse(data: bytes, name: str) -> dict[str, str]:
    """Header fields out of a file's bytes. UsageError with the file's name and the number of the line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name}: the credentials are no UTF-8 text; write {HELP}") from None
    if len(data) > BYTES:
        raise UsageError(f"{name}: more than {BYTES} bytes; write {HELP}")
    fields: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        word, colon, value = line.partition(":")
        if word.lower() in _WORDS and value.strip():
            header, form = _WORDS[word.lower()]
            fields[header] = form.format(_sendable(value.strip(), name, number))
        elif found := _FIELD.fullmatch(line):
            fields[found[1]] = _sendable(found[2], name, number)
        elif colon and word and value:
            fields["Authorization"] = "Basic " + base64.b64encode(line.encode()).decode()
        else:
            raise UsageError(f"{name}, line {number}: no credentials; write {HELP}")
    if not fields:
        raise UsageError(f"{name}: there are no credentials in it; write {HELP}")
    return fields


def _sendable(value: str, name: str, number: int) -> str:
    """A value that a header field can hold."""
    if _PRINTABLE.fullmatch(value) is None:
        raise UsageError(f"{name}, line {number}: a character that no header field can hold; write {HELP}")
    return value
