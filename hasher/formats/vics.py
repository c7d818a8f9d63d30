"""Project VIC (VICS) JSON 1.x and 2.0: hash sets (`#Media`) and exports of cases (`#Cases`), as tools really write them.

Read: MD5, SHA1, SHA256, PDQ and PhotoDNA, as fields or among AlternativeHashes (HashName, HashValue); hex of either case, or
base64; Category, MediaSize, MimeType, Series, Comments (the note) and PrecategorizationSource (the originating member), as text or
number. Left alone: what is told of files and cases, Exifs, Tags, and who was identified. The model's text is handed out under
agreement; this is what files and open tools show (Griffeye, IPED, GLEAPP).

An entry is named by its MD5, which is the key of the model: MediaID counts within one file and is 0 throughout in some.
Category numbers are read by the country profile in `@odata.context`; where the file names none (1.x, `Default`), the list's
mapping may: `profile = "US"`, and nothing else. An unknown profile or category holds the entry as unmapped.
"""

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from contracts.errors import UsageError
from contracts.refusals import Reason, Refusal, refuse
from hasher.formats.format import About
from hasher.formats.mapping import MAPPING_CHARS, suggestion
from hasher.formats.rows import MOST_SIZE, media_of
from hasher.formats.vicsjson import TOO_LONG, Record, VicsJson
from hasher.lists import (
    ALGORITHMS,
    PHOTODNA,
    WORD_CHARS,
    BadLine,
    Batch,
    ListEntry,
    check_base64,
    check_digest,
    check_opaque,
    check_photodna,
    check_word,
    grade,
    quarantine,
    tidy_note,
)
from hasher.schemes import Classified, classify, vics_profile

SCHEME: Final = "vics"
BLOCK: Final = 1 << 20
_HASHED: Final = frozenset((*ALGORITHMS, PHOTODNA))
_NAMED_BY: Final = ("md5", "sha1", "sha256", "pdq")
_NAMES: Final = {"sha-1": "sha1", "sha-256": "sha256", "pdna": PHOTODNA}
"""Names of algorithms as some tools write them."""


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """Batches of about a mebibyte; a bad line's number is that of the record. UsageError, naming the file and how far it was read,
    if it is no such file or is cut off: then batches were given of what came before, so read it to its end first."""
    stated = profile_of(about.mapping)
    parser = VicsJson(about.file)
    entries = _Entries(about.list_name)
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK):
            piece = chunk[start : start + BLOCK]
            yield entries.batch(parser.feed(piece), stated or vics_profile(parser.context), len(piece))
    yield entries.batch(parser.end(), stated or vics_profile(parser.context), 0)


def check(chunks: Iterable[bytes], about: About) -> Iterator[int]:
    """Read the file to its end and no more; how many bytes at a time. UsageError as of `read`."""
    profile_of(about.mapping)
    parser = VicsJson(about.file)
    for chunk in chunks:
        parser.feed(chunk)
        yield len(chunk)
    parser.end()


def profile_of(mapping: str) -> str:
    """The country profile that a list's mapping names, or nothing. UsageError for any other key."""
    if len(mapping) > MAPPING_CHARS:
        raise UsageError(f"the mapping is longer than {MAPPING_CHARS} characters")
    try:
        raw = tomllib.loads(mapping)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"the mapping is no TOML: {error}") from None
    for key in raw:
        if key != "profile":
            near = suggestion(key, ("profile",))
            raise UsageError(f"the mapping of a Project VIC list: unknown word {key[:50]!r}{near}; known is profile")
    profile = raw.get("profile", "")
    if not isinstance(profile, str) or check_word(profile):
        raise UsageError('the mapping of a Project VIC list: profile is a country, as in profile = "US"')
    return profile


