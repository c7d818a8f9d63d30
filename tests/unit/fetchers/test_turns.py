"""`fetchers.service.turns`: a burst is spread over rounds of the loop, in order, and nobody is forgotten."""

import asyncio

from fetchers.service.turns import Turns


async def _rounds(turns: Turns, callers: int) -> list[tuple[int, int]]:
    """(caller, round of the loop in which it went on)."""
    went: list[tuple[int, int]] = []
    now = 0

    async def work(number: int) -> None:
        await turns.take()
        went.append((number, now))

    tasks = [asyncio.create_task(work(number)) for number in range(callers)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        now += 1
    return went


async def test_a_burst_is_spread_over_rounds_in_order() -> None:
    went = await _rounds(Turns(3), 20)
    assert [number for number, _ in went] == list(range(20))
    for now in {now for _, now in went}:
        assert sum(1 for _, other in went if other == now) <= 3


async def test_few_go_on_at_once() -> None:
    turns = Turns(4)
    for _ in range(3):
        went = await _rounds(turns, 4)
        assert {now for _, now in went} == {went[0][1]}
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_gave_up_takes_nobodys_turn() -> None:
    turns = Turns(1)
    tasks = [asyncio.create_task(turns.take()) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [task.cancelled() for task in tasks] == [False, True, False, False]
