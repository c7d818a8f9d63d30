"""Files about recipients: the operator's or the shipped ones, and RDAP bootstrap files fetched anew."""

import os
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from contracts.errors import Unavailable, UsageError
from contracts.removal import Notices
from notices.recipients.bootstrap import BYTES, FILES, Bootstrap
from notices.recipients.overrides import Overrides
from notices.recipients.proxies import Proxies

SHIPPED: Final = files("notices.recipients")
IANA: Final = "https://data.iana.org/rdap/"
TEXT_BYTES: Final = 16_000_000


class Sources(Struct, frozen=True):
    """The operator's files, or the shipped ones."""

    bootstrap: Bootstrap
    overrides: Overrides
    proxies: Proxies

    @classmethod
    def load(cls, settings: Notices) -> "Sources":
        """Read them all. UsageError that names the file and what is wrong in it."""
        folder: Traversable = Path(settings.rdap) if settings.rdap else SHIPPED
        raw = {kind: _bytes(folder / f"{kind}.json", "notices.rdap", BYTES) for kind in FILES}
        overrides = Overrides()
        if settings.overrides:
            overrides = Overrides.parse(settings.overrides, _text(Path(settings.overrides), "notices.overrides"))
        named = Path(settings.proxies) if settings.proxies else SHIPPED / "proxies.toml"
        return cls(Bootstrap(raw), overrides, Proxies.parse(str(named), _text(named, "notices.proxies")))


class Source(Protocol):
    """Where files come from (`backends.registries.Registries`)."""

    async def file(self, url: str, most: int) -> bytes:
        """A file of at most so many bytes. Unavailable if it cannot be had."""


async def refresh(registries: Source, folder: Path, source: str = IANA) -> Bootstrap:
    """Fetch all bootstrap files from IANA (or another base URL) into a folder: all of them, if all can be read, or none.
    UsageError for a folder that cannot be written, Unavailable if they cannot be had."""
    raw: dict[str, bytes] = {}
    for kind in FILES:
        raw[kind] = await registries.file(f"{source.rstrip('/')}/{kind}.json", BYTES)
    try:
        made = Bootstrap(raw)
    except UsageError as error:
        raise Unavailable(f"what was fetched cannot be used, and nothing was replaced: {error}") from None
    _write(folder, raw)
    return made


def _write(folder: Path, raw: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, body in raw.items():
            _replace(folder / f"{kind}.json", body)
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error


def _replace(path: Path, body: bytes) -> None:
    """A file whole or as it was."""
    descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            os.fchmod(file.fileno(), 0o644)
        Path(fresh).replace(path)
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise


def _bytes(path: Traversable, named: str, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({named}): {error.strerror}") from error


def _text(path: Traversable, named: str) -> str:
    try:
        return _bytes(path, named, TEXT_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 ({named})") from None
