"""robots.txt of all kinds, a host each: what it says, which paths it forbids, which it allows (RFC 9309)."""

from dataclasses import dataclass

from tests.fakeweb.model import Answer, Behaviour, Host, World
from tests.fakeweb.pages import links, page
from tests.fakeweb.truth import Fate


@dataclass(frozen=True)
class Case:
    """`forbids` are regexes; `allowed` and `forbidden` are paths that the host's home page links to."""

    text: bytes
    forbids: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    status: int = 200
    type: str = "text/plain"
    crawl_delay: float = 0.0


FILLER = b"# nothing to read here, only a long comment that fills the file up\n"
ALL = (".*",)

CASES: dict[str, Case] = {
    "empty": Case(b"", allowed=("/a.html",)),
    "all": Case(b"User-agent: *\nDisallow: /\n", ALL, (), ("/", "/a.html")),
    "nothing": Case(b"User-agent: *\nDisallow:\n", allowed=("/a.html",)),
    "part": Case(
        b"User-agent: *\nDisallow: /private\n",
        (r"/private",),
        ("/public.html",),
        ("/private/x.html", "/privateer.html"),
    ),
    "longest": Case(
        b"User-agent: *\nDisallow: /shop\nAllow: /shop/open\n",
        (r"/shop(?!/open)",),
        ("/shop/open/a.html",),
        ("/shop/b.html",),
    ),
    "tie": Case(b"User-agent: *\nDisallow: /same\nAllow: /same\n", allowed=("/same/a.html",)),
    "wild": Case(
        b"User-agent: *\nDisallow: /*.php$\nDisallow: /*?*sort=\n",
        (r"/.*\.php$", r"/.*\?.*sort="),
        ("/a.php5", "/a.php?x=1", "/list?page=1"),
        ("/deep/a.php", "/list?page=1&sort=up"),
    ),
    "agent": Case(
        b"User-agent: *\nDisallow: /\n\nUser-agent: PISAURA\nDisallow: /not-us/\n",
        (r"/not-us/",),
        ("/a.html",),
        ("/not-us/b.html",),
    ),
    "other": Case(b"User-agent: otherbot\nDisallow: /\n", allowed=("/a.html",)),
    "merged": Case(
        b"User-agent: pisaura\nDisallow: /one/\n\nUser-agent: else\nDisallow: /\n\nUser-agent: pisaura\nDisallow: /two/\n",
        (r"/one/", r"/two/"),
        ("/three/a.html",),
        ("/one/a.html", "/two/a.html"),
    ),
    "several": Case(
        b"User-agent: foo\nUser-agent: pisaura\nDisallow: /both/\n", (r"/both/",), ("/a.html",), ("/both/a.html",)
    ),
    "bom": Case(b"\xef\xbb\xbfUser-agent: *\nDisallow: /bom/\n", (r"/bom/",), ("/a.html",), ("/bom/a.html",)),
    "cr": Case(b"User-agent: *\rDisallow: /cr/\rAllow: /\r", (r"/cr/",), ("/a.html",), ("/cr/a.html",)),
    "untidy": Case(
        b"sitemapx: nothing\n  user-AGENT : * # all\n\tdisallow\t:  /mess/  # yes\n\xff\xfe\x00 junk\nnonsense\n",
        (r"/mess/",),
        ("/a.html",),
        ("/mess/a.html",),
    ),
    "escaped": Case(
        "User-agent: *\nDisallow: /caf%C3%A9/\nDisallow: /größe/\nDisallow: /%7Ejoe/\n".encode(),
        (r"/caf%C3%A9/", r"/gr%C3%B6%C3%9Fe/", r"/~joe/"),
        ("/cafe/a.html",),
        ("/caf%C3%A9/a.html", "/gr%C3%B6%C3%9Fe/a.html", "/~joe/a.html"),
    ),
    "long": Case(
        b"User-agent: *\nDisallow: /early/\n" + FILLER * 9000 + b"Disallow: /late/\n",
        (r"/early/",),
        ("/a.html", "/late/a.html"),
        ("/early/a.html",),
    ),
    "html": Case(b"<!doctype html><p>Welcome to our site!</p>", allowed=("/a.html",), type="text/html"),
    "gone": Case(b"gone", allowed=("/a.html",), status=410),
    "denied": Case(b"User-agent: *\nDisallow: /\n", allowed=("/a.html",), status=403),
    "login": Case(b"who are you", allowed=("/a.html",), status=401),
    "error": Case(b"oops", ALL, (), ("/", "/a.html"), status=500),
    "away": Case(b"later", ALL, (), ("/", "/a.html"), status=503),
    "busy": Case(b"too many", ALL, (), ("/", "/a.html"), status=429),
    "pace": Case(b"User-agent: *\nCrawl-delay: 0.4\n", allowed=("/a.html", "/b.html"), crawl_delay=0.4),
}
"""By name; the host is robots-NAME.test. A forbidden "/" means that nothing but robots.txt may be requested."""


