"""A database's schema as text, to compare: a fresh one with a migrated one, or with the committed `schema.sql`."""

import asyncio
import re

from backends.postgres import binaries
from contracts.errors import Unavailable

NOISE = re.compile(r"--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config\(.*")


def tidied(dump: str) -> str:
    """A dump of pg_dump without what says nothing of the schema: comments, session settings, its random marks."""
    lines = [line.rstrip() for line in dump.splitlines() if not NOISE.fullmatch(line.rstrip())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


async def dump(dsn: str) -> str:
    """The schema of the database at `dsn`, rights included, owners and rows not. Raises Unavailable with pg_dump's words."""
    programs = await asyncio.to_thread(binaries.find)
    process = await asyncio.create_subprocess_exec(
        programs.program("pg_dump"), "--schema-only", "--no-owner", "--dbname", dsn,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, complaint = await process.communicate()
    if process.returncode:
        raise Unavailable(f"the schema cannot be read: {complaint.decode(errors='replace').strip()}")
    return tidied(output.decode())
