"""Which column of a CSV means what: a TOML text, as `lists add --mapping m.toml` takes it.

delimiter = ";"            # one character (default ","); "auto": what the header has most of , ; tab |
quote = '"'                # one character, or "" where nothing is quoted
encoding = "windows-1252"  # default "utf-8"; "auto": UTF-16 by its mark, UTF-8, else Windows-1252
header = true              # false: columns are numbers, from 1
skip = 0                   # lines before the header
base64 = ["photodna"]      # digest columns in base64; the others are hex of either case
scheme = "iwf"             # by which the category is read (`hasher.schemes`)

[columns]                  # one of `FIELDS` = the column's name or number, or a list of which the first found counts
id = "Image ID"
sha1 = ["SHA1", "SHA-1"]

[values.deleted]           # words of the file = what they mean; for `deleted`, `generated` and `media`
gone = true

[constants]                # fields that every line has; a column that is not empty goes before
member = "NGO"
"""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from typing import Any, Final

from msgspec import Struct

from contracts.errors import UsageError
from hasher.formats.lines import ENCODINGS
from hasher.schemes.scheme import SCHEMES

DIGESTS: Final = ("md5", "sha1", "sha256", "pdq", "photodna")
WORDS: Final = ("member", "category", "series", "note", "media", "legality", "act", "age")
FLAGS: Final = ("deleted", "generated", "baseline")
FIELDS: Final = ("id", "algorithm", "digest", *DIGESTS, "opaque", "size", *FLAGS, *WORDS)
"""`baseline` is a flag whose yes is the category of that word where no column has a category; `opaque` holds name:base64."""
SETTINGS: Final = (
    "delimiter", "quote", "encoding", "header", "skip", "base64", "scheme", "profile", "columns", "values", "constants",
)  # fmt: skip
AUTO: Final = "auto"
MOST_COLUMNS: Final = 1000
"""Highest number of a column."""
MOST_SKIPPED: Final = 1000
MAPPING_CHARS: Final = 100_000


class Columns(Struct, frozen=True):
    """A mapping that was read. `columns`: for each field the names or numbers of columns that may hold it. `lenient`: columns may
    be missing, as in a mapping that is built in. Of `schemes` the first that knows the word counts."""

    columns: dict[str, tuple[str | int, ...]]
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    header: bool = True
    skip: int = 0
    base64: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    profile: str = ""
    values: dict[str, dict[str, bool | str]] = {}
    constants: dict[str, str] = {}
    lenient: bool = False


def parse(text: str) -> Columns:
    """The mapping in this TOML text. Raises UsageError naming the key that is wrong."""
    if len(text) > MAPPING_CHARS:
        raise _wrong(f"it is longer than {MAPPING_CHARS} characters")
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(f"it is no TOML: {error}") from None
    _known(raw, SETTINGS, "")
    columns = _columns(raw.get("columns"), raw.get("header", True))
    base64 = raw.get("base64", [])
    if not isinstance(base64, list) or not all(isinstance(name, str) for name in base64):
        raise _wrong("base64 is a list of digest columns")
    _known(base64, ("digest", *DIGESTS), "base64: ")
    made = Columns(
        columns,
        _character(raw, "delimiter", ",", AUTO),
        _character(raw, "quote", '"', ""),
        _word(raw, "encoding", "utf-8").lower(),
        _flag(raw, "header"),
        _number(raw, "skip", MOST_SKIPPED),
        tuple(base64),
        (raw["scheme"],) if _word(raw, "scheme", "") else (),
        _word(raw, "profile", ""),
        _values(raw.get("values", {})),
        _constants(raw.get("constants", {})),
    )
    if made.encoding not in ENCODINGS:
        raise _wrong(
            f"encoding {made.encoding[:50]!r}{suggestion(made.encoding, ENCODINGS)}; known are {', '.join(ENCODINGS)}"
        )
    _known(made.schemes, SCHEMES, "scheme: ")
    if made.delimiter == made.quote:
        raise _wrong("delimiter and quote are the same")
    if not made.header and made.delimiter == AUTO:
        raise _wrong("delimiter is to be told by the header, and there is none")
    return made


