"""What a world is made of: answers, behaviours, hosts, names, listeners. Building is pure; nothing here does I/O."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from tests.fakeweb.truth import Fate, HostTruth, MatchTruth, OriginTruth, Truth, UrlTruth

HTML = "text/html; charset=utf-8"
REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 404: "Not Found"}


@dataclass(frozen=True)
class Answer:
    """An ordinary response. `coding` is sent as Content-Encoding with the body as it stands (already coded)."""

    body: bytes = b""
    type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    coding: str = ""
    etag: str = ""
    modified: str = ""

    @cached_property
    def head(self) -> bytes:
        """Status line and headers up to the empty line."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        if self.type:
            lines.append(f"Content-Type: {self.type}")
        if self.coding:
            lines.append(f"Content-Encoding: {self.coding}")
        lines += [f"{name}: {value}" for name, value in self.validators]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    @cached_property
    def validators(self) -> tuple[tuple[str, str], ...]:
        """ETag and Last-Modified, where given."""
        pairs = (("ETag", self.etag), ("Last-Modified", self.modified))
        return tuple((name, value) for name, value in pairs if value)

    @cached_property
    def wire(self) -> bytes:
        """The whole response to a GET."""
        return self.head + self.body

    @cached_property
    def not_modified(self) -> bytes:
        """The 304 to a conditional GET that holds."""
        lines = ["HTTP/1.1 304 Not Modified", *(f"{name}: {value}" for name, value in self.validators)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True)
class Behaviour:
    """A response that is played: `name` is a coroutine in `faults.PLAYS`, `params` its arguments."""

    name: str
    params: dict[str, object] = field(default_factory=dict)


Resource = Answer | Behaviour
Dynamic = Callable[[str], Resource | None]


@dataclass(frozen=True)
class Name:
    """What the name server says about a name.

    `then` replaces `addresses` from the second query on (rebinding). `fault`: servfail, refused, silence, nxdomain,
    truncate (UDP answers TC, TCP the addresses), loop (a CNAME to itself).
    """

    addresses: tuple[str, ...] = ()
    ttl: int = 300
    cname: str = ""
    then: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Listener:
    """A listening socket. `mode`: http, https, garbage (bytes that are no TLS), silent (accepts, says nothing), slam."""

    address: str
    port: int
    mode: str


@dataclass(frozen=True)
class Ports:
    """The ports of a world: http, https and a second http port for hosts 'with another port'."""

    http: int = 8080
    https: int = 8443
    other: int = 8081


def site_of(name: str) -> str:
    """Registered domain of a name under a one-label reserved TLD; an IP literal is its own site."""
    if name.replace(".", "").isdigit():
        return name
    return ".".join(name.split(".")[-2:])


@dataclass
class Host:
    """One origin of the world under construction."""

    world: "World"
    scheme: str
    name: str
    netloc: str
    address: str
    resources: dict[str, Resource] = field(default_factory=dict)
    dynamic: Dynamic | None = None

    @property
    def origin(self) -> str:
        """`scheme://netloc`."""
        return f"{self.scheme}://{self.netloc}"

    def url(self, path: str) -> str:
        """Absolute URL of a path of this host."""
        return self.origin + path

    def put(
        self,
        path: str,
        resource: Resource,
        form: str = "a",
        *,
        fate: Fate = Fate.FETCH,
        reason: str = "",
        many: bool = False,
    ) -> str:
        """Serve `resource` at `path` (path and query) and write its truth. Returns the URL."""
        self.resources[path] = resource
        return self.world.tell(self.url(path), form, fate=fate, reason=reason, many=many)

    def robots(
        self,
        resource: Resource,
        *,
        forbids: tuple[str, ...] = (),
        crawl_delay: float = 0.0,
        chain: tuple[str, ...] = (),
        many: bool = False,
    ) -> None:
        """Serve a robots.txt. `forbids` are regexes of what it forbids, `chain` the URLs it redirects through."""
        self.put("/robots.txt", resource, "robots", many=many)
        robots = [self.url("/robots.txt"), *chain]
        self.world.truth.origins[self.origin] = OriginTruth(robots=robots, forbids=list(forbids))
        if crawl_delay:
            self.world.amend_host(self.netloc, crawl_delay=crawl_delay)


