"""`crawlctl migrate`: make the databases of a cluster ready, say what that would do, or print what a superuser must run first."""

import argparse
import asyncio
import sys
from typing import Any, Final

from backends.postgres.cluster_setup import Ready, lacking, set_up, sql
from backends.postgres.connection import database_of
from backends.postgres.databases import ROLES
from contracts.errors import PisauraError, UsageError
from contracts.settings import Settings
from crawlctl.arguments import add_json
from crawlctl.output import one_line, write_json

MORE: Final = """\
Connects as postgres.crawl and postgres.vault say, which must be the owners of the databases or a superuser; give them by
PISAURA_POSTGRES_CRAWL and PISAURA_POSTGRES_VAULT so that no file holds their passwords. May be run again at any time and by
many at once: one works, the others find it done. The number of partitions (cluster.partitions) is fixed by the first run."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--database", choices=list(ROLES), help="only this one; both if not given")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--check", action="store_true", help="change nothing; say what is to be done, and exit with 1 if anything is"
    )
    form.add_argument(
        "--sql",
        action="store_true",
        help="connect to nothing; print roles, databases and grants for a superuser's psql",
    )
    add_json(parser)
    parser.epilog = f"{parser.epilog}\n\n{MORE}"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do it."""
    databases = [arguments.database] if arguments.database else list(ROLES)
    if arguments.sql:
        sys.stdout.write(sql({name: _name(settings, name) for name in databases}))
        return 0
    dsns = {name: _dsn(settings, name) for name in databases}
    if arguments.check:
        asyncio.run(_check(dsns, as_json=arguments.json))
        return 0
    asyncio.run(_set_up(dsns, settings.cluster.partitions, as_json=arguments.json))
    return 0


def _dsn(settings: Settings, database: str) -> str:
    dsn: str = getattr(settings.postgres, database)
    if not dsn:
        raise UsageError(
            f"postgres.{database} is not set: give the connection string of its owner in the settings file or as "
            f"PISAURA_POSTGRES_{database.upper()}, or name the other database with --database"
        )
    return dsn


def _name(settings: Settings, database: str) -> str:
    dsn: str = getattr(settings.postgres, database)
    return database_of(dsn) if dsn else database


async def _check(dsns: dict[str, str], *, as_json: bool) -> None:
    pending = 0
    for database, dsn in dsns.items():
        found = await lacking(dsn, database)
        pending += len(found)
        if as_json:
            write_json({"database": database, "pending": found})
            continue
        for what in found or ["nothing to do"]:
            sys.stdout.write(f"{database}: {one_line(what)}\n")
    if pending:
        raise PisauraError(f"the databases are not ready ({pending} to do); run `crawlctl migrate`")


async def _set_up(dsns: dict[str, str], partitions: int, *, as_json: bool) -> None:
    for database, dsn in dsns.items():
        ready = await set_up(dsn, database, partitions)
        if as_json:
            write_json(_plain(ready))
        else:
            sys.stdout.write(one_line(_said(ready)) + "\n")
        sys.stdout.flush()


def _plain(ready: Ready) -> dict[str, Any]:
    return {name: getattr(ready, name) for name in ready.__struct_fields__}


def _said(ready: Ready) -> str:
    parts = [f"roles made: {', '.join(ready.roles)}"] if ready.roles else []
    parts.append(f"applied {', '.join(ready.applied)}" if ready.applied else "nothing to apply")
    if ready.partitions:
        parts.append(f"{ready.partitions} partitions in {ready.ranges} ranges")
    return f"{ready.database} at {ready.place}, owned by {ready.owner}: " + "; ".join(parts)
