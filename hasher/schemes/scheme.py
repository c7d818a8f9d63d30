"""The files of schemes. A file says which of legality, act and age a scheme grades; it may say nothing of the others."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import msgspec
from msgspec import Struct

from contracts.lists import ACTS, AGES, KINDS, LEGALITIES, UNKNOWN

SCHEMES: Final = ("ncmec", "iwf", "inhope", "vics", "threatexchange", "stopncii")
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {"legality": LEGALITIES, "act": ACTS, "age": AGES}
"""The fields that a scheme can grade, with the values that each may have."""


class Word(Struct, frozen=True, forbid_unknown_fields=True):
    """What some words of a scheme say. `kind` is empty where a word says no more than the list's own kind does."""

    words: tuple[str, ...]
    means: str
    legality: str = UNKNOWN
    act: str = UNKNOWN
    age: str = UNKNOWN
    generated: bool = False
    kind: str = ""


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """A scheme as one country or organisation uses it. `grades` names the fields that its words state, `source` who says so."""

    names: tuple[str, ...]
    grades: tuple[str, ...]
    source: str
    word: tuple[Word, ...]


class Scheme(Struct, frozen=True, forbid_unknown_fields=True):
    """A file: what it is about, what its review has come to, and its profiles (one of the name "" where it has none)."""

    about: str
    review: str
    profile: tuple[Profile, ...]


def parse(data: bytes, name: str) -> Scheme:
    """A scheme out of TOML. ValueError, naming file and word, for what breaks the rules of this package."""
    scheme = msgspec.toml.decode(data, type=Scheme)
    for profile in scheme.profile:
        if not profile.source or not profile.names or not set(profile.grades) <= CLOSED.keys():
            raise ValueError(f"{name}: a profile without names or source, or one that grades an unknown field")
        for word in profile.word:
            for field, allowed in CLOSED.items():
                value = getattr(word, field)
                if value not in allowed or (value != UNKNOWN and field not in profile.grades):
                    raise ValueError(f"{name}, {word.words}: {field} may not be {value!r}")
            if not word.words or not word.means or word.kind not in ("", *KINDS):
                raise ValueError(f"{name}, {word.words}: it lacks words or meaning, or is of no kind")
    return scheme


def key(word: str) -> str:
    """How words are compared: without case and surrounding blanks."""
    return word.strip().casefold()


def _table(scheme: Scheme, name: str) -> dict[tuple[str, str], Word]:
    table: dict[tuple[str, str], Word] = {}
    for profile in scheme.profile:
        for of in profile.names:
            for row in profile.word:
                for word in row.words:
                    if table.setdefault((key(of), key(word)), row) is not row:
                        raise ValueError(f"{name}, profile {of!r}: the word {word!r} comes twice")
    return table


def _load(name: str) -> dict[tuple[str, str], Word]:
    return _table(parse(files(__package__).joinpath(f"{name}.toml").read_bytes(), name), name)


TABLES: Final = {name: _load(name) for name in SCHEMES}
"""Scheme to (profile, word) to row."""
