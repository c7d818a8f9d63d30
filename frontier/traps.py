"""Endless spaces of one host, told from large honest ones: what is refused before it has a row.

Some traps show in a single path (calendars, repetitions, depth); the others are counted per host in a state of a few
KiB, whatever the host does. A page's turn begins with `page`; `check` is asked once per new URL and counts those that it
lets pass; `observe` is told of the page's text and whether it showed new media, and ends the turn. `worn` is asked before a
queued URL is issued, since most of an endless space is found before it shows. Pictures and videos are asked about their path
only: what they show is what we are here for, and nobody pages through them for ever.
"""

from functools import lru_cache
from typing import Final

from msgspec import DecodeError, Struct, ValidationError, field
from msgspec.msgpack import Decoder, Encoder

from contracts.messages import LinkKind
from contracts.options import DAY
from contracts.refusals import Reason, Refusal, refuse
from contracts.settings import Budgets, Traps
from frontier.shapes import calendar_date, folder_of, is_variant, names_of, pattern_of, repetition, session_of, spelling
from frontier.yields import GRACE, PAGE, Yields, key_of

NEAR: Final = 3
"""Bits by which the similarity keys of near-duplicate pages may differ."""
ALIKE: Final = 8
"""Bits by which they differ at least if each page is to count as a text of its own (three quarters of the text and less alike)."""
SESSIONS: Final = 4
"""Session identifiers of one host that are followed."""
_KEPT: Final = 128
_WARM: Final = 32
"""Pages of a host that are not counted, so that most hosts need no state; every pattern is taken to have had them all."""
_FOLDER_FACTOR: Final = 4
_RECOMBINED: Final = 4
_PAIR_OCTETS: Final = 1024
_NAME_OCTETS: Final = 256
_PAIR_MASK: Final = 8 * _PAIR_OCTETS - 1
_NAME_MASK: Final = 8 * _NAME_OCTETS - 1
_SAVE_EVERY: Final = 32
_LED: Final = 8


class _Counts(Struct, array_like=True):
    """Keys are 64-bit hashes of patterns or paths. Sets are Bloom filters: forgotten when a quarter full."""

    admitted: int = 0
    floor: int = 0
    patterns: dict[int, int] = {}
    spaces: dict[int, list[int]] = {}  # path: URLs with a new name=value, without one, sets of names
    sessions: list[int] = []
    streaks: dict[int, tuple[int, int]] = {}  # pattern: key of the last text, near-duplicates in a row
    longest: int = 0
    pairs: bytearray = bytearray()
    names: bytearray = bytearray()
    pair_count: int = 0
    name_count: int = 0
    yields: Yields = field(default_factory=Yields)


_ENCODER: Final = Encoder()
_DECODER: Final = Decoder(_Counts)


