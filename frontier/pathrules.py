"""Which of many path patterns decides about a path: the longest that matches, Allow before Disallow (RFC 9309, 2.2.2).

`frontier.robotstxt` and the scope rules of `frontier.policy` ask here. Patterns and paths are hostile: asking is bounded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import itemgetter
from typing import Final

from frontier.patterns import is_plain_pattern, spell_pattern

_UNCOUNTED_RULES: Final = 3_000
_UNCOUNTED: Final = 3_000_000
"""Wildcards, and octets of them times octets of path, up to which no steps are counted: they cost 3 ms at most."""
_BUDGET: Final = 250_000
"""Steps of about 15 ns (64 octets compared) that the wildcards of one file may cost for one path: about 4 ms."""
_STEPS_PER_RULE: Final = 16
_STEPS_PER_SEARCH: Final = 10
_ANCHOR: Final = 4
_FEW: Final = 16

_Wildcard = tuple[int, int, int, tuple[str, ...]]
"""Rank (length * 2 + allow), mark (reference * 2 + allow), octets that a path must have, segments between the stars."""
_RANK: Final = itemgetter(0)


class _Bucket:
    """Many wildcards with the same beginning and end, by an anchor: up to four octets that a path must hold."""

    __slots__ = ("groups", "lengths", "strictest")

    def __init__(self, wildcards: list[_Wildcard]) -> None:
        self.groups: dict[str, list[_Wildcard]] = {}
        for wildcard in wildcards:
            anchor = max(wildcard[3], key=len, default="")[:_ANCHOR]
            self.groups.setdefault(anchor, []).append(wildcard)
        self.lengths = sorted(set(map(len, self.groups)))
        self.strictest = _strictest(wildcards)

    def candidates(self, path: str) -> Iterator[list[_Wildcard]]:
        """Groups whose anchor the path holds; costs the length of the path or the number of groups, what is less."""
        if len(self.groups) <= len(path) + 32:
            return (group for anchor, group in self.groups.items() if anchor in path)
        places = range(len(path))
        grams = (gram for k in self.lengths for gram in dict.fromkeys([path[i : i + k] for i in places]))
        return (self.groups[gram] for gram in grams if gram in self.groups)


def _strictest(wildcards: list[_Wildcard]) -> tuple[int, int]:
    """Rank and mark of the first Disallow among wildcards by falling rank; (-1, -1) if all allow."""
    return next(((rank, mark) for rank, mark, _, _ in wildcards if not mark & 1), (-1, -1))


class PathRules:
    """Many patterns, indexed so that asking costs the length of the path rather than the number of rules.

    Plain patterns are looked up by each length that occurs. Wildcards are looked up by what stands before their first
    star and, if they end in `$`, after their last; the rest is searched greedily from left to right. Immutable, picklable.
    """

    __slots__ = ("_counted", "_heads", "_lengths", "_plain", "_wild", "_wild_octets", "count")

    def __init__(self, rules: Iterable[tuple[str, bool, int]]) -> None:
        """`rules` are (pattern, allow, reference >= 0); of equal patterns the first counts, but Allow before Disallow."""
        plain: dict[str, int] = {}
        stars: dict[str, tuple[int, int]] = {}
        for pattern, allow, reference in rules:
            mark = reference * 2 + allow
            for spelt in (pattern,) if is_plain_pattern(pattern) else spell_pattern(pattern):
                if "*" not in spelt:
                    if (known := plain.get(spelt)) is None or allow > known & 1:
                        plain[spelt] = mark
                elif spelt not in stars or allow > stars[spelt][1] & 1:
                    stars[spelt] = (len(spelt) * 2 + allow, mark)
        self.count = len(plain) + len(stars)
        self._plain = plain
        self._lengths = sorted({len(key) for key in plain if key[-1] != "$"}, reverse=True)
        self._wild_octets = 0
        found: dict[str, dict[str | None, list[_Wildcard]]] = {}
        for spelt, (rank, mark) in stars.items():
            head, *middle = spelt.split("*")
            tail = middle.pop()[:-1] if spelt[-1] == "$" else None
            need = len(spelt) - spelt.count("*") - (tail is not None)
            self._wild_octets += need
            found.setdefault(head, {}).setdefault(tail, []).append((rank, mark, need, tuple(filter(None, middle))))
        ends: dict[int, set[int]] = {}
        for head, tails in found.items():
            ends.setdefault(len(head), set()).update(len(tail) for tail in tails if tail is not None)
            for wildcards in tails.values():
                wildcards.sort(reverse=True, key=_RANK)
        self._wild: dict[str, dict[str | None, list[_Wildcard] | _Bucket]] = {
            head: {tail: _Bucket(these) if len(these) > _FEW else these for tail, these in tails.items()}
            for head, tails in found.items()
        }
        self._heads = [(length, sorted(ends[length])) for length in sorted(ends)]
        self._counted = len(stars) > _UNCOUNTED_RULES

    def decide(self, path: str) -> tuple[int, bool]:
        """(reference * 2 + allow) of the rule that decides about a path spelt by `spell_path`, or -1; whether it was assumed.

        Costs at most about 10 ms. Where the wildcards of a hostile file would cost more, those that remain are assumed
        to match if they disallow and not to if they allow: we may refuse what is allowed, never the other way.
        """
        octets = len(path)
        plain = self._plain
        if (found := plain.get(path + "$", -1)) >= 0:
            top = (octets + 1) * 2 + (found & 1)
        else:
            top = -1
            for length in self._lengths:
                if length <= octets and (mark := plain.get(path[:length])) is not None:
                    found, top = mark, length * 2 + (mark & 1)
                    break
        if not self._wild:
            return found, False
        if self._counted or self._wild_octets * octets > _UNCOUNTED:
            return self._decide_counted(path, found, top)
        for bucket, start, end in self._buckets(path):
            for group in bucket.candidates(path) if isinstance(bucket, _Bucket) else (bucket,):
                for rank, mark, need, segments in group:
                    if rank <= top:
                        break
                    if need <= octets and _holds(path, start, end, segments):
                        found, top = mark, rank
                        break
        return found, False

    def _buckets(self, path: str) -> Iterator[tuple[list[_Wildcard] | _Bucket, int, int]]:
        """Wildcards whose beginning and end the path has, and where what lies between begins and ends."""
        octets = len(path)
        for length, tails in self._heads:
            if length > octets:
                break
            if buckets := self._wild.get(path[:length]):
                if None in buckets:
                    yield buckets[None], length, octets
                for tail in tails:
                    if length + tail <= octets and (bucket := buckets.get(path[octets - tail :])):
                        yield bucket, length, octets - tail

    def _decide_counted(self, path: str, found: int, top: int) -> tuple[int, bool]:
        """The rest of `decide` for files with so many wildcards that their steps have to be counted.

        A search looks at each place at most twice; it goes on comparing only where a pair of octets agrees, and no pair
        occurs more than `repeats` times in the path.
        """
        octets = len(path)
        repeats = max(Counter(pairwise(path)).values(), default=0)
        budget = _BUDGET
        assumed = False
        for bucket, start, end in self._buckets(path):
            budget -= _STEPS_PER_RULE + 4 * octets * isinstance(bucket, _Bucket)
            groups: Iterable[list[_Wildcard]] = bucket.candidates(path) if isinstance(bucket, _Bucket) else (bucket,)
            for group in groups if budget >= 0 else ():
                for rank, mark, need, segments in group:
                    if rank <= top or budget < 0:
                        break
                    budget -= _STEPS_PER_RULE
                    if need <= octets:
                        steps = _steps_to_find(path, start, end, segments, repeats)
                        budget -= abs(steps)
                        if steps >= 0:
                            found, top, assumed = mark, rank, False
                            break
            if budget < 0:
                rank, mark = bucket.strictest if isinstance(bucket, _Bucket) else _strictest(bucket)
                if rank > top:
                    found, top, assumed = mark, rank, True
        return found, assumed


def _holds(path: str, start: int, end: int, segments: tuple[str, ...]) -> bool:
    """Whether the path holds the segments in this order between `start` and `end`, none overlapping another."""
    for segment in segments:
        if (at := path.find(segment, start, end)) < 0:
            return False
        start = at + len(segment)
    return True


def _steps_to_find(path: str, start: int, end: int, segments: tuple[str, ...], repeats: int) -> int:
    """As `_holds`, but the steps that it cost at most, negative if the path does not hold the segments."""
    steps = 0
    for segment in segments:
        at = path.find(segment, start, end)
        length = len(segment)
        steps += _STEPS_PER_SEARCH
        if length > 1:
            steps += (2 * ((at if at >= 0 else end) - start) + length * repeats) >> 6
        if at < 0:
            return -steps
        start = at + length
    return steps
