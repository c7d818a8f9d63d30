"""What a perfect, polite crawler with default policy does in a world: plain data, written to truth.json and read back."""

from enum import StrEnum

from msgspec import Struct


class Fate(StrEnum):
    """What must become of a URL."""

    FETCH = "fetch"
    FORBIDDEN = "forbidden"  # robots.txt says no (or could not be had)
    REFUSED = "refused"  # known to the crawler, never requested: `reason` says why
    FAILED = "failed"  # no request can come through: no such name, connection refused, no handshake
    OPTIONAL = "optional"  # may be requested or not: traps, limits that are the operator's choice


class UrlTruth(Struct, frozen=True):
    """One URL. `form` names the way by which it is reached; `many`: it may be requested more than once (faults)."""

    fate: Fate
    form: str = ""
    reason: str = ""
    many: bool = False


class HostTruth(Struct, frozen=True):
    """One host (name with port if not the default). `budget` is the most requests that its traps may cost, 0: no bound.

    `crawl_delay` is in seconds; `addresses` are where requests for this host may arrive.
    """

    site: str
    addresses: list[str]
    crawl_delay: float = 0.0
    budget: int = 0


class OriginTruth(Struct, frozen=True):
    """One origin: the URLs asked for its robots.txt in order (redirects), and paths never to be requested (regexes)."""

    robots: list[str]
    forbids: list[str] = []


class MatchTruth(Struct, frozen=True):
    """A planted picture or video frame. `how` is the algorithm that finds it; `turned` if only a dihedral form does."""

    url: str
    how: str
    entry: str
    edit: str
    distance: int = 0
    turned: bool = False


class Known(Struct, frozen=True):
    """One line of the known list."""

    algorithm: str
    digest: str
    category: str
    series: str = ""
    note: str = ""


class Truth(Struct):
    """All of it. Keys of `urls` are canonical URLs, of `hosts` netlocs, of `origins` `scheme://netloc`."""

    seed: int = 0
    seeds: list[str] = []
    urls: dict[str, UrlTruth] = {}
    hosts: dict[str, HostTruth] = {}
    origins: dict[str, OriginTruth] = {}
    matches: list[MatchTruth] = []
    known: list[Known] = []
    denied: list[str] = []

    def expected_urls(self) -> set[str]:
        """Every URL that must be requested, robots.txt included."""
        return {url for url, truth in self.urls.items() if truth.fate is Fate.FETCH}

    def forbidden_urls(self) -> set[str]:
        """URLs that robots.txt keeps us from."""
        return {url for url, truth in self.urls.items() if truth.fate is Fate.FORBIDDEN}

    def expected_matches(self) -> set[tuple[str, str]]:
        """(URL, algorithm) of everything planted."""
        return {(match.url, match.how) for match in self.matches}

    def expected_refusals(self) -> set[tuple[str, str]]:
        """(URL, `contracts.refusals.Reason`) of everything refused without a request, robots excluded."""
        return {(url, truth.reason) for url, truth in self.urls.items() if truth.fate is Fate.REFUSED}

    def known_csv(self) -> str:
        """The known list as CSV with the issue's header."""
        rows = ["algorithm,digest,category,source,series,note"]
        rows += [f"{k.algorithm},{k.digest},{k.category},fakeweb,{k.series},{k.note}" for k in self.known]
        return "\n".join(rows) + "\n"
