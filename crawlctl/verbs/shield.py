"""`crawlctl shield`: serve providers, over a state or a cluster's vault; and what became of keys that have circled an entry."""

import argparse
import asyncio
import sys
import time

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.arguments import add_json, add_key, add_state

SHOWN = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    add_state(parser)
    parser.add_argument(
        "--listen", metavar="IP:PORT", default="", help="where providers are served (default: shield.listen)"
    )
    parser.add_argument(
        "--metrics", metavar="IP:PORT", default="", help="serve Prometheus metrics and health there, to us"
    )
    parser.add_argument(
        "--suspensions", action="store_true", help="list the keys that have circled an entry, instead of serving"
    )
    parser.add_argument(
        "--lift", metavar="NAME", help="let a suspended key hear of near matches again, instead of serving"
    )
    parser.add_argument("--why", metavar="TEXT", help="with --lift: the reason; recorded")
    add_key(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, or answer at once."""
    if arguments.lift is not None or arguments.suspensions:
        if arguments.lift is not None and not (arguments.why or "").strip():
            raise UsageError("--lift: say --why")
        asyncio.run(_suspensions(arguments, settings))
        return 0
    from crawlctl.roles.shield import serve

    return serve(settings, arguments.state, arguments.listen, arguments.metrics)


async def _suspensions(arguments: argparse.Namespace, settings: Settings) -> None:
    from backends.postgres.connection import close, connect
    from backends.postgres.vault_shield import Suspensions
    from crawlctl.access import opened
    from crawlctl.identity import identity_if_given, require
    from crawlctl.output import write_json
    from crawlctl.times import iso

    async with opened(arguments.state, settings, crawl=False) as access:
        who = await identity_if_given(arguments, access)
        if who is not None:
            require(who, "shield.lift" if arguments.lift is not None else "shield.suspensions")
        connection = await connect(access.notices_dsn(), name="pisaura-notices")
        try:
            suspensions = Suspensions(connection)
            if arguments.lift is not None:
                ended = await suspensions.lift(
                    arguments.lift, who.name if who is not None else "", arguments.why.strip(), time.time()
                )
                if not ended:
                    raise UsageError(f"no key of the name {arguments.lift[:60]!r} is suspended; see --suspensions")
                return
            for row in await suspensions.all(SHOWN):
                if arguments.json:
                    write_json(row)
                    continue
                ended_at = (
                    f"lifted {iso(row.lifted_at)} by {row.lifted_by}: {row.why}" if row.lifted_at else "suspended"
                )
                sys.stdout.write(f"{iso(row.at)}  {row.name}  circled entry {row.entry_id}  {ended_at}\n")
        finally:
            await close(connection)
