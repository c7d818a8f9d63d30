"""XML as a stream in bounded memory: expat with DTDs and entities refused, depth, texts and tags bounded.

Names of elements come without prefix and in lower case; those of attributes as they stand.
"""

import re
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from contracts.errors import UsageError
from hasher.formats.pages import unusable

DEPTH: Final = 24
"""Deepest element."""
TAG_BYTES: Final = 1 << 20
"""Longest tag, comment or other piece of markup."""
TEXT_CHARS: Final = 64 * 1024
"""Longest text of an element."""
_TAG: Final = re.compile(rb"<(?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+>")


class Fault(Exception):
    """What an element holds cannot be used; the message says why, without quoting it."""


class _Over(Exception):
    """The root element has ended."""


class Document:
    """One document of the given root. Feed it until `over`; what follows it is handed back.

    Derived classes say what to do with elements (`started`, `ended`) and with what is wrong inside one (`fault`).
    """

    def __init__(self, file: str, root: str) -> None:
        self.over = False
        self.path: list[str] = []
        """Names from the root to the element that started or ends."""
        self._file, self._root = file, root
        self._window, self._base = b"", 0  # bytes from the beginning of the piece of markup that has not ended
        self._ended_at = 0  # where the root's last tag begins
        self._text: list[str] | None = None
        self._chars = 0
        self._parser = parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse

    def started(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        raise NotImplementedError

    def ended(self, name: str, text: str) -> None:
        """An element ends; `text` is empty if it has elements inside."""
        raise NotImplementedError

    def fault(self, what: str) -> bool:
        """Something inside is wrong. True: it costs its record alone."""
        raise NotImplementedError

    def feed(self, data: bytes) -> bytes:
        """Read on; the bytes after the document's end. UsageError, naming file and place, for what is no such document."""
        if not self._base and not self._window:
            data = data.lstrip()
        self._window += data
        try:
            self._parser.Parse(data, False)
        except _Over:
            self.over = True
            tag = _TAG.match(self._window, self._ended_at - self._base)
            return self._window[tag.end() :] if tag else b""
        except expat.ExpatError as error:
            what = expat.errors.messages.get(error.code, "malformed")
            raise self._unusable(f"not XML as it should be: {what}") from None
        at = max(self._parser.CurrentByteIndex, 0)
        self._window, self._base = self._window[at - self._base :], at
        if len(self._window) > TAG_BYTES:
            raise self._unusable(f"a tag with more than {TAG_BYTES} bytes")
        return b""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2].lower()
        self.path.append(name)
        if len(self.path) > DEPTH:
            raise self._unusable(f"elements nested deeper than {DEPTH}")
        if len(self.path) == 1 and name != self._root:
            raise self._unusable(f"the root element is not {self._root}")
        self._text, self._chars = [], 0
        self._guarded(lambda: self.started(name, attributes))

    def _end(self, _: str) -> None:
        text = "".join(self._text or ())
        self._text = None
        self._guarded(lambda: self.ended(self.path[-1], text))
        self.path.pop()
        if not self.path:
            self._ended_at = self._parser.CurrentByteIndex
            raise _Over

    def _characters(self, text: str) -> None:
        if self._text is None:
            return
        self._chars += len(text)
        self._text.append(text)
        if self._chars > TEXT_CHARS:
            self._text = None
            if not self.fault(f"a text with more than {TEXT_CHARS} characters"):
                raise self._unusable(f"a text with more than {TEXT_CHARS} characters")

    def _guarded(self, handle: Callable[[], None]) -> None:
        try:
            handle()
        except Fault as fault:
            if not self.fault(str(fault)):
                raise self._unusable(str(fault)) from None

    def _refuse(self, *_: object) -> None:
        raise self._unusable("a document type or entity is declared, which no list needs")

    def _unusable(self, what: str) -> UsageError:
        return unusable(f"{self._file}, line {self._parser.CurrentLineNumber}", what)


def blank(data: bytes) -> bool:
    """Whether there is nothing but white space."""
    return not data.strip()
