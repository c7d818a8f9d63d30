"""Rows of a table to entries, by a mapping of columns (`hasher.formats.mapping`)."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from contracts.lists import ACTS, AGES, LEGALITIES
from contracts.refusals import Reason, Refusal, refuse
from hasher.formats.formulas import unmarked
from hasher.formats.mapping import FLAGS, Columns
from hasher.lists import (
    ALGORITHMS,
    PHOTODNA,
    ListEntry,
    check_base64,
    check_digest,
    check_opaque,
    check_photodna,
    check_word,
    grade,
    tidy_note,
)
from hasher.schemes import classify
from hasher.schemes.classify import NOT_MAPPED, Classified

TRUE: Final = frozenset(("true", "yes", "y", "1", "x"))
FALSE: Final = frozenset(("false", "no", "n", "0", ""))
MOST_SIZE: Final = (1 << 63) - 1
_SIZE: Final = re.compile("[0-9]{1,19}")
_STRONGEST: Final = ("sha256", "sha1", "md5", "pdq")
_GRADES: Final = {"legality": LEGALITIES, "act": ACTS, "age": AGES}


class Unfit(Exception):
    """A row that is no entry: the place of the field that is wrong (-1: the whole row), and why."""

    def __init__(self, place: int, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.place, self.refusal = place, refusal


class Rows:
    """`places`: where each of `mapping.FIELDS` stands. `member`: the originating member of rows that name none."""

    def __init__(self, places: dict[str, int], columns: Columns, member: str, *, marked: bool = False) -> None:
        self.places, self.columns = places, columns
        constants = columns.constants
        self.member = constants.get("member", "") or member
        self.marked = marked
        """Whether text that looks like a formula has a mark before it, to be taken off."""
        self._digests = [
            (name, places[name], _check(name, columns)) for name in (*ALGORITHMS, PHOTODNA) if name in places
        ]
        self._flags = {name: columns.values.get(name, {}) for name in FLAGS}
        self._media = columns.values.get("media", {})
        self._rest = tuple(name for name in ("id", "size", "media", *FLAGS, "opaque", *_GRADES) if name in places)

    def entry(self, line: int, fields: Sequence[str]) -> ListEntry:
        """The entry of a row that has all columns. Raises Unfit."""
        digests: list[tuple[str, bytes]] = []
        opaque: list[tuple[str, bytes]] = []
        for name, place, check in self._digests:
            for text in fields[place].split():
                digest = check(text)
                if isinstance(digest, Refusal):
                    raise Unfit(place, digest)
                (opaque if name == PHOTODNA else digests).append((name, digest))
        if "digest" in self.places:
            self._stated(fields, digests)
        category, series = self._word(fields, "category"), self._word(fields, "series")
        member = self._word(fields, "member")
        note = tidy_note(self._text(fields, "note")) or self.columns.constants.get("note", "")
        entry = ListEntry(
            member or self.member, "", tuple(dict.fromkeys(digests)), category, series, note, "", line,
            media=self.columns.constants.get("media", ""),
        )  # fmt: skip
        identity = ""
        if self._rest:
            identity = self._word(fields, "id")
            self._describe(entry, fields, opaque)
        entry.opaque = tuple(dict.fromkeys(opaque))
        if self.columns.schemes and entry.category:
            grade(entry, self._classified(entry.category))
        entry.member_entry_id = identity or self._named(entry)
        return entry

    def _classified(self, category: str) -> Classified:
        for scheme in self.columns.schemes:
            classified = classify(scheme, category, self.columns.profile)
            if classified.mapped:
                return classified
        return NOT_MAPPED

    def _stated(self, fields: Sequence[str], digests: list[tuple[str, bytes]]) -> None:
        """The digest of the two columns that say algorithm and digest."""
        place = self.places["algorithm"]
        name, text = fields[place].strip().lower(), fields[self.places["digest"]].strip()
        if not name and not text and (self._digests or self._rest):
            return
        if name not in ALGORITHMS:
            raise Unfit(place, refuse(Reason.UNKNOWN_ALGORITHM, f"known are {', '.join(ALGORITHMS)}"))
        check = check_base64 if "digest" in self.columns.base64 else check_digest
        digest = check(name, text)
        if isinstance(digest, Refusal):
            raise Unfit(self.places["digest"], digest)
        digests.append((name, digest))

    def _named(self, entry: ListEntry) -> str:
        """The identity of an entry that has no id: its strongest digest."""
        by_name = dict(reversed(entry.digests))
        for name in _STRONGEST:
            if name in by_name:
                return f"{name}:{by_name[name].hex()}"
        what = "no digest that can be matched, and no id" if entry.opaque else "neither a digest nor an id"
        raise Unfit(-1, refuse(Reason.BAD_LINE, what))

    def _describe(self, entry: ListEntry, fields: Sequence[str], opaque: list[tuple[str, bytes]]) -> None:
        """Size, media, flags, grades, and digests that are only kept."""
        size = self._text(fields, "size")
        if size:
            if not _SIZE.fullmatch(size) or int(size) > MOST_SIZE:
                raise Unfit(self.places["size"], refuse(Reason.BAD_LINE, "a size is a whole number of bytes"))
            entry.size = int(size)
        media = self._text(fields, "media").lower()
        if media:
            mapped = self._media.get(media)
            entry.media = mapped if isinstance(mapped, str) else media_of(media)
        entry.deleted = self._flag(fields, "deleted")
        entry.generated = self._flag(fields, "generated")
        if not entry.category and self._flag(fields, "baseline"):
            entry.category = "baseline"
        for name, known in _GRADES.items():
            grade = self._text(fields, name)
            if grade:
                if grade not in known:
                    raise Unfit(self.places[name], refuse(Reason.BAD_LINE, f"{name} is one of {', '.join(known)}"))
                setattr(entry, name, grade)
        for pair in self._text(fields, "opaque").split():
            name, _, text = pair.partition(":")
            digest = check_opaque(text)
            if isinstance(digest, Refusal) or check_word(name) or not name:
                raise Unfit(self.places["opaque"], refuse(Reason.BAD_DIGEST, "this column holds name:base64"))
            opaque.append((name, digest))
        if not entry.digests and not entry.deleted:
            what = "digests of algorithms that are not matched" if opaque else "no digest"
            raise Unfit(-1, refuse(Reason.UNKNOWN_ALGORITHM if opaque else Reason.BAD_LINE, what))

    def _flag(self, fields: Sequence[str], name: str) -> bool:
        word = self._text(fields, name).lower()
        meaning = self._flags[name].get(word)
        if isinstance(meaning, bool):
            return meaning
        if word in TRUE:
            return True
        if word not in FALSE:
            what = f"{name} is true or false; [values.{name}] maps words"
            raise Unfit(self.places[name], refuse(Reason.BAD_LINE, what))
        return False

    def _text(self, fields: Sequence[str], name: str) -> str:
        place = self.places.get(name)
        if place is None:
            return ""
        text = fields[place].strip()
        return unmarked(text) if self.marked and text.startswith("'") else text

    def _word(self, fields: Sequence[str], name: str) -> str:
        text = self._text(fields, name)
        if not text:
            return self.columns.constants.get(name, "") if name != "member" else ""
        refusal = check_word(text)
        if refusal:
            raise Unfit(self.places[name], refusal)
        return text


def media_of(word: str) -> str:
    """What a media type or word in lower case is: "image", "video" or ""."""
    if word.startswith(("image", "picture", "photo", "still")):
        return "image"
    return "video" if word.startswith(("video", "movie")) else ""


def _check(name: str, columns: Columns) -> Callable[[str], bytes | Refusal]:
    if name == PHOTODNA:
        return check_photodna
    check = check_base64 if name in columns.base64 else check_digest
    return lambda text: check(name, text)
