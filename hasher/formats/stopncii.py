"""StopNCII's FetchHashes: JSON pages of records, each a digest with its status, cases and what platforms say of it.

A record is the whole of what StopNCII says of (signalType, hashValue); a later one replaces it. Only the aggregate status
counts, not those of single cases. Values that we do not know (a new status or feedback) cost nothing: clients are known that
drop such records. The people in the pictures are adults: kind ncii-adult, never csam.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from contracts.lists import Opinion
from contracts.refusals import Reason
from hasher.formats.format import About, Page
from hasher.formats.pages import bounded, decoded, few_enough, gather, is_word, opinions, reason_text, unusable, values
from hasher.formats.records import bad_line
from hasher.lists import BadLine, Batch, ListEntry, grade, quarantine
from hasher.schemes import classify

SIGNALS: Final = {
    "imagepdq": ("pdq", "image"),
    "imagemd5": ("md5", "image"),
    "videomd5": ("md5", "video"),
}
"""Signal types with a digest that is matched: the algorithm and the media it is of."""
DELETED: Final = ("deleted", "withdrawn")
VERDICTS: Final = {"blocked": "confirm", "notblocked": "dispute", "withdrawn": "withdraw", "deleted": "withdraw"}
"""Feedback that is an opinion: the match was looked at. The rest (None, PendingReview, QualityUnknown) says nothing."""
MEMBER: Final = "stopncii"
_MOST: Final = 1000


class _Answer(Struct):
    records: list[Raw] = field(name="hashRecords")
    token: str | None = field(default=None, name="nextPageToken")
    more: bool = field(default=False, name="hasMoreRecords")
    until: int | None = field(default=None, name="nextSetTimestamp")


class _Feedback(Struct):
    source: str | None = None
    value: str | None = field(default=None, name="feedbackValue")
    tags: list[str] | None = None


class _Record(Struct):
    value: str = field(name="hashValue")
    signal: str = field(name="signalType")
    status: str = field(default="", name="hashStatus")
    feedback: list[_Feedback] | None = field(default=None, name="CSPFeedbacks")


_answer: Final = msgspec.json.Decoder(_Answer, strict=False)
_record: Final = msgspec.json.Decoder(_Record, strict=False)


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of a file of answers, one after another. UsageError, naming the file, for anything else."""
    number = 0
    for body, taken in values(chunks, about.file):
        batch = _page(body, about, number).batch if body else Batch([], [])
        batch.bytes_read = taken
        number += batch.lines
        yield batch


def page(body: bytes, about: About) -> Page:
    """One answer, with the token of the next one. UsageError if it is none."""
    return _page(bounded(body, about.file), about, 0)


def _page(body: bytes, about: About, number: int) -> Page:
    answer = decoded(_answer, body)
    if isinstance(answer, str):
        raise unusable(about.file, f"not an answer of StopNCII: {answer}")
    few_enough(len(answer.records), about.file)
    if answer.more and not answer.token:
        raise unusable(about.file, "it says that more records follow, and gives no token to ask for them")
    batch = Batch([], [], bytes_read=len(body), lines=len(answer.records))
    for place, raw in enumerate(answer.records, number + 1):
        record = decoded(_record, raw)
        if isinstance(record, str):
            batch.bad.append(bad_line(place, 0, record))
        elif (entry := _entry(record, place, batch.bad)) is not None:
            batch.entries.append(entry)
    quarantine(batch.entries)
    following = (answer.token or "") if answer.more else ""
    return Page(batch, following, "" if answer.until is None else str(answer.until))


def _entry(record: _Record, number: int, bad: list[BadLine]) -> ListEntry | None:
    signal = SIGNALS.get(record.signal.strip().lower())
    if signal is None:
        what = f"no signal type that is matched; those are {', '.join(SIGNALS)}"
        bad.append(bad_line(number, 0, what, Reason.UNKNOWN_ALGORITHM))
        return None
    algorithm, media = signal
    digests = gather([(algorithm, record.value)], number, bad)
    if not digests:
        return None
    name = f"{record.signal.strip()}:{digests[0][1].hex()}"
    deleted = record.status.strip().lower() in DELETED
    entry = ListEntry(MEMBER, name, digests, media=media, deleted=deleted)
    entry.opinions = opinions(_said(record.feedback or []))
    if not deleted:
        grade(entry, classify("stopncii", ""))
    return entry


def _said(feedback: list[_Feedback]) -> Iterator[Opinion]:
    for one in feedback[:_MOST]:
        verdict = VERDICTS.get((one.value or "").strip().lower())
        if verdict is not None and is_word(one.source or ""):
            yield Opinion(f"{MEMBER}:{one.source}", verdict, reason_text(", ".join((one.tags or [])[:20])))
