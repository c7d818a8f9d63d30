"""Hosts with faults, one fault each: what they play, what a crawler must still get of them, and what is allowed."""

import gzip
import zlib
from dataclasses import dataclass
from functools import lru_cache

import brotli
from backports import zstd

from tests.fakeweb.faults import PAGE
from tests.fakeweb.model import Answer, Behaviour, Resource, World
from tests.fakeweb.pages import link, links, page
from tests.fakeweb.truth import Fate

BOMBS = {"bomb-gzip": "gzip", "bomb-br": "br", "bomb-zstd": "zstd"}
BOMB_BYTES = 96 * 2**20


@dataclass(frozen=True)
class Fault:
    """`slow`: it takes a patient crawler many seconds. `many`: a crawler may try it more than once."""

    resource: Resource
    slow: bool = False
    many: bool = True
    finds: str = ""


@lru_cache(maxsize=8)
def bomb(coding: str, size: int = BOMB_BYTES) -> bytes:
    """`size` bytes of spaces after a short page, packed by a content coding: about a thousandth of it or less."""
    block = b" " * 2**20
    if coding == "gzip":
        pack = zlib.compressobj(9, zlib.DEFLATED, 31)
        parts = [pack.compress(PAGE), *(pack.compress(block) for _ in range(size // len(block))), pack.flush()]
        return b"".join(parts)
    if coding == "br":
        brotli_pack = brotli.Compressor(quality=3, lgwin=22)
        parts = [brotli_pack.process(PAGE)]
        parts += [brotli_pack.process(block) for _ in range(size // len(block))]
        return b"".join([*parts, brotli_pack.finish()])
    zstd_pack = zstd.ZstdCompressor(level=3)
    parts = [zstd_pack.compress(PAGE), *(zstd_pack.compress(block) for _ in range(size // len(block)))]
    return b"".join([*parts, zstd_pack.flush()])


def _head(*lines: str) -> bytes:
    return ("\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *lines]) + "\r\n\r\n").encode()


def nested(count: int) -> bytes:
    """A page of `count` elements inside one another, with a link at the bottom."""
    return b"<!doctype html><title>Deep</title>" + b"<div>" * count + link("/found.html").encode()


def crowded(count: int) -> bytes:
    """A page of `count` different links, of which one is real."""
    rows = "".join(f'<a href="/none/{number}">{number}</a>\n' for number in range(count))
    return b"<!doctype html><title>Crowded</title>" + link("/found.html").encode() + rows.encode()


def plans(depth: int, crowd: int) -> dict[str, Fault]:
    """All faults that are played over HTTP, by name; the host is fault-NAME.test."""
    found = link("/found.html").encode()
    body = page("A page", "<p>All is well again.</p>" + link("/found.html"))
    length = f"Content-Length: {len(body)}"
    chunk = b"%x\r\n%b\r\n" % (len(body), body)
    cookies = [f"Set-Cookie: c{number}={number}; Path=/" for number in range(30)]
    return {
        "stall": Fault(Behaviour("stall"), slow=True),
        "drip": Fault(Behaviour("drip", {"size": 5000}), slow=True),
        "reset": Fault(Behaviour("reset_mid_body", {"body": body * 9, "at": len(body)})),
        "short": Fault(Behaviour("short_body", {"body": body})),
        "long": Fault(Behaviour("long_body", {"body": body}), finds="/found.html"),
        "endless": Fault(Behaviour("stream"), slow=True),
        "endless-chunked": Fault(Behaviour("stream", {"declare": False}), slow=True),
        "huge-picture": Fault(
            Behaviour("stream", {"type": "image/jpeg", "block": b"\xff\xd8\xff\xe0" * 9999}), slow=True
        ),
        "headers": Fault(Behaviour("header_flood")),
        "header": Fault(Behaviour("header_flood", {"count": 1, "size": 5_000_000})),
        "429": Fault(Behaviour("retry_after", {"status": 429, "seconds": 1}), finds="self"),
        "503": Fault(Behaviour("retry_after", {"status": 503, "seconds": 1, "date": True}), finds="self"),
        "slow": Fault(Behaviour("slow", {"seconds": 0.8, "body": body}), many=False, finds="/found.html"),
        "flapping": Fault(Behaviour("flapping", {"body": body}), slow=True, finds="/found.html"),
        "garbage": Fault(Behaviour("garbage")),
        "nothing": Fault(Behaviour("nothing")),
        "http10": Fault(
            Behaviour("raw", {"data": b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + body}),
            many=False,
            finds="/found.html",
        ),
        "chunked": Fault(
            Behaviour(
                "raw",
                {"data": _head("Transfer-Encoding: chunked") + chunk + b"0\r\nX-After: 1\r\n\r\n", "close": False},
            ),
            many=False,
            finds="/found.html",
        ),
        "bad-chunks": Fault(
            Behaviour("raw", {"data": _head("Transfer-Encoding: chunked") + chunk + b"zz\r\nno chunk"})
        ),
        "early": Fault(
            Behaviour(
                "raw",
                {
                    "data": b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=nothing\r\n\r\n" + _head(length) + body,
                    "close": False,
                },
            ),
            many=False,
            finds="/found.html",
        ),
        "both-lengths": Fault(
            Behaviour("raw", {"data": _head("Transfer-Encoding: chunked", length) + chunk + b"0\r\n\r\n"})
        ),
        "two-lengths": Fault(Behaviour("raw", {"data": _head(length, "Content-Length: 3") + body})),
        "cookies": Fault(
            Behaviour("raw", {"data": _head(length, "Content-Type: text/html", *cookies) + body, "close": False}),
            many=False,
            finds="/found.html",
        ),
        "closes": Fault(Behaviour("close_between", {"body": body}), finds="/found.html"),
        "wrong-coding": Fault(Answer(body, coding="gzip")),
        "cut-coding": Fault(Answer(gzip.compress(body)[:-20], coding="gzip")),
        "unknown-coding": Fault(Answer(body, coding="sdch")),
        "deep": Fault(Answer(nested(depth)), many=False),
        "crowd": Fault(Answer(crowded(crowd)), many=False, finds="/found.html"),
        "binary": Fault(Answer(bytes(range(256)) * 200 + found), many=False),
        "not-found": Fault(Answer(page("Gone", "<p>Nothing.</p>"), status=404), many=False),
        "gone": Fault(Answer(page("Gone", "<p>Nothing.</p>"), status=410), many=False),
        "no-content": Fault(Answer(b"", "", 204), many=False),
        "status-999": Fault(Answer(b"go away", "text/plain", 999)),
    }


DEMO = (
    "reset",
    "short",
    "long",
    "headers",
    "429",
    "http10",
    "chunked",
    "early",
    "cookies",
    "deep",
    "not-found",
    "bomb-gzip",
)
"""Faults quick enough for `make run`."""


def build_faults(
    world: World,
    *,
    names: tuple[str, ...] = (),
    slow: bool = False,
    depth: int = 100_000,
    crowd: int = 300,
) -> None:
    """A host for each fault (or for `names` only), an ordinary host among them, and those that no connection reaches."""
    doors = []
    chosen = {
        name: fault
        for name, fault in plans(depth, crowd).items()
        if (name in names if names else slow or not fault.slow)
    }
    chosen |= {
        name: Fault(Answer(bomb(coding), coding=coding)) for name, coding in BOMBS.items() if not names or name in names
    }
    for name, fault in chosen.items():
        host = world.host(f"fault-{name}.test")
        host.put("/", Answer(page(f"Fault {name}", link("/fault.html"), seed=world.seed)))
        host.put("/fault.html", fault.resource, f"fault {name}", many=fault.many)
        sure = Fate.FETCH if fault.finds == "/found.html" else Fate.OPTIONAL
        host.put("/found.html", Answer(page(f"Found behind {name}", "<p>Still here.</p>")), f"found {name}", fate=sure)
        if name == "crowd":
            for number in range(crowd):
                world.tell(host.url(f"/none/{number}"), "crowd", fate=Fate.OPTIONAL)
        doors.append(host.url("/"))
    doors += _unreachable(world, slow)
    index = world.host("faults.test")
    world.truth.seeds.append(index.put("/", Answer(page("Faults", links(doors), seed=world.seed)), "seed"))


def _unreachable(world: World, slow: bool) -> list[str]:
    """Connection refused, handshakes that fail or never come, connections that are slammed."""
    doors = []
    modes = [("refused", "http", "nothing"), ("handshake", "https", "garbage"), ("plain-tls", "https", "slam")]
    if slow:
        modes += [("silent-tls", "https", "silent"), ("silent-http", "http", "silent")]
    for name, scheme, listen in modes:
        host = world.host(f"fault-{name}.test", scheme=scheme, listen=listen, robots=False)
        doors.append(world.tell(host.url("/"), f"fault {name}", fate=Fate.FAILED))
    return doors
