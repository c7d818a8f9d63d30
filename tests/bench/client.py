"""What a crawler without any promise costs: aiohttp on uvloop, one connection a host; with `extract`, links as well.

`python -m tests.bench.client fetch|extract HOSTS PAGES HTTP HTTPS OTHER [--https]` prints {"pages": ..., "cpu": ...}.
"""

import argparse
import asyncio
import socket
import time
from collections.abc import Callable

import aiohttp
import msgspec
import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult

from contracts.messages import LinkKind, OrderItem
from contracts.settings import LimitSettings
from contracts.urls import url_id
from fetchers.links import extract
from fetchers.pages import Found, links
from fetchers.recent import Recent
from tests.fakeweb.bench import build_bench, path_of
from tests.fakeweb.model import Host, Ports, World

Use = Callable[[str, str, bytes], object]


class Names(AbstractResolver):
    """The world's addresses, without asking anybody."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The first address of a host."""
        address = self._world.names[host].addresses[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
        ]

    async def close(self) -> None:
        """Nothing is open."""


class Links:
    """Collects, joins and de-duplicates the links of pages; what neighbouring pages linked is not joined again."""

    def __init__(self) -> None:
        self._recent = Recent()
        self._limits = LimitSettings()
        self._seen: set[bytes] = set()

    def __call__(self, url: str, host: str, body: bytes) -> Found:
        """What one page leads to."""
        page = extract(body, url, "text/html; charset=utf-8", (), self._limits, with_text_key=False)
        item = OrderItem(url, url_id(url), LinkKind.PAGE)
        found = links(item, host, page.base, page.raws, self._recent, 0.0, 0, 1, self._limits.url_bytes)
        self._recent.learn(found.directory, found.plain, found.media)
        for discovery in found.own:
            for group in discovery.groups:
                self._seen.update([link.url_id for link in group.links])
        return found


def nothing(url: str, host: str, body: bytes) -> None:
    """For the bare fetch: the body is read, and that is all."""


async def fetch(world: World, pages: int, use: Use) -> tuple[int, float]:
    """Fetch as many pages of each host, one after the other. (pages, CPU seconds of this process)."""
    connector = aiohttp.TCPConnector(resolver=Names(world), limit=0, ssl=False)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=True) as session:
        hosts = list(world.hosts.values())
        counts = [pages // len(hosts)] * len(hosts)
        used = time.process_time()
        done = await asyncio.gather(*(_host(session, host, n, use) for host, n in zip(hosts, counts, strict=True)))
        used = time.process_time() - used
    return sum(done), used


async def _host(session: aiohttp.ClientSession, host: Host, pages: int, use: Use) -> int:
    for number in range(pages):
        url = host.url(path_of(number).replace("&amp;", "&"))
        async with session.get(url, allow_redirects=False) as response:
            body = await response.read()
            if response.status != 200:
                raise RuntimeError(f"{url}: {response.status}")
        use(url, host.netloc, body)
    return pages


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.client", description=__doc__)
    parser.add_argument("mode", choices=["fetch", "extract"])
    for name in ("hosts", "pages", "http", "https_port", "other"):
        parser.add_argument(name, type=int)
    parser.add_argument("--https", action="store_true")
    options = parser.parse_args()
    world = build_bench(
        hosts=options.hosts, https=options.https, ports=Ports(options.http, options.https_port, options.other)
    )
    pages, used = uvloop.run(fetch(world, options.pages, Links() if options.mode == "extract" else nothing))
    print(msgspec.json.encode({"pages": pages, "cpu": used}).decode())


if __name__ == "__main__":
    main()
