"""Checks that fail in every way, and stop nobody."""

import asyncio

import pytest

from contracts.errors import Unavailable
from crawlctl.doctor.findings import Check, Finding, Verdict, carry_out, failed, ok, warning


async def fine() -> list[Finding]:
    return [ok("x", "good"), warning("x", "so so", "look")]


async def away() -> list[Finding]:
    raise Unavailable("nobody answers at 127.0.0.1:1")


async def broken() -> list[Finding]:
    raise KeyError("https://secret.example/")


async def silent() -> list[Finding]:
    await asyncio.Event().wait()
    return []


async def test_what_a_check_finds() -> None:
    assert await carry_out(Check("x", fine, "mend it")) == [ok("x", "good"), warning("x", "so so", "look")]


async def test_a_service_that_is_away() -> None:
    assert await carry_out(Check("x", away, "mend it")) == [failed("x", "nobody answers at 127.0.0.1:1", "mend it")]


async def test_time_is_bounded() -> None:
    assert await carry_out(Check("x", silent, "mend it"), 0.01) == [failed("x", "no answer within 0.01 s", "mend it")]


async def test_a_fault_of_ours_is_found_and_quotes_nothing() -> None:
    (found,) = await carry_out(Check("x", broken, "mend it"))
    assert found.verdict is Verdict.FAILED
    assert "KeyError in" in found.found
    assert "secret" not in found.found


async def test_being_cancelled_is_no_finding() -> None:
    task = asyncio.create_task(carry_out(Check("x", silent, "")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