class World:
    """A synthetic web: hosts with resources, names, listeners, and the truth about them. Pure data from a seed."""

    def __init__(self, seed: int = 1, ports: Ports | None = None, network: str = "127.20") -> None:
        self.seed = seed
        self.ports = ports or Ports()
        self.network = network
        self.truth = Truth(seed=seed, denied=["127.66."])
        self.hosts: dict[tuple[str, str], Host] = {}
        self.names: dict[str, Name] = {}
        self.listeners: dict[tuple[str, int], Listener] = {}
        self.hears: Callable[[Path], object] | None = None
        """Lets hosts react to the notices in a folder."""
        self._next_address = 0

    def new_address(self) -> str:
        """The next unused loopback address of this world."""
        self._next_address += 1
        return f"{self.network}.{self._next_address // 250}.{self._next_address % 250 + 1}"

    def netloc(self, name: str, scheme: str, port: int | None = None) -> str:
        """Host with its port if that is not the scheme's default."""
        port = port or (self.ports.https if scheme == "https" else self.ports.http)
        return name if port == {"http": 80, "https": 443}[scheme] else f"{name}:{port}"

    def host(
        self,
        name: str,
        *,
        scheme: str = "http",
        address: str = "",
        port: int | None = None,
        listen: str = "",
        robots: bool = True,
        record: Name | None = None,
    ) -> Host:
        """A new origin. Without `robots` its truth expects no request for robots.txt (nothing of it is reachable).

        `listen` is another `Listener.mode` than the scheme's, or 'nothing'. A name keeps its first address.
        """
        if not address:
            known = self.names.get(name)
            address = known.addresses[0] if known and known.addresses else self.new_address()
        port = port or (self.ports.https if scheme == "https" else self.ports.http)
        netloc = self.netloc(name, scheme, port)
        host = Host(self, scheme, name, netloc, address)
        self.hosts[(scheme, netloc)] = host
        if not name.replace(".", "").isdigit():
            self.names.setdefault(name, record or Name((address,)))
        if listen != "nothing":
            self.listeners[(address, port)] = Listener(address, port, listen or scheme)
        self.truth.hosts.setdefault(netloc, HostTruth(site=site_of(name), addresses=[address]))
        if robots:
            host.robots(Answer(b"no robots.txt here\n", "text/plain", 404))
        return host

    def tell(self, url: str, form: str, *, fate: Fate = Fate.FETCH, reason: str = "", many: bool = False) -> str:
        """Write the truth about a URL. Returns the URL."""
        self.truth.urls[url] = UrlTruth(fate=fate, form=form, reason=reason, many=many)
        return url

    def also_at(self, host: Host, addresses: list[str]) -> None:
        """Serve a host at further addresses too."""
        port = int(host.netloc.rpartition(":")[2]) if ":" in host.netloc else {"http": 80, "https": 443}[host.scheme]
        for address in addresses:
            self.listeners[(address, port)] = Listener(address, port, host.scheme)
        self.truth.hosts[host.netloc].addresses.extend(addresses)

    def amend_host(self, netloc: str, *, crawl_delay: float | None = None, budget: int | None = None) -> None:
        """Set a host's crawl-delay (seconds) or trap budget (requests) in the truth."""
        old = self.truth.hosts[netloc]
        self.truth.hosts[netloc] = HostTruth(
            site=old.site,
            addresses=old.addresses,
            crawl_delay=old.crawl_delay if crawl_delay is None else crawl_delay,
            budget=old.budget if budget is None else budget,
        )

    def match(self, match: MatchTruth) -> None:
        """Plant: write that this URL must be found."""
        self.truth.matches.append(match)

    def find(self, scheme: str, netloc: str, path: str) -> Resource | None:
        """What a request for this host and path is answered with; None: 404."""
        host = self.hosts.get((scheme, netloc))
        if host is None:
            return None
        found = host.resources.get(path)
        if found is None and host.dynamic is not None:
            found = host.dynamic(path)
        return found

    def seeds(self) -> list[str]:
        """URLs to start from."""
        return list(self.truth.seeds)

    def known_csv(self) -> str:
        """The known list as CSV."""
        return self.truth.known_csv()

    def expected_urls(self) -> set[str]:
        """See `Truth.expected_urls`."""
        return self.truth.expected_urls()

    def forbidden_urls(self) -> set[str]:
        """See `Truth.forbidden_urls`."""
        return self.truth.forbidden_urls()

    def expected_matches(self) -> set[tuple[str, str]]:
        """See `Truth.expected_matches`."""
        return self.truth.expected_matches()

    def expected_refusals(self) -> set[tuple[str, str]]:
        """See `Truth.expected_refusals`."""
        return self.truth.expected_refusals()


def netloc_of(url: str) -> str:
    """Host and port of an absolute URL, as in the Host header."""
    return urlsplit(url).netloc


def tag_of(body: bytes) -> str:
    """A strong ETag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'
