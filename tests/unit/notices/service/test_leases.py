"""A lease is renewed while the work lasts, also when the vault was away meanwhile, and not a moment longer."""

import asyncio

import pytest

from contracts.errors import Unavailable
from notices.service.leases import RENEWALS, renewed


async def test_a_lease_is_renewed_while_the_work_lasts() -> None:
    renewals: list[int] = []
    enough = asyncio.Event()

    async def renew() -> None:
        renewals.append(1)
        if len(renewals) == 1:
            raise Unavailable("away")
        if len(renewals) == 3:
            enough.set()

    async with asyncio.timeout(10), renewed(renew, RENEWALS * 0.001):
        await enough.wait()
    done = len(renewals)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(renewals) == done >= 3


async def test_an_error_of_the_work_ends_it_too() -> None:
    async def renew() -> None:
        raise AssertionError("not so soon")

    with pytest.raises(ValueError, match="the work's"):
        async with renewed(renew, 400.0):
            raise ValueError("the work's")
    assert len(asyncio.all_tasks()) == 1
