"""The synthetic web as a process of its own: `python -m tests.fakeweb --sites 20 --write DIR`; SIGTERM or SIGINT ends it."""

import argparse
import asyncio
import resource
import signal
from pathlib import Path

import msgspec
import uvloop

from tests.fakeweb.bench import build_bench
from tests.fakeweb.model import Ports, World
from tests.fakeweb.web import FakeWeb, free_ports
from tests.fakeweb.world import build_demo, build_world


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakeweb", description=__doc__)
    parser.add_argument(
        "--world", choices=["full", "demo", "bench"], default="full", help="which world (default: full)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same world")
    parser.add_argument("--sites", type=int, default=8, help="ordinary sites, or hosts of the bench world")
    parser.add_argument("--pages", type=int, default=6, help="pages of an ordinary site, or of a bench host")
    parser.add_argument("--slow", action="store_true", help="full world: also the faults that take a minute and more")
    parser.add_argument("--https", action="store_true", help="bench world: serve by HTTPS")
    parser.add_argument("--gzip", action="store_true", help="bench world: serve compressed")
    parser.add_argument(
        "--port", type=int, default=0, help="HTTP port; the next two are HTTPS and another HTTP (0: free ones)"
    )
    parser.add_argument("--dns", default="127.0.0.1:0", help="address and port of the name server (port 0: a free one)")
    parser.add_argument("--log", type=Path, help="write the log to this file as JSON lines")
    parser.add_argument("--no-log", action="store_true", help="keep no log at all")
    parser.add_argument("--notices", type=Path, help="folder of notices that some hosts react to")
    parser.add_argument("--write", type=Path, help="write seeds.txt, known.csv, truth.json to this folder")
    return parser.parse_args()


def make(options: argparse.Namespace) -> World:
    """The world that the command line asks for."""
    ports = Ports(options.port, options.port + 1, options.port + 2) if options.port else free_ports()
    if options.world == "bench":
        return build_bench(
            options.seed, hosts=options.sites, pages=options.pages, https=options.https, gzip=options.gzip, ports=ports
        )
    if options.world == "demo":
        return build_demo(options.seed, ports=ports)
    return build_world(options.seed, sites=options.sites, pages=options.pages, slow=options.slow, ports=ports)


def write(world: World, folder: Path) -> None:
    """Write seeds.txt, known.csv and truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seeds.txt").write_text("\n".join(world.seeds()) + "\n")
    (folder / "known.csv").write_text(world.known_csv())
    (folder / "truth.json").write_bytes(msgspec.json.encode(world.truth))


async def serve(options: argparse.Namespace) -> None:
    """Serve until a signal comes. The ready line is one JSON object on standard output."""
    world = make(options)
    if options.write:
        write(world, options.write)
    host, _, port = options.dns.rpartition(":")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with FakeWeb(
        world,
        dns_host=host,
        dns_port=int(port),
        log_file=options.log,
        keep_log=not options.no_log,
        notices=options.notices,
    ) as web:
        ready = {
            "ready": True,
            "nameserver": web.nameserver,
            "http": world.ports.http,
            "https": world.ports.https,
            "other": world.ports.other,
            "hosts": len(world.hosts),
            "seeds": len(world.truth.seeds),
        }
        print(msgspec.json.encode(ready).decode(), flush=True)
        await stop.wait()


def main() -> None:
    """Entry point."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(serve(arguments()))


if __name__ == "__main__":
    main()
