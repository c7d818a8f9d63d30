"""What the sources differ in."""

from collections.abc import Callable

from msgspec import Struct


def says_nothing(status: int, body: bytes) -> str:
    """The word of a source whose statuses mean what they say."""
    return ""


class Protocol(Struct, frozen=True):
    """A source that answers in pages, as data.

    `ask(root, start, until, token, size)` is the URL of a page: the first one of a range if the token is empty. `token(root,
    following)` is what is kept of the link to the next page; Corrupt if that leads astray. `sizes` are the records of a page,
    from the usual to the least: a page that cannot be read is asked for in smaller ones (0: the source decides).

    `bounded`: a range has an end, so that a shorter one can be asked for. `steady`: pages keep their records while entries
    change; of a source that is not known to, a range of several pages is read until two passes have as many records.
    `forgets` is after how many seconds the source forgets what it has deleted (0: never). `word(status, body)` is what the source
    itself says an error is: "busy", "login", "down", or "" where its status says it all.
    """

    name: str
    root: Callable[[str], str]
    ask: Callable[[str, int, int, str, int], str]
    token: Callable[[str, str], str]
    sizes: tuple[int, ...] = (0,)
    bounded: bool = True
    steady: bool = True
    forgets: int = 0
    word: Callable[[int, bytes], str] = says_nothing
