"""Some hundreds of runs hold; and the invariants can fail: a part that breaks its promise is found out by some seed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from contracts.crawl import PermitRequest, Transaction
from contracts.messages import Discovery, Message, Order, Outcome
from contracts.ports import Offsets
from contracts.topics import URLS, lane_of
from fetchers.service.items import Items
from frontier import admission, rechecks, results
from frontier.events import Command, Commit, Event
from frontier.service.steps import Steps
from frontier.shard import Shard
from frontier.workbench import Host
from tests.simulation.__main__ import told
from tests.simulation.log import Broker, GroupConsumer
from tests.simulation.scenario import scenario
from tests.simulation.tables import Tables
from tests.simulation.web import ModelClient
from tests.simulation.world import World

SEEDS = 300
CHUNK = 20


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What shards and fetchers say of their troubles is no news here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_nothing_is_broken_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + CHUNK):
        world = World(scenario(seed))
        assert not world.run(), told(world)


def test_a_seed_replays() -> None:
    def events() -> list[tuple[float, str, str]]:
        world = World(scenario(7))
        world.run()
        return world.scheduler.events

    first = events()
    assert len(first) > 50 and first == events()


# -- parts that break their promises --------------------------------------------------------------------------------------


def complaints(seeds: Sequence[int], most: int = 1) -> Iterator[str]:
    """What the judge says of runs with a broken part, until `most` of them were found out."""
    found = 0
    for seed in seeds:
        if broken := World(scenario(seed)).run():
            yield from broken
            found += 1
        if found >= most:
            return


def unfenced(self: Tables, transaction: Transaction) -> list[int]:
    return []


def generous(
    self: Tables, requests: Sequence[PermitRequest], now: float, address_sites: int, most: int
) -> tuple[set[bytes], dict[str, float]]:
    return {request.order_id for request in requests}, {}


def late(self: ModelClient, now: float, order: Order) -> bool:
    return True


async def eager(self: Steps, command: Command) -> Event | None:
    if isinstance(command, Commit):
        for order in self.machine.shard.orders:
            self._forget(self._bus.send(lane_of(order), order.partition, [order]))
    return await DO(self, command)


async def sure(self: GroupConsumer, offsets: Offsets) -> bool:
    await COMMIT(self, offsets)
    return True


def leaky(self: Broker, place: tuple[str, int], messages: Sequence[Message]) -> None:
    """Acks what it never wrote."""
    if place[0] != URLS or self.scheduler.chance.random() < 0.7:
        APPEND(self, place, messages)


def hasty(delay: float, last: float, settings: Any) -> float:
    return 0.0


def trusting(batch: Any, now: float) -> Any:
    return batch


def forgetful(self: Host) -> None:
    """As if what is stored were what the row says."""


def twice(shard: Any, host: Any, out: Any, end: Any, now: float) -> None:
    END(shard, host, out, end, now)
    shard.tx.ended.append(end.order_id)


def deaf(shard: Any, host: Any, asked: Any, need: Any) -> None:
    """As if no robots.txt forbade anything."""


async def insistent(self: Items, *arguments: Any) -> Outcome:
    await LOOKED(self, *arguments)
    return await LOOKED(self, *arguments)


def admitting(shard: Shard, found: Discovery, now: float) -> None:
    """A re-check as a found URL."""
    RECEIVE(shard, found, now)
    admission.admit(shard, found, now)


LOOKED, RECEIVE = Items._looked_again, rechecks.receive
DO, COMMIT, END, APPEND = Steps._do, GroupConsumer.commit, results._end, Broker.append


@pytest.mark.parametrize(
    ("where", "name", "instead", "says"),
    [
        (Tables, "stale", unfenced, "holds"),
        (Tables, "take_permits", generous, "requests at a time at"),
        (ModelClient, "may_write", late, "after its deadline"),
        (Steps, "_do", eager, ""),
        (GroupConsumer, "commit", sure, "could not commit"),
        (Broker, "append", leaky, "lost"),
        (results, "wait", hasty, "had ended"),
        (results, "in_our_time", trusting, "had ended"),
        (results, "_end", twice, "ended twice"),
        (Host, "stored", forgetful, "not settled"),
        (rechecks, "_forbidden", deaf, "though robots.txt forbids it"),
        (rechecks, "receive", admitting, "that was only looked at again"),
        (Items, "_looked_again", insistent, "twice"),
    ],
    ids=lambda part: getattr(part, "__name__", part) if callable(part) else None,
)
def test_a_broken_promise_is_found_out(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, instead: Callable[..., Any], says: str
) -> None:
    monkeypatch.setattr(where, name, instead)
    assert any(says in complaint for complaint in complaints(range(1, 80), most=3))


def test_everything_that_can_go_wrong_does() -> None:
    said: set[str] = set()
    for seed in range(1, 24):
        world = World(scenario(seed))
        world.run()
        said |= {" ".join(what.split()[:2]) for _, _, what in world.scheduler.events}
    for what in ("KILL", "STOP for", "TERM", "database away", "does not", "is taken", "commit to"):
        assert what in said, what
