"""The words of notices, read from `templates/` once: `words.toml` and a file for each kind and part, by language.

A template is paragraphs, with an empty line between two; its first line is `Subject: ...`. `$name` stands for a value, and a
paragraph `@name` for the template `name`, for the places, or for the reasons of the kinds of lists concerned.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from string import Template
from typing import Final

from msgspec import Struct

from contracts.notices import KINDS

LANGUAGES: Final = ("en", "fr")
FALLBACK: Final = "en"
PLACES: Final = "@places"
REASONS: Final = "@reasons"
PARTS: Final = ("ask", "elements", "sender", "csam", "child-exploitative")
_SUBJECT: Final = "Subject: "


class Words(Struct, frozen=True):
    """One language: paragraphs and subject by kind, paragraphs by part, single words."""

    subjects: Mapping[str, str]
    kinds: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    legality: Mapping[str, str]
    match: Mapping[str, str]
    about: Mapping[str, str]


def words(language: str) -> Words:
    """The words of a language such as `fr` or `fr-CA`; those of English where there are none."""
    return _WORDS.get(language.lower().partition("-")[0], _WORDS[FALLBACK])


def spoken(language: str) -> str:
    """The language in which a notice is really written, of `LANGUAGES`."""
    plain = language.lower().partition("-")[0]
    return plain if plain in _WORDS else FALLBACK


def filled(template: str, values: Mapping[str, str]) -> str:
    """A paragraph or subject with its values; a value is put in as it is and never looked at for further names."""
    return Template(template).substitute(values)


def paragraphs(said: Words, kind: str, reasons: tuple[str, ...]) -> Iterator[str]:
    """The paragraphs of a notice of this kind, parts put in; `@places` stays for the caller."""
    for paragraph in said.kinds[kind]:
        if paragraph == REASONS:
            for reason in reasons:
                yield from said.parts[reason]
        elif paragraph.startswith("@") and paragraph != PLACES:
            yield from said.parts[paragraph[1:]]
        else:
            yield paragraph


def _read(language: str) -> Words:
    folder = files("notices.compose") / "templates" / language
    subjects, kinds = {}, {}
    for kind in KINDS:
        first, *rest = _paragraphs((folder / f"{kind}.txt").read_text("utf-8"))
        subjects[kind], kinds[kind] = first.removeprefix(_SUBJECT), tuple(rest)
    parts = {part: tuple(_paragraphs((folder / f"{part}.txt").read_text("utf-8"))) for part in PARTS}
    single = tomllib.loads((folder / "words.toml").read_text("utf-8"))
    return Words(subjects, kinds, parts, single["labels"], single["legality"], single["match"], single["about"])


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


_WORDS: Final = {language: _read(language) for language in LANGUAGES}
