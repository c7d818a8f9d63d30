"""What a list format is: pure functions between bytes and entries, streaming in bounded memory."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from hasher.lists import Batch, ListEntry


class About(Struct, frozen=True):
    """What a reader must know besides the bytes: the file's name for messages, the list's name (the member of entries that name
    none), and the text of a TOML mapping where the format takes one."""

    file: str
    list_name: str
    mapping: str = ""


class Page(Struct):
    """An answer of a source that answers in pages: its entries and bad records, and the token or path of the page that follows
    (empty: the range is drained). `until` is what the source says of how far the range reaches, in its own words."""

    batch: Batch
    following: str = ""
    until: str = ""


Read = Callable[[Iterable[bytes], About], Iterator[Batch]]
"""Chunks of a file to batches. UsageError, naming file and place, for what is no such file at all."""
Write = Callable[[Iterable[ListEntry], About], Iterator[bytes]]
"""Entries to chunks of a file: the inverse of `Read` but for what `Format.loses` names."""


Check = Callable[[Iterable[bytes], About], Iterator[int]]
"""Chunks of a file to how many bytes were read: nothing more than `Read` would raise, for less."""


class Format(Struct, frozen=True):
    """A row of the table of formats. `check`: a file that is cut off imports nothing, so it is read to its end by this before any
    of it is stored; None where a part is as good as the whole. `loses` names the fields of `ListEntry` that a file of this format cannot hold."""

    name: str
    about: str
    read: Read
    write: Write | None = None
    check: Check | None = None
    loses: tuple[str, ...] = ()
