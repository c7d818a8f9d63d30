"""A message as it streams by: the few parts that may be read are kept, bounded; all else is passed over and counted.

Nothing of a part that may not be read is decoded or kept: only lines that could be a boundary (RFC 2046) are compared with those that
are open. So a message of gigabytes costs a few hundred KiB.
"""

from typing import Final

from msgspec import Struct

from notices.replies.fields import Fields, parameter, parse, value_of

HEAD: Final = 64 * 1024
"""Of the header fields of a message or part, what is read."""
TEXT: Final = 16 * 1024
"""Of all text/plain together, once transfer encodings are undone (domain, 2)."""
REPORT: Final = 16 * 1024
"""Of a delivery status, and of the fields of the message that it is about."""
PARTS: Final = 64
DEPTH: Final = 6
_LINE: Final = 8 * 1024
"""Longest piece of a line that is looked at together: a boundary has at most 70 characters."""
_LONGER: Final = {"quoted-printable": 3.0, "base64": 1.4}
"""How much longer a text may be as it is sent (RFC 2045)."""


class Kept(Struct):
    """A part that may be read: its fields, and its body as it was sent, cut."""

    fields: Fields
    body: bytearray
    most: int
    longer: float = 0.0


class Message:
    """Takes a message piece by piece. `head` are its fields; `texts` its text/plain, `status` delivery reports, `returned` fields of
    the message that a report is about. `read` counts the octets that were kept."""

    def __init__(self) -> None:
        self.head: Fields = []
        self.texts: list[Kept] = []
        self.status: list[Kept] = []
        self.returned = bytearray()
        self.read = 0
        self._pending = bytearray()
        self._starts = True  # whether what is pending begins a line
        self._fields: bytearray | None = bytearray()
        self._whole = False  # whether the message's own fields were read
        self._boundaries: list[tuple[bytes, str]] = []
        self._part: Kept | None = None
        self._returned = False
        self._parts = 0
        self._text_left = float(TEXT)

    def feed(self, data: bytes) -> None:
        """The next piece."""
        self._pending += data
        begin = 0
        while (end := self._pending.find(b"\n", begin)) >= 0:
            self._line(bytes(self._pending[begin : end + 1]), self._starts)
            begin, self._starts = end + 1, True
        del self._pending[:begin]
        if len(self._pending) > _LINE:
            self._line(bytes(self._pending), self._starts)
            self._pending.clear()
            self._starts = False

    def end(self) -> None:
        """There is no more."""
        if self._pending:
            self._line(bytes(self._pending), self._starts)
            self._pending.clear()
        if self._fields is not None:
            self._begin(bytes(self._fields))

    def _line(self, line: bytes, starts: bool) -> None:
        if starts and line.startswith(b"--") and self._boundary(line):
            return
        if self._fields is not None:
            if starts and not line.strip(b"\r\n"):
                self._begin(bytes(self._fields))
            elif len(self._fields) + len(line) <= HEAD:
                self._fields += line
                self.read += len(line)
        elif self._returned:
            if (starts and not line.strip(b"\r\n")) or len(self.returned) + len(line) > REPORT:
                self._returned = False  # its fields were all; its body is nobody's to read
            else:
                self.returned += line
                self.read += len(line)
        elif self._part is not None:
            self._keep(self._part, line)

    def _keep(self, part: Kept, line: bytes) -> None:
        taken = line[: max(part.most - len(part.body), 0)]
        part.body += taken
        self.read += len(taken)
        if part.longer:
            self._text_left -= len(taken) / part.longer

    def _boundary(self, line: bytes) -> bool:
        """Whether this line ends a part; the next one begins, if it is not the last."""
        said = line.rstrip()
        for depth in range(len(self._boundaries) - 1, -1, -1):
            boundary, _ = self._boundaries[depth]
            if said in (b"--" + boundary, b"--" + boundary + b"--"):
                if self._fields is not None:
                    self._begin(bytes(self._fields))
                last = said.endswith(b"--") and said != b"--" + boundary
                del self._boundaries[depth + (not last) :]
                self._part, self._returned = None, False
                self._parts += 1
                self._fields = None if last or self._parts > PARTS else bytearray()
                return True
        return False

    def _begin(self, raw: bytes) -> None:
        """The fields of a message or part are whole: say what is done with its body."""
        fields = parse(raw)
        self._fields = None
        if not self._whole:
            self.head, self._whole = fields, True
        said = value_of(fields, "content-type")
        kind = said.partition(";")[0].strip().lower() or "text/plain"
        around = self._boundaries[-1][1] if self._boundaries else ""
        if kind.startswith("multipart/"):
            boundary = parameter(said, "boundary")
            if 0 < len(boundary) <= 200 and len(self._boundaries) < DEPTH:
                self._boundaries.append((boundary.encode("latin-1", "replace"), kind))
        elif value_of(fields, "content-disposition").strip().lower().startswith("attachment"):
            return
        elif kind == "text/plain":
            longer = _LONGER.get(value_of(fields, "content-transfer-encoding").strip().lower(), 1.0)
            self._part = Kept(fields, bytearray(), int(self._text_left * longer), longer)
            self.texts.append(self._part)
        elif around == "multipart/report" and kind in ("message/delivery-status", "message/global-delivery-status"):
            self._part = Kept(fields, bytearray(), REPORT)
            self.status.append(self._part)
        elif around == "multipart/report" and kind in (
            "text/rfc822-headers", "message/rfc822", "message/global", "message/global-headers",
        ):  # fmt: skip
            self._returned = True
