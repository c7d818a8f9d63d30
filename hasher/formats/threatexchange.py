"""ThreatExchange: JSON pages of `threat_updates`, the same records alone, and lines of `type value`.

Source: https://developers.facebook.com/docs/threat-exchange/reference/apis/threat-updates/. A record is an indicator (one
digest) with its descriptors: what each member says of it. Its identity is ThreatExchange's id of the indicator, in a line the
digest itself. Tags are the source's words; those of the media type say what medium it is, not how bad.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from contracts.lists import Opinion
from hasher.formats.format import About, Page
from hasher.formats.indicators import MEMBER, indicator_digests, read_lines
from hasher.formats.pages import (
    bounded,
    decoded,
    few_enough,
    is_word,
    opinions,
    reason_text,
    unusable,
    values,
)
from hasher.formats.records import bad_line
from hasher.lists import WORD_CHARS, BadLine, Batch, ListEntry, grade, quarantine
from hasher.schemes import Classified, agree, classify

MEDIA: Final = {"media_type_photo": "image", "media_type_video": "video"}
VERDICTS: Final = {"malicious": "confirm", "non_malicious": "dispute"}
"""Status that is an opinion. SUSPICIOUS and UNKNOWN say that nobody has decided."""
DISAGREES: Final = "disagree_with_tags"
"""The one reaction that is an opinion: it disputes. HELPFUL is thanks, and SAW_THIS_TOO no assessment: they raise nothing."""
BETWEEN_TAGS: Final = ", "
_MOST: Final = 1000
_BLOCK: Final = 1000
PEEK: Final = 1 << 20
"""Most white space before the first object of JSON."""


class _Paging(Struct):
    next: str | None = None


class _Answer(Struct):
    data: list[Raw] | None = None
    paging: _Paging | None = None
    id: Any = None


class _Owner(Struct):
    id: str | int | None = None


class _Descriptor(Struct):
    owner: _Owner | None = None
    status: str | None = None
    description: str | None = None
    tags: Any = None
    reactions: Any = None


class _Descriptors(Struct):
    data: list[_Descriptor] = []


class _Record(Struct):
    id: str | int
    indicator: str | None = None
    type: str | None = None
    last_updated: Any = None
    should_delete: bool | None = None
    tags: Any = None
    descriptors: _Descriptors | None = None


LOSES: Final = (
    "member", "series", "note", "held", "line", "size", "legality", "act", "age", "generated", "opinions", "opaque", "kind",
)  # fmt: skip
"""Fields that `write` cannot hold. Each digest becomes a record, so an entry of several comes back as several."""


_answer: Final = msgspec.json.Decoder(_Answer, strict=False)
_record: Final = msgspec.json.Decoder(_Record, strict=False)


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of a file: JSON answers or records, one after another, or lines of `type value`.

    UsageError, naming the file, for JSON that is no such thing; a bad line costs itself alone.
    """
    pieces = iter(chunks)
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= PEEK or (len(start) >= 3 and start.removeprefix(b"\xef\xbb\xbf").strip()):
            break
    again = chain([start], pieces)
    if not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        yield from read_lines(again, about)
        return
    number = 0
    for body, taken in values(again, about.file):
        batch = _page(body, about, number, alone=True).batch if body else Batch([], [])
        batch.bytes_read = taken
        number += batch.lines
        yield batch


def page(body: bytes, about: About) -> Page:
    """One answer. `following` is the link to the next one as it came: it holds the caller's token, and is kept by nobody.

    UsageError if it is none.
    """
    return _page(bounded(body, about.file), about, 0)


def write(entries: Iterable[ListEntry], about: About) -> Iterator[bytes]:
    """Answers of `threat_updates`, one a line. Nobody's opinion is handed on: the status of every descriptor is UNKNOWN."""
    records = chain.from_iterable(map(_records, entries))
    while block := list(islice(records, _BLOCK)):
        yield msgspec.json.encode({"data": block}) + b"\n"


def _records(entry: ListEntry) -> Iterator[dict[str, Any]]:
    """A record for each digest: the first has the entry's id, each further one the digest itself."""
    tags = entry.category.split(BETWEEN_TAGS) if entry.category else []
    if entry.deleted and not entry.digests:
        yield _written(entry.member_entry_id, {}, entry, [*tags, *_media_tags(entry.media)])
    for place, (algorithm, digest) in enumerate(entry.digests):
        video = algorithm == "md5" and entry.media == "video"
        indicator = {"indicator": digest.hex(), "type": f"HASH_{'VIDEO_' if video else ''}{algorithm.upper()}"}
        name = f"{algorithm}:{digest.hex()}" if place else entry.member_entry_id
        yield _written(name, indicator, entry, tags if video else [*tags, *_media_tags(entry.media)])