def suggestion(word: str, known: Collection[str]) -> str:
    """ "; did you mean ...?" if something known resembles the word, else nothing."""
    near = difflib.get_close_matches(word[:50], [*known], 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _wrong(what: str) -> UsageError:
    return UsageError(f"the mapping of columns: {what}")


def _known(keys: Collection[str], known: Collection[str], where: str) -> None:
    for key in keys:
        if key not in known:
            raise _wrong(f"{where}unknown word {key[:50]!r}{suggestion(key, known)}; known are {', '.join(known)}")


def _columns(raw: object, header: object) -> dict[str, tuple[str | int, ...]]:
    if not isinstance(raw, Mapping) or not raw:
        raise _wrong("it needs a table [columns] that says which column is what")
    _known(raw, FIELDS, "columns: ")
    columns: dict[str, tuple[str | int, ...]] = {}
    for field, value in raw.items():
        names = value if isinstance(value, list) else [value]
        for name in names:
            number = isinstance(name, int) and not isinstance(name, bool)
            if not (isinstance(name, str) or number):
                raise _wrong(f"columns.{field} is the name or the number of a column")
            if number and not 1 <= name <= MOST_COLUMNS:
                raise _wrong(f"columns.{field}: columns have numbers from 1 to {MOST_COLUMNS}")
            if not header and not number:
                raise _wrong(f"columns.{field}: without a header, columns are numbers")
        if not names:
            raise _wrong(f"columns.{field} names no column")
        columns[field] = tuple(names)
    if ("algorithm" in columns) != ("digest" in columns):
        raise _wrong("columns: algorithm and digest go together")
    if not columns.keys() & {"digest", *DIGESTS}:
        raise _wrong(f"columns: none holds a digest ({', '.join(DIGESTS)}, or algorithm and digest)")
    return columns


def _values(raw: object) -> dict[str, dict[str, bool | str]]:
    if not isinstance(raw, Mapping):
        raise _wrong("values is a table of tables")
    _known(raw, (*FLAGS, "media"), "values: ")
    made: dict[str, dict[str, bool | str]] = {}
    for field, words in raw.items():
        if not isinstance(words, Mapping):
            raise _wrong(f"values.{field} is a table: words of the file, and what they mean")
        for meaning in words.values():
            if field in FLAGS and not isinstance(meaning, bool):
                raise _wrong(f"values.{field}: a word means true or false")
            if field == "media" and meaning not in ("image", "video", ""):
                raise _wrong('values.media: a word means "image", "video" or ""')
        made[field] = {word.strip().lower(): meaning for word, meaning in words.items()}
    return made


def _constants(raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        raise _wrong("constants is a table")
    _known(raw, ("member", "category", "series", "note", "media"), "constants: ")
    for field, value in raw.items():
        if not isinstance(value, str) or not value.isprintable() or len(value) > 200:
            raise _wrong(f"constants.{field} is a printable text of at most 200 characters")
        if field == "media" and value not in ("image", "video"):
            raise _wrong('constants.media is "image" or "video"')
    return dict(raw)


def _word(raw: Mapping[str, Any], key: str, default: str) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise _wrong(f"{key} is a text")
    return value


def _character(raw: Mapping[str, Any], key: str, default: str, other: str) -> str:
    value = _word(raw, key, default)
    if value != other and (len(value) != 1 or value in "\r\n" or not value.isascii()):
        raise _wrong(f"{key} is one ASCII character, or {other!r}")
    return value


def _flag(raw: Mapping[str, Any], key: str) -> bool:
    value = raw.get(key, True)
    if not isinstance(value, bool):
        raise _wrong(f"{key} is true or false")
    return value


def _number(raw: Mapping[str, Any], key: str, most: int) -> int:
    value = raw.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _wrong(f"{key} is a number from 0 to {most}")
    return value
