"""Who asks for something, and how it is told what became of an act that takes two people."""

import os
import socket
import sys
from typing import Any

from contracts.errors import UsageError
from contracts.lists import Asked, Person
from crawlctl.audit import user_name
from crawlctl.output import one_line, write_json

WHY_CHARS = 500


def person() -> Person:
    """Whoever runs this, as the operating system knows them."""
    return Person(user_name(), os.getuid(), socket.gethostname())


def why_of(text: str | None) -> str:
    """A stated reason, "" if there is none. UsageError if it says nothing or a book."""
    if text is None:
        return ""
    said = " ".join(text.split())
    if not said or len(said) > WHY_CHARS:
        raise UsageError(f"--why: say in 1 to {WHY_CHARS} characters why; it is written down")
    return said


def tell(asked: Asked, what: str, done: str, facts: dict[str, Any], *, as_json: bool) -> None:
    """Say whether `what` was done, or waits for another person to ask for the same."""
    if as_json:
        write_json({**facts, "done": asked.done, "by": asked.by})
    elif asked.done:
        by = f" (asked for by {' and '.join(asked.by)})" if len(asked.by) > 1 else ""
        sys.stdout.write(one_line(f"{done}{by}") + "\n")
    else:
        sys.stdout.write(
            one_line(
                f"not done yet: {what} takes two people; asked for by {' and '.join(asked.by)}, another person must ask for "
                "the same within 7 days"
            )
            + "\n"
        )