def _media_tags(media: str) -> list[str]:
    return [tag for tag, of in MEDIA.items() if of == media]


def _written(name: str, indicator: dict[str, str], entry: ListEntry, tags: list[str]) -> dict[str, Any]:
    said = {"data": [{"status": "UNKNOWN", "tags": tags}]}
    return {"id": name, **indicator, "should_delete": entry.deleted, "descriptors": said}


def _page(body: bytes, about: About, number: int, *, alone: bool = False) -> Page:
    answer = decoded(_answer, body)
    if isinstance(answer, str):
        raise unusable(about.file, f"not an answer of ThreatExchange: {answer}")
    raws = answer.data
    if raws is None and alone and answer.id is not None:
        raws = [Raw(body)]
    if raws is None:
        raise unusable(about.file, "not an answer of ThreatExchange: it has no data")
    few_enough(len(raws), about.file)
    batch = Batch([], [], bytes_read=len(body), lines=len(raws))
    until = 0
    for place, raw in enumerate(raws, number + 1):
        record = decoded(_record, raw)
        if isinstance(record, str):
            batch.bad.append(bad_line(place, 0, record))
            continue
        if isinstance(record.last_updated, int):
            until = max(until, record.last_updated)
        entry = _entry(record, place, batch.bad)
        if entry is not None:
            batch.entries.append(entry)
    quarantine(batch.entries)
    following = (answer.paging.next or "") if answer.paging else ""
    return Page(batch, following, str(until) if until else "")


def _entry(record: _Record, number: int, bad: list[BadLine]) -> ListEntry | None:
    """The entry, or None: then `bad` says why. An update without descriptors is a deletion that says so badly: nobody stands by
    the indicator any more (facebook/ThreatExchange issue 834)."""
    said = record.descriptors.data[:_MOST] if record.descriptors else []
    deleted = bool(record.should_delete) or not said
    name = str(record.id)
    tags = list(dict.fromkeys(chain(_tags(record.tags), *(_tags(one.tags) for one in said))))
    if not is_word(name) or not all(map(is_word, tags)):
        bad.append(bad_line(number, 0, "an id or a tag that is no word"))
        return None
    wrong: list[BadLine] = []
    found = indicator_digests(record.type or "", record.indicator or "", number, wrong)
    if found is None:
        if not deleted:  # a tombstone counts, whatever is wrong with what it takes back
            bad += wrong
            return None
        found = ((), (), "")
    digests, opaque, media = found
    media = next((MEDIA[tag] for tag in tags if tag in MEDIA), media)
    words = [tag for tag in tags if tag not in MEDIA]
    entry = ListEntry(MEMBER, name, digests, _category(words), media=media, deleted=deleted, opaque=opaque)
    entry.opinions = opinions(chain.from_iterable(map(_said, said)))
    if not deleted:
        grade(entry, _classified(words))
    return entry


def _classified(words: list[str]) -> Classified:
    """What the tags say together; a tag that says nothing is no disagreement."""
    return agree(classify(MEMBER, word) for word in words)[0] if words else classify(MEMBER, "")


def _category(words: list[str]) -> str:
    """The tags as they stand, as many whole ones as a category holds."""
    while len(text := BETWEEN_TAGS.join(words)) > WORD_CHARS:
        words = words[:-1]
    return text


def _tags(tags: Any) -> Iterator[str]:
    """Tags as a list of texts, or as the graph's objects with a text."""
    rows = tags.get("data") if isinstance(tags, dict) else tags
    for row in rows[:_MOST] if isinstance(rows, list) else []:
        text = row.get("text") if isinstance(row, dict) else row
        if isinstance(text, str):
            yield text


def _said(one: _Descriptor) -> Iterator[Opinion]:
    """What the descriptor's owner says, and who disagrees with it."""
    why = reason_text(one.description or "")
    verdict = VERDICTS.get((one.status or "").strip().lower())
    owner = str(one.owner.id) if one.owner else ""
    if verdict is not None and _is_number(owner):
        yield Opinion(f"{MEMBER}:{owner}", verdict, why)
    for row in one.reactions[:_MOST] if isinstance(one.reactions, list) else []:
        if isinstance(row, dict) and str(row.get("key", "")).lower() == DISAGREES:
            for who in str(row.get("value", ""))[:_MOST].split(","):
                if _is_number(who.strip()):
                    yield Opinion(f"{MEMBER}:{who.strip()}", "dispute", "disagrees with the tags")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
