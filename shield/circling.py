"""Whether a key circles an entry: asks again and again around the edge between match and no match, to learn what the entry is.

docs/domain.md, section 4: "queries that circle one entry (more than 50 within 64 bits of each other straddling match and no match)
suspend near answers and alert (a hill-climb test must fail, a video's frames pass)".

A circle is drawn around the first picture of a key that was near an entry: the edge of a match (31 bits) around the entry lies
within 62 bits of it. Every other picture of the key within 64 bits counts, the same one once. A picture is looked at in all
its forms, so that turned and mirrored ones are no way around. What was asked shortly before a circle is drawn counts too.

The frames of a video are many pictures within 64 bits of each other as well, some of which match: but they come to the entry and
leave it, while who climbs goes back and forth over the edge, since each of his questions is to learn on which side it lies.
So a circle is one from the fourth passage over the edge on; and whatever the passages, from four times as many pictures on.
What few passages can tell is bounded too: fewer than 30 bits of an entry's 256 in 200 questions with three passages.

Questions live here, in memory, for as long as they may count; nothing of them is written anywhere.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from contracts.shielding import Probe

FORM_BYTES: Final = 32
WORDS: Final = 4
PASSAGES: Final = 4
"""Changes between match and no match, in the order of asking, from which a circle is one."""
ANYHOW: Final = 4
"""Times as many pictures after which passages do not matter."""
RECENT: Final = 512
"""Pictures without a match that are remembered in case a circle is drawn near them."""
REMEMBERED: Final = 1_000
"""Pictures of one circle that are known again; those above count each time."""
CIRCLES: Final = 2_000
"""Circles of one key; the one that was met least lately goes first."""

Words = npt.NDArray[np.uint64]


class _Circle:
    __slots__ = ("at", "entry_id", "last", "matched", "missed", "passages", "seen")

    def __init__(self, entry_id: int, now: float) -> None:
        self.entry_id, self.at = entry_id, now
        self.seen: set[bytes] = set()
        self.matched = self.missed = self.passages = 0
        self.last: bool | None = None

    def count(self, form: bytes, matched: bool, now: float) -> None:
        """One more picture, if it is another one."""
        self.at = now
        if form in self.seen:
            return
        if len(self.seen) < REMEMBERED:
            self.seen.add(form)
        self.matched += matched
        self.missed += not matched
        self.passages += self.last is not None and self.last != matched
        self.last = matched

    def closed(self, most: int) -> bool:
        """Whether it is a circle by the rule."""
        pictures = self.matched + self.missed
        if not (self.matched and self.missed) or pictures <= most:
            return False
        return self.passages >= PASSAGES or pictures > ANYHOW * most


class Circling:
    """Watches the questions of one key. `most` pictures within `bits` of each other are no circle yet; what was asked is
    forgotten `keep` seconds after it was met last."""

    def __init__(self, most: int, bits: int, keep: float) -> None:
        self._most, self._bits, self._keep = most, bits, keep
        self._circles: OrderedDict[int, _Circle] = OrderedDict()
        self._anchors: Words = np.empty((0, WORDS), np.uint64)
        self._order: list[int] = []
        self._recent: deque[bytes] = deque(maxlen=RECENT)

    def __len__(self) -> int:
        """Circles that are watched."""
        return len(self._circles)

    def watch(self, probes: Sequence[Probe], now: float) -> int:
        """Count the pictures of a question that was answered; the entry that this key circles, 0 if none."""
        found = 0
        for probe in probes:
            found = self._one(probe, now) or found
        return found

    def lift(self) -> None:
        """People have lifted a suspension: begin anew."""
        self._circles.clear()
        self._recent.clear()
        self._lay_out()

    def _one(self, probe: Probe, now: float) -> int:
        near = dict(probe.near)
        met: dict[int, bytes] = dict(near)
        if self._order:
            forms = _words(probe.forms)
            apart = np.bitwise_count(forms[:, None, :] ^ self._anchors[None, :, :]).sum(axis=2, dtype=np.int64)
            nearest = apart.argmin(axis=0)
            for place in np.flatnonzero(apart.min(axis=0) <= self._bits).tolist():
                at = int(nearest[place]) * FORM_BYTES
                met.setdefault(self._order[place], probe.forms[at : at + FORM_BYTES])
        for entry_id, form in near.items():
            if entry_id not in self._circles:
                self._draw(entry_id, form, now)
        found = 0
        for entry_id, form in met.items():
            circle = self._circles.get(entry_id)
            if circle is None:
                continue
            circle.count(form, entry_id in near, now)
            self._circles.move_to_end(entry_id)
            if circle.closed(self._most):
                found = entry_id
        if not near:
            self._recent.append(probe.forms)
        return found

    def _draw(self, entry_id: int, form: bytes, now: float) -> None:
        """A new circle; pictures that came shortly before are within it or not."""
        circle = self._circles[entry_id] = _Circle(entry_id, now)
        anchor = _words(form)
        for forms in self._recent:
            apart = np.bitwise_count(_words(forms) ^ anchor).sum(axis=1, dtype=np.int64)
            nearest = int(apart.argmin())
            if apart[nearest] <= self._bits:
                circle.count(forms[nearest * FORM_BYTES : (nearest + 1) * FORM_BYTES], False, now)
        self._anchors = np.concatenate([self._anchors, anchor])
        self._order.append(entry_id)
        old = next(iter(self._circles.values()))
        if len(self._circles) > CIRCLES or now - old.at > self._keep:
            keep = [one for one in self._circles.values() if now - one.at <= self._keep][-CIRCLES:]
            kept = {one.entry_id for one in keep}
            places = [place for place, entry in enumerate(self._order) if entry in kept]
            self._circles = OrderedDict((one.entry_id, one) for one in keep)
            self._anchors = self._anchors[places]
            self._order = [self._order[place] for place in places]

    def _lay_out(self) -> None:
        self._anchors = np.empty((0, WORDS), np.uint64)
        self._order = []


def _words(forms: bytes) -> Words:
    return np.frombuffer(forms, np.uint64).reshape(-1, WORDS)
