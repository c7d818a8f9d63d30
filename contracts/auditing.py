"""The audit as a chain: who saw what and did what, each line bound to the one before it (docs/domain.md, section 4).

MAC = HMAC-SHA256(key, previous MAC || canonical line), the first line's previous being empty. The key is kept outside the database,
so that who can write there can neither change a line, nor take one out, nor move one, without its being found; lines
cut off at the end are found by the anchor, which is kept elsewhere. The canonical line is a JSON array in ASCII of all its fields.
"""

import hmac
import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from contracts.people import Identity

MAC_BYTES: Final = 32
CUT: Final = "audit.cut"
"""The act by which retention takes lines away: its subject names the last of them, so that the chain goes on from there."""
SERVICE: Final = "service"
FAULTS: Final = 100
"""Faults that are told; more are counted."""


class Act(Struct, frozen=True):
    """What somebody does: `role` is that of the account ("" for the operating system's user, who has `uid` and `machine`; "service"
    for a role of ours), `places` how many they are about to see, `subject` opaque: a case's number, never what leads to a place."""

    person: str
    act: str
    account: int = 0
    role: str = ""
    purpose: str = ""
    places: int = 0
    subject: str = ""
    uid: int = 0
    machine: str = ""


class Line(Struct, frozen=True):
    """An act as it is written down. `at` is in microseconds since the epoch."""

    seq: int
    at: int
    person: str
    account: int
    role: str
    act: str
    purpose: str
    places: int
    subject: str
    uid: int = 0
    machine: str = ""


class Link(Struct, frozen=True):
    """A line as it is stored. Lines from before there was a chain have an empty `mac`."""

    line: Line
    previous: bytes
    mac: bytes


class Anchor(Struct, frozen=True):
    """The chain's end at a time (unix seconds): `mac` in hex. A line of the anchor's file."""

    seq: int
    mac: str
    at: float


class Fault(Struct, frozen=True):
    """Something that is not as it was written, and where: at this line, or before it."""

    seq: int
    what: str


class Report(Struct, frozen=True):
    """What a check found. `unchained` lines are from before there was a chain; `cut` says up to which line retention took some away."""

    lines: int
    first: int
    last: int
    cut: int
    unchained: int
    anchors: int
    faults: list[Fault]
    more: int

    @property
    def whole(self) -> bool:
        """Whether all is as it was written."""
        return not self.faults


def audit_key(series_key: bytes) -> bytes:
    """The chain's key, 32 bytes: keyed BLAKE2b under a name of its own, of the one key that those who write lines share and that is
    never rotated."""
    return blake2b(key=series_key, digest_size=32, person=b"pisaura-audit").digest()


def act_of(who: Identity, act: str, *, purpose: str = "", places: int = 0, subject: str = "") -> Act:
    """An act of somebody with an account."""
    return Act(who.name, act, who.account, who.role, purpose, places, subject)


def service_act(name: str, act: str, *, places: int = 0, subject: str = "") -> Act:
    """An act of a role of ours: one line a batch."""
    return Act(name, act, 0, SERVICE, "", places, subject)


def line_of(act: Act, seq: int, at: int) -> Line:
    """The line of an act."""
    return Line(
        seq, at, act.person, act.account, act.role, act.act, act.purpose, act.places, act.subject, act.uid, act.machine
    )  # fmt: skip


def mac_of(key: bytes, previous: bytes, line: Line) -> bytes:
    """What binds a line to the one before it."""
    canonical = json.dumps(msgspec.structs.astuple(line), ensure_ascii=True, separators=(",", ":"))
    return hmac.digest(key, previous + canonical.encode("ascii"), "sha256")


def cut_subject(seq: int, mac: bytes) -> str:
    """What a line of the act `CUT` says: after which line, and its MAC, the chain begins from now on."""
    return f"{seq} {mac.hex()}"


class Check:
    """Walks along a chain, from its first line on."""

    def __init__(self, key: bytes, anchors: Sequence[Anchor] = ()) -> None:
        self._key = key
        self._anchors = {anchor.seq: anchor.mac for anchor in anchors}
        self._given = list(anchors)
        self._first: Link | None = None
        self._last: Link | None = None
        self._cuts: dict[int, str] = {}
        self._lines = self._unchained = self._more = 0
        self._faults: list[Fault] = []

    def take(self, links: Sequence[Link]) -> None:
        """The next lines, by their numbers."""
        for link in links:
            self._lines += 1
            if not link.mac and (self._last is None or not self._last.mac):
                self._unchained += 1
            else:
                self._bound(link)
            self._last = link

    def _bound(self, link: Link) -> None:
        line, last = link.line, self._last
        if not hmac.compare_digest(mac_of(self._key, link.previous, line), link.mac):
            self._fault(
                line.seq, "is not as it was written: it was changed, moved here, or put in by somebody without the key"
            )
        elif line.act == CUT:
            number, _, mac = line.subject.partition(" ")
            self._cuts[int(number) if number.isdigit() else 0] = mac
        if last is None or not last.mac:
            self._first = link
        elif line.seq != last.line.seq + 1:
            self._fault(line.seq, f"follows {last.line.seq}: {_lines(last.line.seq + 1, line.seq - 1)} missing")
        elif link.previous != last.mac:
            self._fault(line.seq, "does not follow the line before it: that one was changed, or another stood there")
        known = self._anchors.get(line.seq)
        if known is not None and known != link.mac.hex():
            self._fault(line.seq, "is another one than the anchor knows")

    def end(self) -> Report:
        """What was found."""
        first, last = self._first, self._last
        cut = 0
        if first is not None and first.previous:
            cut = first.line.seq - 1
            if not self._taken_away(cut, first.previous):
                self._fault(
                    first.line.seq, f"is the first: {_lines(1, cut)} missing, and no cut of retention tells of that"
                )
                cut = 0
        elif first is not None and not self._unchained and first.line.seq != 1:
            self._fault(first.line.seq, f"is the first: {_lines(1, first.line.seq - 1)} missing")
        end = last.line.seq if last is not None else 0
        beyond = max((anchor.seq for anchor in self._given), default=0)
        if beyond > end:
            self._fault(end, f"is the last: {_lines(end + 1, beyond)} missing, the anchor knows of them")
        begin = first.line.seq if first is not None else 0
        faults = sorted(self._faults, key=lambda fault: fault.seq)
        return Report(self._lines, begin, end, cut, self._unchained, len(self._given), faults, self._more)

    def _taken_away(self, last: int, mac: bytes) -> bool:
        """Whether retention took away all up to this line: it may have been stopped before it came to the one that it named."""
        return self._cuts.get(last) == mac.hex() or any(number > last for number in self._cuts)

    def _fault(self, seq: int, what: str) -> None:
        if len(self._faults) < FAULTS:
            self._faults.append(Fault(seq, what))
        else:
            self._more += 1


def _lines(first: int, last: int) -> str:
    return f"line {first} is" if first == last else f"lines {first} to {last} are"
