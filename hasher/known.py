"""`crawlctl try match`: digests by hand against a list, by the same index as live matching; no state, no network."""

from collections.abc import Iterable
from typing import Any, Final

from contracts.refusals import Reason, Refusal, refuse
from contracts.vault import EntryDigests
from hasher.index import Hit, Index
from hasher.lists import ALGORITHMS, ListEntry, check_digest

BY_LENGTH: Final = {32: ("md5",), 40: ("sha1",), 64: ("sha256", "pdq")}
"""Hex digits to what they may be."""
ECHO: Final = 200
"""Characters of a query that an answer repeats."""


class KnownList:
    """A list in memory, searched within `radius` bits (0..40; ValueError otherwise). Held entries match nothing: `held` counts."""

    def __init__(self, radius: int) -> None:
        self._index = Index(radius)
        self._entries: list[ListEntry] = []
        self.held = 0

    def add(self, entries: Iterable[ListEntry]) -> None:
        """Add entries; their place in the file is their number."""
        added = []
        for entry in entries:
            if entry.held:
                self.held += 1
            else:
                added.append(EntryDigests(len(self._entries), entry.digests))
                self._entries.append(entry)
        self._index.add(added)

    def answer(self, query: str) -> dict[str, Any]:
        """`{query, algorithm, matches}`, the nearest first, or `{query, error, matches: []}` for what is no digest.

        64 hex digits are looked up as SHA-256 and as PDQ; `sha256:` or `pdq:` before them decides.
        """
        asked = parse(query)
        if isinstance(asked, Refusal):
            return {"query": query.strip()[:ECHO], "error": str(asked), "matches": []}
        hits: list[Hit] = []
        for algorithm, digest in asked:
            hits += self._index.near([digest]) if algorithm == "pdq" else self._index.exact(algorithm, digest)
        matches = [self._match(hit) for hit in hits]
        matches.sort(key=lambda match: (match["distance"], match["line"], match["entry"]))
        return {"query": query.strip(), "algorithm": " or ".join(name for name, _ in asked), "matches": matches}

    def _match(self, hit: Hit) -> dict[str, Any]:
        entry = self._entries[hit.entry_id]
        return {
            "algorithm": hit.algorithm,
            "digest": hit.digest.hex(),
            "distance": hit.distance,
            "category": entry.category,
            "source": entry.member,
            "series": entry.series,
            "entry": f"{entry.member}/{entry.member_entry_id}",
            "line": entry.line,
        }


def parse(query: str) -> list[tuple[str, bytes]] | Refusal:
    """What a query may mean: (algorithm, digest), or why it is no digest."""
    text = query.strip().lower()
    name, colon, rest = text.partition(":")
    if colon:
        name, text = name.strip().replace("sha-", "sha"), rest.strip()
        if name not in ALGORITHMS:
            return refuse(Reason.UNKNOWN_ALGORITHM, f"known are {', '.join(ALGORITHMS)}")
        names: tuple[str, ...] = (name,)
    else:
        names = BY_LENGTH.get(len(text), ())
    if not names:
        what = f"a digest has 32 (MD5), 40 (SHA-1) or 64 (SHA-256, PDQ) hex digits, this has {len(text)} characters"
        return refuse(Reason.BAD_DIGEST, what)
    asked: list[tuple[str, bytes]] = []
    refusal: Refusal | None = None
    for name in names:
        digest = check_digest(name, text)
        if isinstance(digest, Refusal):
            refusal = refusal or digest
        else:
            asked.append((name, digest))
    return asked if asked or refusal is None else refusal
