"""What a check came to, and how a check is carried out: bounded in time, and never able to stop the others."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from contracts.errors import PisauraError, kind_and_place

SECONDS: Final = 10.0
"""Longest time that one check may take."""


class Verdict(StrEnum):
    """How bad it is. Only FAILED makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Struct, frozen=True):
    """What was found by a check, and what to do about it: empty if all is well."""

    check: str
    verdict: Verdict
    found: str
    todo: str = ""


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, found)


def warning(check: str, found: str, todo: str) -> Finding:
    """It works, but somebody should know."""
    return Finding(check, Verdict.WARNING, found, todo)


def failed(check: str, found: str, todo: str) -> Finding:
    """It does not work, or must not be run like this."""
    return Finding(check, Verdict.FAILED, found, todo)


class Check(NamedTuple):
    """A check by name. `look` asks and judges; `todo` is the advice if it cannot even ask."""

    name: str
    look: Callable[[], Awaitable[list[Finding]]]
    todo: str


async def carry_out(check: Check, seconds: float = SECONDS) -> list[Finding]:
    """What a check found; a failure of the check itself is a finding too."""
    try:
        async with asyncio.timeout(seconds):
            return await check.look()
    except TimeoutError:
        return [failed(check.name, f"no answer within {seconds:g} s", check.todo)]
    except PisauraError as error:
        return [failed(check.name, str(error), check.todo)]
    except Exception as error:  # what nobody foresaw must not hide the other checks' findings
        return [failed(check.name, f"the check itself failed: {kind_and_place(error)}", "report this; " + check.todo)]
