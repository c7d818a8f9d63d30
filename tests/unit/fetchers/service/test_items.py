"""fetchers.service.items: one item's request, and what of the answer travels on."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from multidict import CIMultiDict, CIMultiDictProxy

from contracts.faults import Fault
from contracts.messages import LinkKind, Order, OrderEnd, OrderItem, OrderKind, Outcome, Result
from contracts.seal import Sealer, new_keys
from contracts.settings import Settings
from contracts.topics import LANES
from fetchers.recent import Recent
from fetchers.response import Failure, Response
from fetchers.service.items import Items
from fetchers.service.media import Media
from fetchers.service.order import RECALLED, Run
from fetchers.service.rechecks import Rechecks
from tests.unit.fetchers.service.test_media import Counting
from tests.unit.fetchers.service.test_order import NOW, order

KEYS = new_keys()


class Box:
    """Keeps what is put into it."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def outcome(self, partition: int, outcome: Outcome, *_: object) -> None:
        self.outcomes.append(outcome)


class Bench:
    """One order through `Items`, with a client that answers as the test says, on a clock that requests move on."""

    def __init__(self, work: Order, *answers: Callable[["Bench"], Response | Failure]) -> None:
        self.now = NOW
        self.answers = list(answers)
        self.requests: list[float] = []
        self.boxes = {lane: Box() for lane in LANES.values()}
        boxes: Any = self.boxes
        client: Any = self
        nobody: Any = None
        sealer = Sealer(KEYS.public, KEYS.place_key)
        media = Media(Counting(), sealer)
        self.items = Items(
            Settings(), boxes, client, media, Rechecks(media, sealer, Counter(), 1, 2048), Recent(), nobody,
            lambda: self.now, 1, Counter(), lambda: None, None,
        )  # fmt: skip
        self.run = Run(work, lambda: self.now, self.items.fetch, self.items.skip)

    async def fetch(self, item: OrderItem, order: Order, **_: object) -> Response | Failure:
        """The client's part."""
        self.requests.append(self.now)
        return self.answers.pop(0)(self)

    async def end(self) -> OrderEnd:
        return await self.run.run()

    @property
    def outcomes(self) -> list[Outcome]:
        return [outcome for box in self.boxes.values() for outcome in box.outcomes]


def page(bench: Bench) -> Response:
    return Response(200, CIMultiDictProxy(CIMultiDict()), b"<p>words", 8, "", bench.now, bench.now, "192.0.2.1")


def reset(bench: Bench) -> Failure:
    return Failure(Fault.RESET_IDLE, "", bench.now, bench.now, True)


def work(**changes: Any) -> Order:
    items = [OrderItem("http://h.test/", b"u" * 16, LinkKind.PAGE)]
    return replace(order(), items=items, **changes)


async def test_what_a_kept_connection_lost_is_asked_for_once_more() -> None:
    bench = Bench(work(), reset, page)
    end = await bench.end()
    assert [outcome.result for outcome in bench.outcomes] == [Result.FETCHED]
    assert (len(bench.requests), end.requests) == (2, 1)


async def test_not_twice_more() -> None:
    bench = Bench(work(), reset, reset)
    await bench.end()
    assert [outcome.error for outcome in bench.outcomes] == [Fault.RESET_IDLE]


@pytest.mark.parametrize("kind", [OrderKind.PAGES, OrderKind.MEDIA, OrderKind.ROBOTS])
async def test_a_recalled_order_is_not_repeated(kind: OrderKind) -> None:
    """An operator's word, or the end of the run, counts for the second request as for any other."""

    def recalled(bench: Bench) -> Failure:
        bench.run.stop(RECALLED)
        return reset(bench)

    bench = Bench(work(kind=kind), recalled)
    end = await bench.end()
    assert (len(bench.requests), end.requests, end.why) == (1, 1, RECALLED)
    assert [outcome.error for outcome in bench.outcomes] == [Fault.RESET_IDLE]


async def test_a_repetition_starts_only_if_it_may_take_its_full_time() -> None:
    """Rule 7, for the second request as for the first: the deadline is 75 s away, a request may take 30 s."""
    bench = Bench(work(delay=50.0), reset)
    end = await bench.end()
    assert (len(bench.requests), end.requests) == (1, 1)
    assert [outcome.error for outcome in bench.outcomes] == [Fault.RESET_IDLE]


async def test_a_repetition_that_was_not_made_leaves_the_first_request_counted() -> None:
    """Rule 2: the wait is counted from the end of the last request; without one there would be hardly any."""
    bench = Bench(work(), reset, lambda b: Failure(Fault.STOPPED, "", b.now, b.now, False))
    end = await bench.end()
    assert (end.requests, end.ended_at) == (1, NOW)
    assert [outcome.error for outcome in bench.outcomes] == [Fault.RESET_IDLE]


async def test_a_fault_of_our_own_costs_the_item_not_the_order() -> None:
    def broken(_: Bench) -> Response:
        raise RuntimeError("http://h.test/ said something")

    bench = Bench(order(2), broken, page)
    end = await bench.end()
    assert [outcome.error for outcome in bench.outcomes] == ["parser_crashed", ""]
    assert (end.requests, bench.items.counts["internal_errors"]) == (2, 1)
