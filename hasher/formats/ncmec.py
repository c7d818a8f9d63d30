"""NCMEC hash sharing API v2: XML of `queryResult` with images, videos, tombstones, feedback and the path of the next page.

Source: the API's documentation (https://report.cybertip.org/hashsharing/v2/documentation.pdf). An entry's identity is NCMEC's
number of the member and the member's own id; members' names may change and are not kept. Pictures and videos are read
alike, with every digest that we match: clients are known that skip MD5, SHA-1 or videos. `hasher.formats.xml` is the parser.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.lists import Opinion
from contracts.refusals import Reason
from hasher.formats.format import About, Page
from hasher.formats.pages import few_enough, gather, is_word, opaque_bytes, opinions, reason_text, unusable
from hasher.formats.records import bad_line
from hasher.formats.xml import Document, Fault, blank
from hasher.lists import PHOTODNA, BadLine, Batch, ListEntry, grade, quarantine
from hasher.schemes import classify

MATCHED: Final = ("md5", "sha1", "sha256", "pdq")
OPAQUE: Final = {"pdna": PHOTODNA, "tmk-pdqf": "tmk-pdqf", "videntifier": "videntifier"}
"""Fingerprints that are kept as they are, with our names for them. Where there is only a link to one, nothing is kept."""
PIECE: Final = 256 * 1024
_RECORDS: Final = {"image": "image", "deletedimage": "image", "video": "video", "deletedvideo": "video"}
_MOST: Final = 1000
"""Most fingerprints of an entry, and most opinions on it."""


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of a file of one answer, or of several one after another. UsageError, naming the file, for anything else."""
    answer: _Answer | None = None
    number = answers = 0
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE):
            rest = chunk[start : start + PIECE]
            batch = Batch([], [], bytes_read=len(rest))
            while rest and not (answer is None and blank(rest)):
                if answer is None:
                    answer, answers = _Answer(about.file, number), answers + 1
                rest = answer.feed(rest)
                answer.drain(batch)
                number = answer.number
                if answer.over:
                    answer = None
            quarantine(batch.entries)
            yield batch
    if answer is not None or not answers:
        raise unusable(about.file, "the XML is cut off" if answers else "there is no XML")


def page(body: bytes, about: About) -> Page:
    """One answer, with the path of the next one as it stands. UsageError if it is none, cut off, or not alone."""
    answer, batch = _Answer(about.file, 0), Batch([], [], bytes_read=len(body))
    rest = b""
    for start in range(0, len(body), PIECE):
        if answer.over:
            rest += body[start : start + PIECE]
            break
        rest = answer.feed(body[start : start + PIECE])
        answer.drain(batch)
        few_enough(answer.number, about.file)
    if not answer.over or not blank(rest):
        raise unusable(about.file, "an answer with something after its end" if answer.over else "the XML is cut off")
    quarantine(batch.entries)
    return Page(batch, answer.following, answer.until)


class _Answer(Document):
    """One document. Records that ended are fetched with `drain`; `number` counts them on from the given one."""

    def __init__(self, file: str, number: int) -> None:
        super().__init__(file, "queryresult")
        self.number = number
        self.following = self.until = ""
        self._drained = number
        self._record: _Record | None = None
        self._entries: list[ListEntry] = []
        self._bad: list[BadLine] = []

    def drain(self, batch: Batch) -> None:
        batch.entries += self._entries
        batch.bad += self._bad
        batch.lines += self.number - self._drained
        self._entries, self._bad, self._drained = [], [], self.number

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if self._record is not None:
            self._record.started(self.path[3:], name, attributes)
        elif len(self.path) == 3 and name in _RECORDS:
            self.number += 1
            self._record = _Record(name)
        elif len(self.path) == 2 and name in ("images", "videos"):
            self.until = max(self.until, attributes.get("maxTimestamp", "")[:40])

    def ended(self, name: str, text: str) -> None:
        if self._record is None:
            if self.path == ["queryresult", "paging", "next"]:
                self.following = text.strip()
        elif len(self.path) > 3:
            self._record.ended(self.path[3:], name, text)
        else:
            entry = self._record.entry(self.number, self._bad)
            self._record = None
            if entry is not None:
                self._entries.append(entry)

    def fault(self, what: str) -> bool:
        if self._record is not None:
            self._record.wrong = self._record.wrong or what
        return self._record is not None


