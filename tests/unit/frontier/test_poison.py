"""frontier.service.poison: a message that breaks the machine is found and parked, and stops nobody else."""

import asyncio
from typing import Any

import pytest

from backends.memory.log import MemoryLog
from contracts.errors import Unavailable
from contracts.messages import Discovery, HostMatched, Purpose
from contracts.ports import Record, Unreadable
from contracts.topics import URLS
from frontier.admission import admit
from frontier.service.poison import MOST, Poison
from tests.unit.frontier.playbook import discovery
from tests.unit.frontier.test_service import scene


def record(offset: int, partition: int = 0) -> Record:
    return Record(URLS, partition, offset, HostMatched("h.test", offset))


def fail(poison: Poison, records: list[Record], nth: int = 0, error: Exception | None = None) -> bool:
    """Whether the failure of a step is blamed on its messages."""
    error = error or ValueError("secret words")
    with pytest.raises(type(error)), poison.handling(records, nth):
        raise error
    return poison.caused(error)


async def test_a_failed_step_is_repeated_one_by_one_and_what_fails_alone_is_parked() -> None:
    poison, bus = Poison(), MemoryLog()
    three = [record(n) for n in range(3)]
    assert fail(poison, three) and poison.suspected and poison.limit(500) == 1
    with poison.handling([three[0]]):
        assert await poison.checked(three[0], 0, bus) == three[0]
    poison.passed([three[0]])
    assert fail(poison, [three[1]])
    taken = await poison.checked(three[1], 0, bus)
    assert isinstance(taken.message, Unreadable) and taken.offset == 1
    assert [(parked.offset, "secret" in why) for parked, why in bus.parked] == [(1, False)]
    poison.passed([three[1]])
    assert poison.suspected  # the third of them is still to come
    poison.passed([three[2]])
    assert (poison.suspected, poison.limit(500), poison.parked) == (False, 500, 1)


async def test_of_messages_that_share_a_record_only_the_poisonous_one_is_parked() -> None:
    poison, bus = Poison(), MemoryLog()
    assert fail(poison, [record(7)] * 3) and fail(poison, [record(7)], nth=1)
    assert [isinstance((await poison.checked(record(7), n, bus)).message, Unreadable) for n in range(3)] == [
        False,
        True,
        False,
    ]


async def test_what_fails_even_though_its_message_is_stepped_over_is_not_the_message() -> None:
    """Or else it would be parked again and again, for ever."""
    poison, bus = Poison(), MemoryLog()
    assert fail(poison, [record(0)]) and fail(poison, [record(0)])
    await poison.checked(record(0), 0, bus)
    assert not fail(poison, [record(0)])


def test_a_service_that_is_away_is_not_blamed_on_what_came_before() -> None:
    poison = Poison()
    fail(poison, [record(0)], error=Unavailable("Postgres is away"))
    assert not poison.caused(ValueError())


def test_what_no_message_caused_is_not_blamed_on_one() -> None:
    poison = Poison()
    assert not poison.caused(ValueError())
    assert not fail(poison, []) and not fail(poison, [record(0)], error=Unavailable("Postgres is away"))
    assert not poison.suspected


def test_when_everything_seems_to_be_poison_it_is_not_the_messages() -> None:
    poison = Poison()
    assert fail(poison, [record(n) for n in range(MOST + 1)])
    assert [fail(poison, [record(n)]) for n in range(MOST + 1)] == [True] * MOST + [False]


def test_a_partition_that_is_not_ours_any_more_is_no_suspect_of_ours() -> None:
    poison = Poison()
    fail(poison, [record(0, 0), record(0, 1)])
    poison.only({(URLS, 1): 0})
    assert poison.suspected
    poison.only({(URLS, 2): 0})
    assert not poison.suspected


async def test_a_shard_goes_on_behind_a_message_that_breaks_its_machine(monkeypatch: Any) -> None:
    """Its neighbours in the same step are admitted, and it is among the dead letters."""
    whole = admit

    def fragile(shard: Any, found: Discovery, now: float) -> None:
        if found.depth == 13:
            raise ZeroDivisionError("nobody foresaw this")
        whole(shard, found, now)

    monkeypatch.setattr("frontier.machine.admit", fragile)
    async with scene() as here:
        async with asyncio.timeout(20):
            await here.log.send(
                URLS,
                0,
                [
                    discovery(["http://a.test/"], purpose=Purpose.SEED),
                    discovery(["http://b.test/"], purpose=Purpose.LINK, depth=13),
                    discovery(["http://c.test/"], purpose=Purpose.SEED),
                ],
            )
        assert {(await here.order()).host, (await here.order()).host} == {"a.test", "c.test"}
        assert [parked.message.depth for parked, _ in here.log.parked if isinstance(parked.message, Discovery)] == [13]
        assert here.frontier.poisonous == 1
