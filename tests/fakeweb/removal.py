"""Hosts that react to notices, each in a manner of its own: they remove, replace, ignore, bring back, block, bounce or move.

`Reactions.told(url)` is what a provider does when it hears of a URL; whoever received the notice calls it (a mail server, a
provider's API, the folder of a dry run). Mail to one who bounces is for the mail server to refuse.
"""

import email
import email.policy
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests import pictures
from tests.fakeweb.media import Gallery, Item
from tests.fakeweb.model import Answer, Host, World
from tests.fakeweb.pages import img, page

MANNERS = ("removes", "replaces", "ignores", "returns", "blocks", "bounces", "moves")
PICTURES = 2
"""Listed pictures of each host."""
GONE = Answer(b"<!doctype html><title>Gone</title><p>Removed.\n", status=410)
BLOCKED = Answer(b"<!doctype html><title>Unavailable</title><p>Not available in your country.\n", status=451)


@dataclass
class Reactions:
    """What the hosts of a world do when told. `back_after` is the time in seconds until who brings media back has done so."""

    world: World
    back_after: float = 2.0
    clock: Callable[[], float] = time.monotonic
    heard: dict[str, float] = field(default_factory=dict)
    items: dict[str, tuple[Host, str, str, Item]] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)

    def add(self, host: Host, path: str, manner: str, item: Item) -> None:
        """A listed picture of a host with manners."""
        self.items[host.url(path)] = (host, path, manner, item)

    def urls(self, manner: str) -> list[str]:
        """The listed pictures of the host with this manner."""
        return [url for url, (_, _, its, _) in self.items.items() if its == manner]

    def told(self, url: str) -> bool:
        """The provider hears of a URL; True if it is one of ours. A second time changes nothing."""
        if url not in self.items:
            return False
        if url in self.heard:
            return True
        self.heard[url] = self.clock()
        host, path, manner, item = self.items[url]
        match manner:
            case "removes":
                host.resources[path] = GONE
            case "replaces":
                host.resources[path] = Answer(PLACEHOLDER, "image/png")
            case "blocks":
                host.resources[path] = BLOCKED
            case "moves":
                new = f"/moved{path}"
                host.put(new, item.answer, "redirect")
                self.items[host.url(new)] = (host, new, "ignores", item)
                host.resources[path] = Answer(b"", status=302, headers=(("Location", new),))
            case "returns":
                del host.resources[path]
                host.dynamic = self._returned
        return True

    def told_of(self, text: str) -> list[str]:
        """Hear of all URLs in a text."""
        found = [url for url in self.items if url in text]
        return [url for url in found if self.told(url)]

    def read(self, folder: Path) -> list[str]:
        """Hear of all URLs in the mails and messages of a folder that were not read yet."""
        found = []
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".eml", ".json") and path not in self.files and path.is_file():
                self.files.add(path)
                found += self.told_of(exact_text(path.read_bytes()) if path.suffix == ".eml" else path.read_text())
        return found

    def _returned(self, path: str) -> Answer | None:
        for url, (_, its_path, manner, item) in self.items.items():
            if its_path == path and manner == "returns":
                return item.answer if self.clock() - self.heard.get(url, self.clock()) >= self.back_after else None
        return None


PLACEHOLDER = pictures.encode(pictures.picture(987_654, 256, 192), "PNG")
"""A picture that says that another one was removed, say."""


def exact_text(mail: bytes) -> str:
    """All attachments of a mail, where exact URLs stand, as one text."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    parts: Iterable[object] = [part.get_content() for part in message.walk() if part.is_attachment()]
    return "\n".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts)


def host_of(manner: str) -> str:
    """The name of the host with this manner."""
    return f"{manner}.test"


def abuse_of(manner: str) -> str:
    """The address that takes its notices."""
    return f"abuse@{manner}-hosting.example"


def build_removal(world: World, gallery: Gallery, manners: Iterable[str] = MANNERS) -> Reactions:
    """A host for each manner, with a page of listed pictures; the first one links the others and is a seed."""
    reactions = Reactions(world)
    hosts = {manner: world.host(host_of(manner)) for manner in manners}
    for number, (manner, host) in enumerate(hosts.items()):
        shown = []
        for picture in range(PICTURES):
            item = gallery.exact("sha256")
            path = f"/pictures/{hashlib.sha256(f'{manner} {picture}'.encode()).hexdigest()[:12]}.{item.suffix}"
            gallery.put(host, path, item)
            reactions.add(host, path, manner, item)
            shown.append(img(path))
        links = [f'<a href="{other.url("/")}">{name}</a>' for name, other in hosts.items()] if not number else []
        body = "\n".join(shown + links)
        url = host.put("/", Answer(page(f"Host {number}", body, seed=world.seed)), "a" if number else "seed")
        if not number:
            world.truth.seeds.append(url)
    world.hears = reactions.read
    return reactions