class _Record:
    """An entry while its elements come. `path` begins below the entry's own element."""

    def __init__(self, name: str) -> None:
        self.media, self.deleted = _RECORDS[name], name.startswith("deleted")
        self.wrong = ""
        self.once: dict[str, str] = {}
        self.found: list[tuple[str, str]] = []
        self.opaque: list[tuple[str, bytes]] = []
        self.unknown = False  # a fingerprint that we do not know
        self.verdict = ""
        self.members: list[str] = []  # who said it, and why, until that block ends
        self.reasons: list[str] = []
        self.said: list[Opinion] = []

    def started(self, path: list[str], name: str, attributes: dict[str, str]) -> None:
        if len(path) == 1:
            if name == "member":
                self._once(name, attributes.get("id", ""))
        elif path[0] in ("feedback", "votes"):
            if name.startswith(("affirmative", "negative")):
                self.verdict = "confirm" if name.startswith("affirmative") else "dispute"
            elif name == "member" and self.verdict and len(self.members) < _MOST:
                self.members.append(attributes.get("id", ""))
            elif name == "reason" and len(self.reasons) < _MOST:
                self.reasons.append(attributes.get("name", ""))

    def ended(self, path: list[str], name: str, text: str) -> None:
        if len(path) == 1:
            if name in ("id", "classification"):
                self._once(name, text.strip())
        elif path[0] == "fingerprints":
            if len(path) == 2:
                self._fingerprint(name, text)
        elif path[0] in ("feedback", "votes") and (name == "reasons" or name.startswith(("affirmative", "negative"))):
            self._vote(name)

    def _once(self, name: str, value: str) -> None:
        if name in self.once:
            raise Fault(f"two elements {name}")
        self.once[name] = value

    def _fingerprint(self, name: str, text: str) -> None:
        if len(self.found) + len(self.opaque) >= _MOST:
            raise Fault(f"more than {_MOST} fingerprints")
        if name in MATCHED:
            self.found.append((name, text))
        elif name not in OPAQUE:
            self.unknown = True
        elif value := opaque_bytes(OPAQUE[name], text):
            self.opaque.append((OPAQUE[name], value))

    def _vote(self, name: str) -> None:
        """A block of feedback has ended: its members say the same, for the same reasons."""
        why = reason_text("; ".join(self.reasons[:20]))
        for member in self.members:
            if not _is_number(member):
                raise Fault("feedback of a member without number")
            if len(self.said) < _MOST:
                self.said.append(Opinion(f"ncmec:{member}", self.verdict, why))
        self.members, self.reasons = [], []
        if name != "reasons":
            self.verdict = ""

    def entry(self, number: int, bad: list[BadLine]) -> ListEntry | None:
        """The entry, or None: then `bad` says why."""
        member, name, category = (self.once.get(key, "") for key in ("member", "id", "classification"))
        if not self.wrong and not (_is_number(member) and is_word(name) and (not category or is_word(category))):
            self.wrong = "no number of its member, no id, or a classification that is no word"
        if self.wrong:
            bad.append(bad_line(number, 0, self.wrong))
            return None
        found: list[BadLine] = []
        digests = gather(self.found, number, found)
        if self.deleted:
            digests = digests or ()  # a tombstone counts, whatever is wrong with what it takes back
        elif found or not (digests or self.opaque):
            reason = Reason.UNKNOWN_ALGORITHM if self.unknown else Reason.BAD_LINE
            bad += found or [bad_line(number, 0, "no fingerprint that is matched or kept", reason)]
        if digests is None or not (digests or self.opaque or self.deleted):
            return None
        entry = ListEntry(f"ncmec:{member}", name, digests, category, media=self.media, deleted=self.deleted)
        entry.opinions, entry.opaque = opinions(self.said), tuple(self.opaque)
        if not self.deleted:
            grade(entry, classify("ncmec", category))
        return entry


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
