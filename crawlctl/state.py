"""The state folder of one machine: who runs on it, its keys, and its embedded Postgres."""

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType

from backends import keystore
from backends.cores import no_core_dumps
from backends.postgres.crawl_setup import prepare
from backends.postgres.supervisor import Supervisor
from contracts import seal
from contracts.errors import Corrupt, StateInUse, UsageError
from contracts.settings import Settings

LOCK = "run.lock"
KEYS = "keys"


class State:
    """A state folder in use. `exclusive` is for the one process that crawls; readers share the server with it."""

    def __init__(self, folder: Path, settings: Settings, *, exclusive: bool = False, create: bool = False) -> None:
        self.folder = folder
        self.settings = settings
        self._exclusive = exclusive
        self._create = create
        self._lock = -1
        self.server = Supervisor(folder, settings.storage)
        self.partitions = settings.storage.partitions

    async def __aenter__(self) -> "State":
        """Lock, start or join the server, migrate. UsageError if there is no such state and none may be made."""
        no_core_dumps()
        if not self.folder.exists():
            if not self._create:
                raise UsageError(f"{self.folder}: there is no such state; `crawlctl run` makes one")
            try:
                self.folder.mkdir(mode=0o700, parents=True)
            except OSError as error:
                raise UsageError(f"{self.folder}: cannot be made: {error.strerror}") from error
        elif not self.folder.is_dir():
            raise UsageError(f"{self.folder}: is not a folder")
        elif not self._create and not (self.folder / KEYS).exists() and not self._foreign_keys():
            raise UsageError(f"{self.folder}: is not a state of crawlctl (it has no file `{KEYS}`)")
        if self._exclusive:
            self._take_lock()
        self.keys = load_keys(self.folder, create=self._create)
        try:
            await self.server.start()
            self.partitions = await prepare(self.server, self.settings.storage.partitions)
        except BaseException:
            await self.server.stop()
            self._release()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the server (the last one stops it) and release the lock."""
        try:
            await asyncio.shield(self.server.stop())
        finally:
            self._release()

    @property
    def lists_keys(self) -> seal.ListsKeys:
        """The keys with which lists are imported."""
        return seal.lists_keys(self.keys)

    def vault_dsn(self) -> str:
        """How the hasher connects to the vault."""
        return self.server.dsn("vault", "pisaura_hasher")

    def _foreign_keys(self) -> bool:
        """Whether this is a state whose keys are in the environment."""
        return bool(keystore.given("")) and (self.folder / LOCK).exists()

    def _take_lock(self) -> None:
        try:
            self._lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UsageError(f"{self.folder}: cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._lock, 32, 0).decode("ascii", "replace").strip()
            self._release()
            raise StateInUse(
                f"{self.folder} is in use by another `crawlctl run` (process {holder or 'unknown'}); "
                "stop it, or name another folder with --state"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def load_keys(folder: Path, *, create: bool) -> seal.Keys:
    """The state's keys; made once, readable by the owner only. Those in the environment, if there are any, come first."""
    path = folder / KEYS
    if keystore.given("") and not path.exists():
        return _whole(f"${keystore.VARIABLE}", keystore.read(""))
    if not path.exists():
        if not create:
            raise UsageError(f"{path}: the state's keys are missing; restore them from a backup")
        replace_file(path, seal.to_bytes(seal.new_keys()))
    try:
        return _whole(str(path), path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error}") from error


def _whole(source: str, data: bytes) -> seal.Keys:
    try:
        return seal.from_bytes(data)
    except Corrupt as error:
        raise UsageError(f"{source}: {error}") from error


def replace_file(path: Path, data: bytes) -> None:
    """A key file, for its owner alone: the whole new one, or after a crash the whole old one. UsageError if it cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if path.exists() and os.geteuid() == 0:
                    owner = path.stat()
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        beside = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(beside)
        finally:
            os.close(beside)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
