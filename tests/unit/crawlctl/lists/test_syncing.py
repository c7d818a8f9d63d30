"""What fails of one list stops no other; `--every` keeps going until it is told to stop."""

import asyncio
import os
import signal

import pytest

from contracts.errors import PisauraError, Unavailable
from crawlctl.lists.syncing import TOGETHER, Syncing, stop_at_signals


async def test_errors_of_one_list_stop_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []

    async def sync(name: str) -> None:
        if name == "b":
            raise PisauraError("its server answers 503; try later")
        if name == "c":
            raise KeyError("d41d8cd98f00b204e9800998ecf8427e")
        done.append(name)

    told: dict[str, str] = {}
    syncing = Syncing(sync, told.__setitem__)
    await syncing.once(["a", "b", "c", "d"])
    assert (done, syncing.failed) == (["a", "d"], {"b", "c"})
    assert told.keys() == {"b", "c"}
    said = capsys.readouterr().err
    assert "list 'b': its server answers 503" in said
    assert "list 'c': a fault of ours: KeyError" in said
    assert "d41d8" not in said, "an error that nobody foresaw may quote a digest"


async def test_only_some_at_a_time() -> None:
    now = most = 0

    async def sync(_name: str) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    await Syncing(sync).once([str(n) for n in range(20)])
    assert most == TOGETHER


async def test_it_keeps_going_and_takes_in_new_lists() -> None:
    stop, rounds = asyncio.Event(), {"slow": 0, "a": 0, "new": 0}
    lists = ["slow", "a"]

    async def sync(name: str) -> None:
        rounds[name] += 1
        if name == "slow":
            await asyncio.Event().wait()
        if rounds["a"] == 3:
            lists.append("new")
        if rounds["new"] == 2:
            stop.set()
        if name == "a":
            raise PisauraError("no")

    async def names() -> list[str]:
        return lists

    await asyncio.wait_for(Syncing(sync).keep_going(names, 0.001, stop), 30)
    assert rounds["slow"] == 1, "one that is still being asked is not asked again"
    assert rounds["a"] >= 3
    assert rounds["new"] >= 2


async def test_a_database_that_is_away_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    stop, asked = asyncio.Event(), 0

    async def names() -> list[str]:
        nonlocal asked
        asked += 1
        if asked > 2:
            stop.set()
        raise Unavailable("Postgres does not answer")

    async def sync(_name: str) -> None:
        raise AssertionError

    await asyncio.wait_for(Syncing(sync).keep_going(names, 0.001, stop), 30)
    assert capsys.readouterr().err.count("Postgres does not answer") == 3


async def test_sigterm_ends_it_and_what_is_under_way() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def sync(_name: str) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def names() -> list[str]:
        return ["a"]

    stop = stop_at_signals()
    going = asyncio.create_task(Syncing(sync).keep_going(names, 3600, stop))
    await asyncio.wait_for(began.wait(), 30)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(going, 30)
    assert ended.is_set()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)
