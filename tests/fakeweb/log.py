"""The web's own log: every request with its times, kept in memory and optionally written as JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct


class Entry(Struct):
    """One request. Times are CLOCK_MONOTONIC seconds (the same for all processes of a machine); `unix` is arrival.

    `arrival` is when the request line was complete, `ended` when the last byte was handed to the system or the
    connection died; 0.0 while it lasts. `retry_at` is when Retry-After lets the host be asked again. `cut` says how a played fault or a lost connection ended it.
    """

    arrival: float
    unix: float
    address: str
    port: int
    scheme: str
    host: str
    path: str
    method: str
    connection: int
    started: float = 0.0
    ended: float = 0.0
    status: int = 0
    sent: int = 0
    cut: str = ""
    retry_at: float = 0.0
    headers: dict[str, str] = {}

    @property
    def recheck(self) -> bool:
        """Whether it is a look whether media is still there: the crawl itself takes what caches have."""
        return self.headers.get("cache-control") == "no-cache"

    @property
    def url(self) -> str:
        """What was requested, as an absolute URL."""
        return f"{self.scheme}://{self.host}{self.path}"


class Query(Struct):
    """One question to the name server."""

    at: float
    name: str
    type: str
    transport: str


class Log:
    """Entries in order of arrival. With `path`, ended entries are also written there, in order of their end.

    Without `keep` nothing is kept or written.
    """

    def __init__(self, path: Path | None = None, keep: bool = True) -> None:
        self.keep = keep
        self.entries: list[Entry] = []
        self.queries: list[Query] = []
        self._file: IO[bytes] | None = path.open("ab") if path else None
        self._encode = msgspec.json.Encoder().encode

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: Entry) -> None:
        """A request has arrived."""
        if self.keep:
            self.entries.append(entry)

    def end(self, entry: Entry) -> None:
        """Its response has ended: write it out."""
        if self._file is not None and self.keep:
            self._file.write(self._encode(entry) + b"\n")

    def flush(self) -> None:
        """Hand what was written to the system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write out what never ended and close the file."""
        if self._file is not None:
            for entry in self.entries:
                if not entry.ended:
                    self.end(entry)
            self._file.close()
            self._file = None


def read_log(path: Path) -> list[Entry]:
    """Entries of a log file, in order of arrival; a last line that is not whole yet is left out."""
    decode = msgspec.json.Decoder(Entry).decode
    lines = path.read_bytes().split(b"\n")[:-1]
    return sorted((decode(line) for line in lines if line), key=lambda entry: entry.arrival)
