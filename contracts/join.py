"""All links of a page in one go: join, canonicalise, group by scheme and host, and the cleaning of query strings."""

from collections import Counter
from collections.abc import Iterable

from contracts.messages import Link, LinkKind
from contracts.refusals import Reason, Refusal
from contracts.urls import MAX_BYTES, Url, parse_bytes, url_id, well_formed

Groups = dict[tuple[bool, str], list[Link]]
"""Links by (https, host)."""


class Joiner:
    """Joins the raw links of one page to its base URL (already chosen between the page's URL and its base element).

    An empty or fragment-only link is the page itself and is returned as such.
    """

    def __init__(self, base: str, *, max_bytes: int = MAX_BYTES) -> None:
        self._base = well_formed(base).encode()
        self._max = max_bytes

    def join(self, raw: str) -> Url | Refusal:
        """The canonical URL that `raw` leads to, or why it is refused; equal to `urls.parse(raw, base)`."""
        return parse_bytes(raw, self._base, self._max)

    def group(self, raws: Iterable[tuple[str, LinkKind, int]]) -> tuple[Groups, Counter[Reason]]:
        """Links of (raw, kind, flags), grouped, and refusals counted by reason.

        A URL met again with the same kind is one link, whose flags are those that all of them have (a URL linked
        once without nofollow may be followed).
        """
        found: dict[tuple[bool, str], dict[tuple[str, LinkKind], Link]] = {}
        refused: Counter[Reason] = Counter()
        for raw, kind, flags in raws:
            url = self.join(raw)
            if isinstance(url, Refusal):
                refused[url.reason] += 1
                continue
            links = found.setdefault((url.https, url.host), {})
            key = (url.path, kind)
            old = links.get(key)
            flags = flags if old is None else flags & old.flags
            links[key] = Link(url.path, url_id(url.text), kind, flags)
        return {key: list(links.values()) for key, links in found.items()}, refused
