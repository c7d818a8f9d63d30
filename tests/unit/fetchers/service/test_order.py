"""fetchers.service.order: one order from start to end mark, politely, by its stop rules (design, rules 1 and 7)."""

from collections.abc import Callable

import pytest

from contracts.faults import Fault
from contracts.messages import Limits, LinkKind, Order, OrderEnd, OrderItem, OrderKind, Outcome, Result
from fetchers.service.order import RECALLED, Run

Answer = Callable[[OrderItem, float], Outcome]
NOW = 1000.0


def order(items: int = 3, **changes: object) -> Order:
    given = {
        "order_id": b"o", "partition": 0, "epoch": 1, "kind": OrderKind.PAGES, "host": "h.test", "address": "192.0.2.1",
        "issued_at": NOW, "start_by": NOW + 15, "deadline": NOW + 75, "delay": 0.0, "parallel": 1, "user_agent": "a",
        "limits": Limits(1, 1, 30.0, 1.0, 0), "items": [OrderItem("", bytes([n]), LinkKind.PAGE) for n in range(items)],
    }  # fmt: skip
    return Order(**{**given, **changes})  # type: ignore[arg-type]


def outcome(item: OrderItem, at: float, **changes: object) -> Outcome:
    given = {"order_id": b"o", "url_id": item.url_id, "result": Result.FETCHED, "started_at": at, "ended_at": at}
    return Outcome(**{**given, **changes})  # type: ignore[arg-type]


class Bench:
    """Runs an order with answers by item number, on a clock that each request moves on by `lasts` seconds."""

    def __init__(self, work: Order, answers: dict[int, dict[str, object]] | None = None, lasts: float = 0.0) -> None:
        self.now, self.lasts = NOW, lasts
        self.answers = answers or {}
        self.fetched: list[int] = []
        self.skipped: list[tuple[int, str]] = []
        self.run = Run(work, lambda: self.now, self.fetch, self.skip)

    async def fetch(self, _: Run, item: OrderItem) -> Outcome:
        number = item.url_id[0]
        self.fetched.append(number)
        started = self.now
        self.now += self.lasts
        return outcome(item, started, **{"ended_at": self.now, **self.answers.get(number, {})})

    def skip(self, _: Order, item: OrderItem, why: str) -> None:
        self.skipped.append((item.url_id[0], why))

    async def end(self) -> OrderEnd:
        return await self.run.run()


async def test_all_items_in_turn_and_an_end_mark() -> None:
    bench = Bench(order(), lasts=0.5)
    assert await bench.end() == OrderEnd(b"o", "h.test", "192.0.2.1", NOW + 1.5, 3, "done")
    assert (bench.fetched, bench.skipped) == ([0, 1, 2], [])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"result": Result.HTTP_ERROR, "status": 429}, "status 429"),
        ({"result": Result.HTTP_ERROR, "status": 503}, "status 503"),
        ({"status": 200, "retry_at": NOW + 60}, "retry_after"),
        ({"result": Result.NOT_REQUESTED, "error": "busy"}, "busy"),
    ],
)
async def test_stop_rules_hand_back_what_was_not_requested(answer: dict[str, object], why: str) -> None:
    """Rule 1: what was not requested comes back as `not_requested`."""
    bench = Bench(order(), {0: answer})
    assert (await bench.end()).why == why
    assert (bench.fetched, bench.skipped) == ([0], [(1, why), (2, why)])


async def test_two_connection_faults_stop_an_order_one_does_not() -> None:
    fault: dict[str, object] = {"result": Result.FAILED, "error": Fault.CONNECT_REFUSED.value}
    bench = Bench(order(4), {0: fault, 2: fault})
    end = await bench.end()
    assert (bench.fetched, end.requests, end.why) == ([0, 1, 2], 3, Fault.CONNECT_REFUSED)
    assert bench.skipped == [(3, Fault.CONNECT_REFUSED)]


async def test_a_request_starts_only_if_it_may_take_its_full_time() -> None:
    """The deadline is 75 s away and a request may take 30 s: none starts after 45 s."""
    bench = Bench(order(5), lasts=23.0)
    end = await bench.end()
    assert bench.fetched == [0, 1]
    assert (end.why, bench.skipped) == (Fault.DEADLINE, [(n, Fault.DEADLINE) for n in (2, 3, 4)])


async def test_nobody_waits_for_a_turn_that_would_come_too_late() -> None:
    bench = Bench(order(2, delay=100.0))
    assert (await bench.end()).why == Fault.DEADLINE
    assert bench.fetched == [0]


async def test_a_recalled_order_requests_nothing_more() -> None:
    bench = Bench(order())
    bench.run.stop(RECALLED)
    end = await bench.end()
    assert (end.requests, end.ended_at, bench.fetched) == (0, 0.0, [])
    assert bench.skipped == [(n, RECALLED) for n in range(3)]


async def test_resolving_is_no_request_to_the_host() -> None:
    bench = Bench(order(1, kind=OrderKind.RESOLVE))
    assert (await bench.end()).requests == 0


async def test_parallel_requests_share_the_items_and_the_stop() -> None:
    bench = Bench(order(6, parallel=2), {3: {"result": Result.HTTP_ERROR, "status": 429}})
    await bench.end()
    assert sorted([*bench.fetched, *(number for number, _ in bench.skipped)]) == list(range(6))
    assert bench.fetched[:4] == [0, 1, 2, 3]
