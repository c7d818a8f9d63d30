"""Names and addresses that lie: private and denied addresses, rebinding, silence, faults of the name server."""

from tests.fakeweb.model import Answer, Listener, Name, World
from tests.fakeweb.pages import links, page
from tests.fakeweb.truth import Fate

DENIED = "127.66.0.1"
"""An address that acceptance settings deny; the web listens there, so that even a bare connection is seen."""

LIES: dict[str, tuple[tuple[str, ...], str]] = {
    "denied": ((DENIED,), "address_denied"),
    "private": (("10.1.2.3",), "address_not_global"),
    "metadata": (("169.254.169.254",), "address_not_global"),
    "zero": (("0.0.0.0",), "address_not_global"),
    "shared-space": (("100.64.7.7",), "address_not_global"),
    "multicast": (("224.0.0.251",), "address_not_global"),
    "loopback6": (("::1",), "address_not_global"),
    "local6": (("fd00::5",), "address_not_global"),
    "link6": (("fe80::1",), "address_not_global"),
    "mapped": (("::ffff:127.66.0.1",), "address_denied"),
    "nat64": (("64:ff9b::7f42:1",), "address_denied"),
    "sixtofour": (("2002:7f42:1::1",), "address_denied"),
}
"""Names whose only addresses must not be connected to, with the reason of the refusal."""

LITERALS: dict[str, tuple[str, str]] = {
    "dotted": ("127.66.0.1", "address_denied"),
    "number": ("2135031809", "address_denied"),
    "hex": ("0x7f.0x42.0.1", "address_denied"),
    "octal": ("0177.0102.0.1", "address_denied"),
    "private": ("192.168.0.1", "address_not_global"),
    "six": ("[::1]", "address_not_global"),
}
"""Hosts that are addresses, in spellings that the URL standard reads as such."""

BROKEN: dict[str, Name] = {
    "nowhere": Name(fault="nxdomain"),
    "servfail": Name(fault="servfail"),
    "refused": Name(fault="refused"),
    "empty": Name(()),
    "circle": Name(cname="circle.test"),
    "dangling": Name(cname="gone.nowhere.test"),
}
"""Names without an address."""


def build_names(world: World, *, slow: bool = False) -> None:
    """Doors to all of them on one page, and good names among them that are answered in odd ways."""
    doors: list[str] = []

    def never(name: str, reason: str) -> None:
        url = f"http://{world.netloc(f'{name}.test', 'http')}/"
        doors.append(url)
        world.tell(url, f"name {name}", fate=Fate.REFUSED if reason else Fate.FAILED, reason=reason)

    for port in (world.ports.http, world.ports.https, world.ports.other):
        world.listeners[(DENIED, port)] = Listener(DENIED, port, "slam")
    for name, (addresses, reason) in LIES.items():
        world.names[f"lie-{name}.test"] = Name(addresses)
        never(f"lie-{name}", reason)
    for host, reason in LITERALS.values():
        spelt = DENIED if reason == "address_denied" else host
        url = f"http://{world.netloc(host, 'http')}/secret-{len(doors)}"
        doors.append(url)
        world.tell(
            f"http://{world.netloc(spelt, 'http')}/secret-{len(doors) - 1}", "literal", fate=Fate.REFUSED, reason=reason
        )
    for name, record in BROKEN.items():
        world.names[f"{name}.test"] = record
        never(name, "")
    if slow:
        world.names["silent.test"] = Name(fault="silence")
        never("silent", "")
    _good(world, doors)
    blocked = f"http://{doors[0].split('/')[2].split(':')[0]}:25/"
    world.tell(blocked, "blocked port", fate=Fate.REFUSED, reason="blocked_port")
    credentials = f"http://user:secret@{world.netloc('index.test', 'http')}/private"
    world.tell(credentials, "credentials", fate=Fate.REFUSED, reason="credentials")
    long = f"http://{world.netloc('index.test', 'http')}/{'x' * 2100}"
    world.tell(long, "long", fate=Fate.REFUSED, reason="url_too_long")
    others = [
        blocked,
        credentials,
        long,
        "mailto:a@names.test",
        "javascript:void(0)",
        "tel:123",
        "data:,x",
        "http://[bad/",
    ]
    index = world.host("names.test")
    body = page("Names", links([*doors, *others]), seed=world.seed)
    world.truth.seeds.append(index.put("/", Answer(body), "seed"))


def _good(world: World, doors: list[str]) -> None:
    """A name that is rebound after the first answer, one with a denied address among good ones, one truncated over UDP."""
    rebound = world.host("rebind.test")
    world.names["rebind.test"] = Name((rebound.address,), ttl=0, then=(DENIED,))
    mixed = world.host("mixed.test")
    world.names["mixed.test"] = Name((DENIED, mixed.address, "10.0.0.9"))
    for host in (rebound, mixed):
        # Either answer is right, the good address or none at all; only the denied address is wrong.
        for path in ("/", "/robots.txt"):
            world.tell(host.url(path), "lying name", fate=Fate.OPTIONAL, many=True)
        host.resources["/"] = Answer(page(host.name, "<p>Reached by its good address.</p>"))
        doors.append(host.url("/"))
    cut = world.host("truncated.test")
    world.names["truncated.test"] = Name((cut.address,), fault="truncate")
    doors.append(cut.put("/", Answer(page("Truncated", "<p>Asked again over TCP.</p>")), "name over TCP"))