class HostTraps:
    """What one host's URLs look like so far. `changed` asks for `to_bytes` to be stored; losing a few counts does no harm."""

    __slots__ = ("_counts", "_fresh", "_led", "_new", "_stored", "admitted", "changed")

    def __init__(self) -> None:
        self.admitted = 0
        self.changed = False
        self._stored = b""
        self._counts: _Counts | None = None
        self._new = 0
        self._led: dict[str, int] = {}
        self._fresh = False

    @classmethod
    def from_bytes(cls, stored: bytes) -> "HostTraps":
        """The state as stored, read when it is first needed; a new one from nothing or what cannot be read."""
        traps = cls()
        if stored:
            traps._stored = stored
            traps.admitted = _WARM
        return traps

    def to_bytes(self) -> bytes:
        """The state to store: at most about 8 KiB, usually some hundred octets, nothing for small hosts."""
        self.changed = False
        if self._counts is not None:
            self._counts.admitted = self.admitted
            self._stored = _ENCODER.encode(self._counts)
        return self._stored

    def page(self, fresh: bool = False) -> None:
        """The URLs that are checked next were found on one page of this host, which showed `fresh` media or did not."""
        self._new = 0
        self._led.clear()
        self._fresh = fresh

    def check(self, path: str, kind: LinkKind, now: float, traps: Traps, budgets: Budgets) -> Refusal | None:
        """Why a new URL of this host is refused; if it is not, it is counted.

        PATH_DEPTH, PATH_REPETITION, PARAMETER_EXPLOSION for any kind; for pages also CALENDAR, SESSION_ID,
        NEAR_DUPLICATES, UNPRODUCTIVE, PATTERN_BUDGET.
        """
        if path.count("/") > traps.path_segments and path.partition("?")[0].count("/") > traps.path_segments:
            return refuse(Reason.PATH_DEPTH, f"traps.path_segments = {traps.path_segments}")
        if run := repetition(path, traps.repeated_segments):
            return refuse(
                Reason.PATH_REPETITION, f"{run} again and again; traps.repeated_segments = {traps.repeated_segments}"
            )
        if path.count("&") >= traps.parameters:
            return refuse(
                Reason.PARAMETER_EXPLOSION, f"{path.count('&') + 1} parameters; traps.parameters = {traps.parameters}"
            )
        if kind is not LinkKind.PAGE:
            return None
        if date := calendar_date(path, now + traps.calendar_days * DAY):
            return refuse(Reason.CALENDAR, f"{date}; traps.calendar_days = {traps.calendar_days}")
        if (session := session_of(path)) and (refused := _session(self._counts or self._load(), session)):
            return refused
        warm = _WARM if budgets.pattern_urls > 50 * _WARM else 0
        if self.admitted < warm:
            self.admitted += 1
            self._new += 1
            return None
        counts = self._counts or self._load()
        refused = self._check_counts(counts, path, traps, budgets.pattern_urls - warm)
        if refused is None:
            self.admitted += 1
            self._new += 1
            self.changed = self.changed or self.admitted % _SAVE_EVERY == 0
        return refused

    def worn(self, path: str, traps: Traps) -> Refusal | None:
        """Why a queued page that was never fetched is not fetched any more: NEAR_DUPLICATES or UNPRODUCTIVE.

        What waits is given a little more than what is found, since it may prove the space.
        """
        counts = self._counts
        if counts is None:
            if not self._stored:
                return None
            counts = self._load()
        if not counts.yields.worn and counts.longest < 2 * traps.near_duplicates:
            return None
        path = spelling(path)
        pattern = pattern_of(path)
        key = key_of(pattern)
        if counts.longest >= 2 * traps.near_duplicates and (refused := _streak(counts, path, pattern, key, traps, 2)):
            return refused
        return counts.yields.verdict(path, pattern, key, traps.unproductive_pages, 8 // GRACE)

    def observe(self, path: str, text_key: int, traps: Traps, fresh: bool = False, again: bool = False) -> None:
        """A page was fetched whose text has this 64-bit similarity key (0: no text), `again` if not for the first time.

        Near-duplicates in a row under one pattern make a streak, which any other page of the pattern ends; so does one
        with `fresh` media (pages of a gallery may say the same and show something else), or that leads to pages worth it.
        """
        if not text_key and self.admitted <= _WARM:
            return
        counts = self._counts or self._load()
        path = spelling(path)
        shape = pattern_of(path)
        pattern = key_of(shape)
        listing = counts.yields.listing(shape, self._led, fresh)
        worth = fresh or listing < PAGE
        near = alike = not text_key
        for key in (key_of(f"folder {folder_of(path)}"), pattern) if text_key else ():
            last, streak = counts.streaks.pop(key, (0, 0))
            differ = (last ^ text_key).bit_count() if streak else 64
            near, alike = differ <= NEAR and not worth, differ < ALIKE
            counts.streaks[key] = (text_key, streak + 1 if near else 1)
        if len(counts.streaks) > _KEPT // 2:
            best = sorted(counts.streaks.items(), key=lambda item: -item[1][1])[: _KEPT // 4]
            counts.streaks = dict(best)
        longest = max((streak for _, streak in counts.streaks.values()), default=0)
        self.changed = self.changed or longest >= traps.near_duplicates or counts.longest >= traps.near_duplicates
        counts.longest = longest
        if self.admitted > _WARM and (fresh or not again):
            worn = counts.yields.worn
            led = self._new or is_variant(path)
            cost = 2 * PAGE if near and led and not worth else listing
            counts.yields.observe(path, pattern, cost, led, alike, fresh, traps.unproductive_pages)
            self.changed = self.changed or worn != counts.yields.worn or counts.yields.host.fetched % _SAVE_EVERY == 0
        self.page()

    def _load(self) -> _Counts:
        try:
            counts = _DECODER.decode(self._stored) if self._stored else _Counts(admitted=self.admitted)
        except (DecodeError, ValidationError):
            counts = _Counts(admitted=self.admitted)
        self.admitted = counts.admitted
        self._counts = counts
        return counts

    def _check_counts(self, counts: _Counts, path: str, traps: Traps, pattern_urls: int) -> Refusal | None:
        plain = spelling(path)
        pattern = pattern_of(plain)
        key = key_of(pattern)
        if counts.longest >= traps.near_duplicates and (refused := _streak(counts, plain, pattern, key, traps)):
            return refused
        yields = counts.yields
        if (
            yields.worn
            and not self._fresh
            and (refused := yields.verdict(plain, pattern, key, traps.unproductive_pages))
        ):
            self._new += 1
            return refused
        count = counts.patterns.get(key, counts.floor)
        if count >= pattern_urls:
            return refuse(Reason.PATTERN_BUDGET, f"pattern {pattern}: budgets.pattern_urls used up")
        if "?" in path and (refused := _query(counts, path, traps)):
            return refused
        counts.patterns[key] = count + 1
        if len(counts.patterns) > _KEPT:
            # Patterns that come later are taken to have had as many URLs as any that is forgotten here.
            ranked = sorted(counts.patterns.items(), key=lambda item: -item[1])
            counts.patterns = dict(ranked[: _KEPT // 2])
            counts.floor = ranked[_KEPT // 2][1]
        led = self._led.get(pattern, 0)
        if led or len(self._led) < _LED:
            self._led[pattern] = led + 1
        return None


def _streak(counts: _Counts, path: str, pattern: str, key: int, traps: Traps, factor: int = 1) -> Refusal | None:
    """NEAR_DUPLICATES by the pattern, or by the folder, whose words may be random ones, after four times as many."""
    streak = counts.streaks.get(key, (0, 0))[1]
    if streak >= traps.near_duplicates * factor:
        return refuse(
            Reason.NEAR_DUPLICATES,
            f"pattern {pattern[:200]}: {streak} in a row; traps.near_duplicates = {traps.near_duplicates}",
        )
    folder = folder_of(path)
    streak = counts.streaks.get(key_of(f"folder {folder}"), (0, 0))[1]
    if streak >= _FOLDER_FACTOR * traps.near_duplicates * factor:
        return refuse(
            Reason.NEAR_DUPLICATES,
            f"folder {folder[:150]}: {streak} in a row; {_FOLDER_FACTOR} x traps.near_duplicates = {traps.near_duplicates}",
        )
    return None


def _session(counts: _Counts, session: str) -> Refusal | None:
    """SESSION_ID for one more identifier than are followed: the server makes a new one for whoever brings none."""
    key = key_of(session)
    if key in counts.sessions:
        return None
    if len(counts.sessions) >= SESSIONS:
        return refuse(Reason.SESSION_ID, f"{session[:40]}: more than {SESSIONS} session identifiers")
    counts.sessions.append(key)
    return None


def _query(counts: _Counts, path: str, traps: Traps) -> Refusal | None:
    """PARAMETER_EXPLOSION by the sets of parameter names under one path, or by query strings that recombine known values.

    A catalogue has about as many query strings as values (`id=1`, `id=2`...), pages of a forum's topics some times
    as many; facets have endlessly many strings of few values.
    """
    head, _, query = path.partition("?")
    place = key_of(head)
    space = counts.spaces.get(place)
    if space is None:  # a path's first query is not counted: most paths have one only
        counts.spaces[place] = [0, 0, 0]
        if len(counts.spaces) > _KEPT:
            kept = sorted(counts.spaces.items(), key=lambda item: -item[1][1] - item[1][2])[: _KEPT // 2]
            counts.spaces = dict(kept)
        return None
    names = _names_key(names_of(query)) ^ place
    parts = set(query.split("&"))
    if not counts.names:
        counts.names.extend(bytes(_NAME_OCTETS))
    if not _known(counts.names, names, _NAME_MASK):
        if space[2] >= traps.parameter_sets:
            return refuse(
                Reason.PARAMETER_EXPLOSION,
                f"sets of parameters under {head[:150]}; traps.parameter_sets = {traps.parameter_sets}",
            )
        if counts.name_count < 2 * _NAME_OCTETS:  # when a quarter is full, new sets pass uncounted
            _add(counts.names, names, _NAME_MASK)
            counts.name_count += 2
            space[2] += 1
    if len(parts) < 2:
        return None
    if not counts.pairs:
        counts.pairs.extend(bytes(_PAIR_OCTETS))
    pairs = [key for part in parts if _add(counts.pairs, key := place ^ key_of(part), _PAIR_MASK)]
    if pairs:
        if counts.pair_count > 2 * _PAIR_OCTETS:
            counts.pairs, counts.pair_count = bytearray(_PAIR_OCTETS), 0
            for key in pairs:
                _add(counts.pairs, key, _PAIR_MASK)
        counts.pair_count += 2 * len(pairs)
        space[0] += 1
        return None
    if space[1] >= traps.parameter_values and space[1] > _RECOMBINED * space[0]:
        return refuse(
            Reason.PARAMETER_EXPLOSION,
            f"query strings under {head[:150]}; traps.parameter_values = {traps.parameter_values}",
        )
    space[1] += 1
    return None


@lru_cache(4_096)
def _names_key(names: str) -> int:
    return key_of(f"?{names}")


def _known(bits: bytearray, key: int, mask: int) -> bool:
    """Whether a Bloom filter of two bits a key, `mask` + 1 bits long, may hold the key."""
    first, second = key & mask, key >> 32 & mask
    return bool(bits[first >> 3] >> (first & 7) & bits[second >> 3] >> (second & 7) & 1)


def _add(bits: bytearray, key: int, mask: int) -> bool:
    """Add a key to a Bloom filter; whether it was not there."""
    first, second = key & mask, key >> 32 & mask
    one, other = 1 << (first & 7), 1 << (second & 7)
    first >>= 3
    second >>= 3
    if bits[first] & one and bits[second] & other:
        return False
    bits[first] |= one
    bits[second] |= other
    return True
