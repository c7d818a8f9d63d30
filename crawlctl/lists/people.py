"""Who asks for something, and how it is told what became of an act that takes two people."""

import argparse
import os
import socket
import sys
from typing import Any, Final

from contracts.desk import WITHIN, Asked, Person
from contracts.errors import UsageError
from crawlctl.access import Access
from crawlctl.audit import user_name
from crawlctl.identity import identity_if_given, person_of, require
from crawlctl.output import one_line, write_json

WHY_CHARS: Final = 500
DAY: Final = 86_400.0


def person() -> Person:
    """Whoever runs this, as the operating system knows them."""
    return Person(user_name(), os.getuid(), socket.gethostname())


async def asking(arguments: argparse.Namespace, access: Access, act: str) -> Person:
    """Whoever runs this, by account; while nobody has one, as the operating system knows them. UsageError if people have
    accounts and none was shown, or its role may not do this."""
    who = await identity_if_given(arguments, access)
    if who is None:
        return person()
    require(who, act)
    return person_of(who)


def why_of(text: str | None) -> str:
    """A stated reason, "" if there is none. UsageError if it says nothing or a book."""
    if text is None:
        return ""
    said = " ".join(text.split())
    if not said or len(said) > WHY_CHARS:
        raise UsageError(f"--why: say in 1 to {WHY_CHARS} characters why; it is written down")
    return said


def tell(asked: Asked, waits: str, done: str, facts: dict[str, Any], *, as_json: bool, within: float = WITHIN) -> None:
    """Say what was done, or what waits for another person to ask for the same."""
    by = " and ".join(asked.by)
    if as_json:
        write_json({**facts, "done": asked.done, "by": asked.by})
    elif asked.done:
        sys.stdout.write(one_line(f"{done} (asked for by {by})" if len(asked.by) > 1 else done) + "\n")
    else:
        days = "a day" if within == DAY else f"{within / DAY:g} days"
        what = f"{waits}; asked for by {by}; another person must ask for the same within {days}"
        sys.stdout.write(one_line(what) + "\n")
