"""Redirects of every kind: all statuses, relative, across hosts and schemes, chains, loops, to places nobody may go."""

from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer, Host, World
from tests.fakeweb.pages import img, link, links, page
from tests.fakeweb.truth import Fate

STATUSES = (301, 302, 303, 307, 308)
LONG = 14
"""Hops of the chain that is too long for the default of 10."""


def moved(location: str, status: int = 302) -> Answer:
    """A redirect whose body holds nothing to follow."""
    return Answer(b"<!doctype html><title>Moved</title>\n", status=status, headers=(("Location", location),))


def build_redirects(world: World, gallery: Gallery) -> None:
    """One host of redirects; targets are on it, on its sibling, and on the sibling's HTTPS side."""
    host = world.host("moved.test")
    sibling = world.host("target.test")
    secure = world.host("target.test", scheme="https")
    starts: list[str] = []

    def start(path: str, location: str, form: str, status: int = 302) -> None:
        starts.append(path)
        host.put(path, moved(location, status), form)

    def arrival(where: str, form: str) -> Answer:
        return Answer(page(f"Arrived {form} {where}", "<p>This is where you wanted to go.</p>"))

    for status in STATUSES:
        start(f"/from{status}", f"/to{status}.html", f"redirect {status}", status)
        host.put(f"/to{status}.html", arrival("", str(status)), f"redirect {status}")
    start("/sub/relative", "near.html?x=1", "redirect relative")
    host.put("/sub/near.html?x=1", arrival("near", "relative"), "redirect relative")
    start("/across", sibling.url("/across.html"), "redirect host")
    sibling.put("/across.html", arrival("across", "host"), "redirect host")
    start("/secure", secure.url("/secure.html"), "redirect to https")
    secure.put("/secure.html", Answer(page("Secure", link(sibling.url("/back")))), "redirect to https")
    sibling.put("/back", moved(sibling.url("/plain.html")), "a")
    sibling.put("/plain.html", arrival("plain", "https to http"), "redirect to http")
    start("/fragment", "/to301.html#part", "redirect fragment")
    for number in range(1, 6):
        host.put(f"/hop{number}", moved(f"/hop{number + 1}" if number < 5 else "/hopped.html", 301), "redirect chain")
    host.put("/hopped.html", arrival("hopped", "chain"), "redirect chain")
    starts.append("/hop1")
    item = gallery.exact("sha256")
    host.put("/old.jpg", moved("/new.jpg", 301), "redirect picture")
    gallery.put(host, "/new.jpg", item, "redirect picture")
    start("/loop-a", "/loop-b", "redirect loop")
    host.put("/loop-b", moved("/loop-a"), "redirect loop")
    start("/self", "/self", "redirect loop")
    _too_long(host)
    host.put("/no-location", Answer(b"where to?\n", "text/plain", 302), "redirect to nothing")
    starts += ["/long0", "/no-location"]
    refused = {
        "/to-ftp": ("ftp://target.test/file", "scheme"),
        "/to-denied": (f"http://{world.netloc('127.66.0.1', 'http')}/", "address_denied"),
        "/to-private": ("http://10.0.0.8/admin", "address_not_global"),
        "/to-metadata": ("http://169.254.169.254/latest/meta-data/", "address_not_global"),
        "/to-mapped": (f"http://{world.netloc('[::ffff:7f42:1]', 'http')}/", "address_denied"),
    }
    for path, (location, reason) in refused.items():
        start(path, location, "redirect refused")
        world.tell(location, "redirect refused", fate=Fate.REFUSED, reason=reason)
    home = page("Moved", links(starts) + img("/old.jpg"), seed=world.seed)
    world.truth.seeds.append(host.put("/", Answer(home), "seed"))


def _too_long(host: Host) -> None:
    """A chain longer than the limit of 10 redirects: the eleventh hop is refused. The tenth is the operator's choice."""
    for number in range(LONG + 1):
        last = Answer(page("Too far", "<p>Too far.</p>"))
        answer = last if number == LONG else moved(f"/long{number + 1}")
        if number <= 10:
            fate = Fate.FETCH if number < 10 else Fate.OPTIONAL
            host.put(f"/long{number}", answer, "redirect long", fate=fate)
        elif number == 11:
            host.put(f"/long{number}", answer, "redirect long", fate=Fate.REFUSED, reason="redirect_hops")
        else:
            host.resources[f"/long{number}"] = answer
