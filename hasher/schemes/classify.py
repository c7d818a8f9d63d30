"""A word to its fields, and what several sources say together (domain, section 1: scales are kept, not converted)."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from contracts.lists import KINDS, UNKNOWN
from hasher.schemes.scheme import TABLES, key

_CONTEXT: Final = re.compile(r"/([^/$#?]{1,40})/\$metadata(?:#|$)")


class Classified(Struct, frozen=True):
    """What a word says. `kind` is empty where it says no more than the kind of its list; an entry whose word is of another kind
    than its list may not match as the list's kind. Not `mapped`: its entry is held as unmapped, counted and never indexed."""

    legality: str = UNKNOWN
    act: str = UNKNOWN
    age: str = UNKNOWN
    generated: bool = False
    kind: str = ""
    mapped: bool = True


NOT_MAPPED: Final = Classified(mapped=False)


def classify(scheme: str, word: str, profile: str = "") -> Classified:
    """What a source's own word says. `scheme` is one of `SCHEMES` (KeyError otherwise), `profile` the country where words differ
    by country. An unknown word or profile is not mapped, and never guessed from another country or a similar word."""
    row = TABLES[scheme].get((key(profile), key(word)))
    if row is None:
        return NOT_MAPPED
    return Classified(row.legality, row.act, row.age, row.generated, row.kind)


def agree(several: Iterable[Classified]) -> tuple[Classified, bool]:
    """What sources say together of one medium or entry, and whether people must look because they disagree.

    Disagreement between sources lowers to review, never raises: a field that sources state differently is unknown, of kinds
    the last in the order of `KINDS` counts. A source that says nothing of a field does not disagree.
    """
    said = [one for one in several if one.mapped]
    if not said:
        return NOT_MAPPED, False
    stated = [{getattr(one, field) for one in said} - {UNKNOWN} for field in ("legality", "act", "age")]
    kinds = {one.kind for one in said} - {""}
    legality, act, age = (values.pop() if len(values) == 1 else UNKNOWN for values in map(set, stated))
    kind = max(kinds, key=KINDS.index, default="")
    together = Classified(legality, act, age, any(one.generated for one in said), kind)
    return together, len(kinds) > 1 or any(len(values) > 1 for values in stated)


def vics_profile(context: str) -> str:
    """The country in `@odata.context`: the segment before `$metadata`; empty if there is none (and so no profile)."""
    found = _CONTEXT.search(context[:2000])
    return found[1] if found else ""