class _Bad(Exception):
    """Why a record is no entry."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class _Entries:
    """Turns records into batches."""

    def __init__(self, list_name: str) -> None:
        self.list_name = list_name
        self.number = 0
        self._known: dict[tuple[str, str], Classified] = {}

    def batch(self, records: list[Record | None], profile: str, size: int) -> Batch:
        batch = Batch([], [], bytes_read=size, lines=len(records))
        for record in records:
            self.number += 1
            try:
                if record is None:
                    raise _Bad(refuse(Reason.BAD_LINE, "a record that is no object"))
                batch.entries.append(self._entry(record, profile, batch.bad))
            except _Bad as bad:
                batch.bad.append(BadLine(self.number, 0, bad.refusal))
        quarantine(batch.entries)
        return batch

    def _entry(self, record: Record, profile: str, bad: list[BadLine]) -> ListEntry:
        digests: list[tuple[str, bytes]] = []
        opaque: list[tuple[str, bytes]] = []
        texts: dict[str, str] = {}
        for name, value, field in _fields(record):
            if field:
                texts[name] = _text(name, value)
                continue
            digest = _digest(name, value)
            if not isinstance(digest, Refusal):
                (digests if name in ALGORITHMS else opaque).append((name, digest))
            elif name in ALGORITHMS:
                raise _Bad(digest)
            elif name == PHOTODNA:  # kept only: it costs itself alone
                bad.append(BadLine(self.number, 0, digest))
        if not digests:
            raise _Bad(refuse(Reason.BAD_LINE, "neither MD5 nor SHA1, SHA256 or PDQ"))
        get = texts.get
        category = get("category", "")
        entry = ListEntry(
            get("precategorizationsource") or self.list_name, _named(digests), tuple(dict.fromkeys(digests)), category,
            get("series", ""), tidy_note(texts["comments"]) if "comments" in texts else "", "", 0,
            _size(texts["mediasize"]) if "mediasize" in texts else 0,
        )  # fmt: skip
        entry.opaque = tuple(dict.fromkeys(opaque)) if opaque else ()
        if "mimetype" in texts:
            entry.media = media_of(texts["mimetype"].lower())
        known = self._known.get((profile, category))
        if known is None:
            if len(self._known) > 1000:
                self._known.clear()
            known = self._known[profile, category] = classify(SCHEME, category, profile)
        grade(entry, known)
        return entry


def _fields(record: Record) -> Iterator[tuple[str, Any, bool]]:
    """(name, value, whether it is no hash) of all that has a value; a hash's name is its algorithm."""
    for name, value in record.items():
        if value is None or value == "":
            continue
        if name == "hashes":
            for of, hashed in value:
                if isinstance(of, str) and hashed is not None and hashed != "":
                    of = of.strip().lower()
                    yield _NAMES.get(of, of), hashed, False
        else:
            yield name, value, name not in _HASHED


def _digest(name: str, value: object) -> bytes | Refusal:
    if not isinstance(value, str):
        return refuse(Reason.BAD_DIGEST, "a hash that is no text, or is too long")
    text = value.strip()
    if name in ALGORITHMS:
        # 16, 20 and 32 bytes are 24, 28 and 44 characters of base64, and 32, 40 and 64 of hex: never the same.
        length = ALGORITHMS[name]
        base64 = len(text) in (-(-length // 3) * 4, -(-length * 4 // 3))
        return check_base64(name, text) if base64 else check_digest(name, text)
    if name == PHOTODNA:
        return check_photodna(text)
    return check_opaque(text) if name and not check_word(name) and " " not in name else refuse(Reason.BAD_DIGEST)


def _named(digests: list[tuple[str, bytes]]) -> str:
    if digests[0][0] == "md5":
        return f"md5:{digests[0][1].hex()}"
    first = dict(reversed(digests))
    name = next(name for name in _NAMED_BY if name in first)
    return f"{name}:{first[name].hex()}"


def _text(name: str, value: object) -> str:
    """The text of a field; one that is a word is held to be one."""
    if isinstance(value, str):
        text = value.strip()
    elif value is TOO_LONG:
        raise _Bad(refuse(Reason.BAD_LINE, f"{name} is too long"))
    else:
        text = (
            str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53 else str(value)
        )
    if name != "comments" and (len(text) > WORD_CHARS or not text.isprintable()):
        refusal = check_word(text)
        if refusal:
            raise _Bad(refuse(refusal.reason, f"{name}: {refusal.evidence}"))
    return text


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MOST_SIZE):
        raise _Bad(refuse(Reason.BAD_LINE, "mediasize is a whole number of bytes"))
    return int(text)