def _content(host: Host, case: Case) -> None:
    """Serve the pages of a case and write what becomes of them."""
    title = f"Rules of {host.name}"
    home = Answer(page(title, links([path for path in (*case.allowed, *case.forbidden) if path != "/"])))
    closed = "/" in case.forbidden
    reason = "robots_unreachable" if case.status >= 429 else "robots"
    host.put("/", home, "robots home", fate=Fate.FORBIDDEN if closed else Fate.FETCH, reason=reason if closed else "")
    for path in case.allowed:
        host.put(path, Answer(page(f"{host.name} {path}", "<p>Welcome.</p>")), "robots allowed")
    for path in case.forbidden:
        if path != "/":
            hidden = Answer(page(f"{host.name} {path}", "<p>Not for robots.</p>"))
            # Behind a closed home page nothing is ever found.
            host.put(path, hidden, "robots forbidden", fate=Fate.FORBIDDEN, reason=reason)


DEMO = ("all", "part", "longest", "wild", "agent", "merged", "bom", "pace")
"""Cases for `make run`: none that makes a crawler back off."""


def build_robots(world: World, *, names: tuple[str, ...] = tuple(CASES), slow: bool = False) -> None:
    """A host for each of these cases, for redirected robots.txt, and one whose crawl-delay is too long for anyone."""
    doors = []
    for name in names:
        case = CASES[name]
        host = world.host(f"robots-{name}.test")
        unreachable = case.status in (429, 500, 503)
        host.robots(
            Answer(case.text, case.type, case.status),
            forbids=case.forbids,
            crawl_delay=case.crawl_delay,
            many=unreachable,
        )
        _content(host, case)
        doors.append(host.url("/"))
    doors += [_redirected(world), _chained(world), _lazy(world), *_two_origins(world)]
    if slow:
        doors.append(_stalled(world))
    index = world.host("rules.test")
    world.truth.seeds.append(index.put("/", Answer(page("Rules", links(doors), seed=world.seed)), "seed"))


def _moved(location: str, status: int = 301) -> Answer:
    return Answer(b"moved\n", "text/plain", status, (("Location", location),))


def _redirected(world: World) -> str:
    """robots.txt moved to another host: its rules are for the first one."""
    other = world.host("robots-keeper.test")
    # Whoever asks for rules needs no leave for it (RFC 9309, 2.3.1.2), so its own robots.txt may stay unread.
    world.tell(other.url("/robots.txt"), "robots", fate=Fate.OPTIONAL)
    rules = other.put("/rules.txt", Answer(b"User-agent: *\nDisallow: /kept/\n", "text/plain"), "robots redirect")
    host = world.host("robots-moved.test")
    host.robots(_moved(rules), forbids=(r"/kept/",), chain=(rules,))
    _content(host, Case(b"", (), ("/a.html",), ("/kept/a.html",)))
    return host.url("/")


def _chained(world: World) -> str:
    """Five redirects on the same host are followed (RFC 9309, 2.3.1.2)."""
    host = world.host("robots-chain.test")
    chain = tuple(host.url(f"/r{number}.txt") for number in range(1, 6))
    host.robots(_moved("/r1.txt", 302), forbids=(r"/end/",), chain=chain)
    for number in range(1, 5):
        host.put(f"/r{number}.txt", _moved(f"/r{number + 1}.txt", 307), "robots redirect")
    host.put("/r5.txt", Answer(b"User-agent: *\nDisallow: /end/\n", "text/plain"), "robots redirect")
    _content(host, Case(b"", (), ("/a.html",), ("/end/a.html",)))
    return host.url("/")


def _lazy(world: World) -> str:
    """A crawl-delay of an hour: the host is refused by that name (`max_crawl_delay`)."""
    host = world.host("robots-hour.test")
    host.robots(Answer(b"User-agent: *\nCrawl-delay: 3600\n", "text/plain"), forbids=(".*",))
    return host.put(
        "/", Answer(page("Slowly", "<p>Once an hour.</p>")), "crawl-delay", fate=Fate.REFUSED, reason="crawl_delay"
    )


def _two_origins(world: World) -> list[str]:
    """HTTP and HTTPS of one name have rules of their own."""
    doors = []
    for scheme, closed in (("http", "/plain/"), ("https", "/secure/")):
        host = world.host("robots-both.test", scheme=scheme)
        host.robots(Answer(f"User-agent: *\nDisallow: {closed}\n".encode(), "text/plain"), forbids=(closed,))
        open_path = "/secure/a.html" if scheme == "http" else "/plain/a.html"
        _content(host, Case(b"", (), (open_path,), (f"{closed}b.html",)))
        doors.append(host.url("/"))
    return doors


def _stalled(world: World) -> str:
    """robots.txt never comes: unreachable, so nothing else may be requested."""
    host = world.host("robots-stall.test")
    host.robots(Behaviour("stall"), forbids=ALL, many=True)
    _content(host, Case(b"", ALL, (), ("/", "/a.html"), status=503))
    return host.url("/")
