"""What reports are made of: rows of the vault, folded by `notices.figures` (docs/domain.md, section 5). Times are unix seconds,
0.0 for never; days are whole days (UTC) since 1970-01-01."""

from msgspec import Struct

BY = ("all", "country", "provider", "category", "series", "month")
"""By what figures may be told apart."""
UNKNOWN = "(unknown)"
VERIFIED, SUSPECT, DISPUTED = 0, 1, 2


class Period(Struct, frozen=True):
    """since..until, the end excluded; `now` is when the report is made: what is open is open until the earlier of both."""

    since: float
    until: float
    now: float

    @property
    def end(self) -> float:
        """When watching ended."""
        return min(self.until, self.now)


class MediaFact(Struct, frozen=True, array_like=True, gc=False):
    """A medium that was seen on a host on a day of the period, with its leading entry. `rank` is VERIFIED (exact match of a
    verified entry, or confirmed by people), SUSPECT or DISPUTED; `first_day` when it was first seen anywhere, ever."""

    day: int
    sha256: bytes
    host: bytes
    country: str
    category: str
    series: bytes
    lead: int
    rank: int
    first_day: int


class CaseFact(Struct, frozen=True, array_like=True, gc=False):
    """A case that was opened before the period's end. `provider` is the name of who is told of its media. `runs` are earlier ways
    to removal, before it came back: (accepted_at, first_absent_at, gone_at)."""

    case_id: int
    sha256: bytes
    entry_id: int
    state: str
    near: bool
    one_route: bool
    country: str
    category: str
    series: bytes
    provider: str
    opened_at: float
    notified_at: float
    accepted_at: float
    first_absent_at: float
    gone_at: float
    back_at: float
    closed_at: float
    runs: tuple[tuple[float, float, float], ...] = ()

    @property
    def ways(self) -> tuple[tuple[float, float, float], ...]:
        """All ways to removal, the last one included."""
        return *self.runs, (self.accepted_at, self.first_absent_at, self.gone_at)


class NoticeFact(Struct, frozen=True, array_like=True, gc=False):
    """A notice that its recipient accepted in the period. `places` is how many places it told of; `dry`: it was only written into the
    folder of a dry run."""

    accepted_at: float
    provider: str
    country: str
    kind: str
    places: int
    dry: bool = False


class Examined(Struct, frozen=True, array_like=True, gc=False):
    """What was fetched on a day."""

    day: int
    pages: int
    media: int
