"""Bytes in pieces to whole lines of text: byte order marks, encodings, any line ending, in bounded memory.

What cannot be decoded stays in its line as a lone surrogate (`UNDECODED` finds it), so that it costs that line alone. A line
over `LINE_BYTES` comes out as a line of that length and one more, whatever it was.
"""

import codecs
import re
from typing import Final

from contracts.errors import UsageError

LINE_BYTES: Final = 64 * 1024
"""Longest line, and longest record of several lines, that is read; in bytes of UTF-8."""
UNDECODED: Final = re.compile("[\udc80-\udcff]")
ENCODINGS: Final = (
    "utf-8", "utf-8-sig", "auto", "utf-16", "utf-16-le", "utf-16-be", "windows-1250", "windows-1251", "windows-1252",
    "windows-1253", "windows-1254", "windows-1257", "latin-1", "iso-8859-1", "iso-8859-2", "iso-8859-15", "ascii",
)  # fmt: skip
"""What a list may be written in. "auto": UTF-16 by its byte order mark, else UTF-8, and Windows-1252 for lines that are not."""
_UTF_8: Final = ("utf-8", "utf-8-sig", "auto", "ascii", "utf-16")
"""Those whose decoder is chosen when the first bytes are there, or needs none."""
_FALLBACK: Final = "windows-1252"


class Lines:
    """Feed it pieces in their order. `file` is the name for messages, `encoding` one of `ENCODINGS`."""

    def __init__(self, file: str, encoding: str = "utf-8") -> None:
        self.file, self.encoding = file, encoding
        self.dirty = False
        """Whether anything was met that could not be decoded."""
        self.carry = b""  # bytes of a line without its end
        self._skipping = False  # inside a line over LINE_BYTES
        self._begun = False
        self._decoder = None if encoding in _UTF_8 else _decoder(encoding)

    def feed(self, chunk: bytes, *, final: bool = False) -> list[str]:
        """The lines that end in this piece. Raises UsageError if the file is UTF-16 and that was not said."""
        if not self._begun:
            chunk, self.carry = self.carry + chunk, b""
            if len(chunk) < 3 and not final:
                self.carry = chunk
                return []
            self._begin(chunk)
            if self._decoder is None:
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
        if self._decoder is not None:
            text = self._decoder.decode(chunk, final).replace("\ufffd", "\udcff")
            chunk = text.removeprefix("\ufeff").encode(errors="surrogatepass")
        data = self.carry + chunk
        held = b""
        if b"\r" in data:
            if data.endswith(b"\r") and not final:  # perhaps half of \r\n
                data, held = data[:-1], b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = len(data) if final else data.rfind(b"\n") + 1
        body, self.carry = data[:end], data[end:] + held
        if self._skipping and (body or final):
            self._skipping = False
            body = b"-" * (LINE_BYTES + 1) + body  # stands for what was skipped: too long, whatever it was
        if len(self.carry) > LINE_BYTES + 1:
            self._skipping = True
            self.carry = held
        return self._decoded(body.removesuffix(b"\n")) if body else []

    def _begin(self, start: bytes) -> None:
        self._begun = True
        if self.encoding == "utf-16":
            self._decoder = _decoder("utf-16-be" if start.startswith(codecs.BOM_UTF16_BE) else "utf-16-le")
        if self._decoder is None and start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            if self.encoding != "auto":
                raise UsageError(
                    f"{self.file}, line 1, column 1: this is UTF-16; save the list as UTF-8, or say"
                    ' encoding = "utf-16" in a mapping'
                )
            self._decoder = _decoder("utf-16-le" if start.startswith(codecs.BOM_UTF16_LE) else "utf-16-be")

    def _decoded(self, body: bytes) -> list[str]:
        try:
            return body.decode().split("\n")
        except UnicodeDecodeError:
            if self.encoding == "auto" and self._decoder is None:
                return [self._guessed(line) for line in body.split(b"\n")]
            self.dirty = True
            return body.decode(errors="surrogateescape").split("\n")

    def _guessed(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            text = line.decode(_FALLBACK, errors="surrogateescape")
            self.dirty = self.dirty or UNDECODED.search(text) is not None
            return text


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)(errors="replace")
