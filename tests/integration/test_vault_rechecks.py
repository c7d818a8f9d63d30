"""Re-checks in the vault: so many at a time of a host, the same ticket until the answer, none forgotten."""

import hashlib

from contracts.caserows import Asked, Due, Waiting
from contracts.messages import Recheck
from tests.casework import NOW, Casework, casework, medium, new_case, sighting
from tests.postgres import Database

HOSTS = (b"a" * 16, b"b" * 16)


async def due(desk: Casework, per_host: int = 2, at: float = NOW, limit: int = 100) -> list[Asked]:
    async with desk.cases.work() as work:
        return await work.due_rechecks(at, per_host, limit)


async def scheduled(desk: Casework, first: int, host: bytes, count: int, at: float = NOW) -> list[int]:
    found = await desk.open(*(new_case(n, host=host) for n in range(first, first + count)))
    numbers = sorted(found.values())
    async with desk.cases.work() as work:
        await work.set_rechecks([Due(number, host, at + n / 1000) for n, number in enumerate(numbers)])
    return numbers


async def test_no_more_than_so_many_are_out_at_a_host(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        many, few = await scheduled(desk, 0, HOSTS[0], 5), await scheduled(desk, 10, HOSTS[1], 1)
        assert await due(desk, at=NOW - 1) == []
        first = await due(desk, at=NOW + 1)
        assert [one.case_id for one in first] in ([many[0], few[0], many[1]], [few[0], many[0], many[1]])
        assert len({one.ticket for one in first}) == 3 and all(len(one.ticket) == 16 for one in first)
        assert await due(desk, at=NOW + 1) == []
        async with desk.cases.work() as work:
            assert await work.free_rechecks(2) == 0
            tickets = await work.ticketed([one.ticket for one in first] + [b"", b"strange"])
            assert {one.case_id for one in tickets.values()} == {many[0], many[1], few[0]}
            await work.answered([many[0]])
            await work.set_rechecks([Due(many[0], HOSTS[0], NOW + 99)])
        assert [one.case_id for one in await due(desk, at=NOW + 1)] == [many[2]]
        async with desk.cases.work() as work:
            assert await work.ticketed([one.ticket for one in first if one.case_id == many[0]]) == {}
            await work.set_rechecks([Due(many[0], HOSTS[0], 0.0), Due(many[1], HOSTS[0], 0.0)])  # closed while asked
            assert await work.free_rechecks(2) == 1
        assert [one.case_id for one in await due(desk, at=NOW + 1)] == [many[3]]


async def test_one_process_asks_at_a_time(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        await scheduled(desk, 0, HOSTS[0], 2)
        async with desk.cases.work() as one, desk.cases.work() as other:
            assert len(await one.due_rechecks(NOW + 1, 5, 1)) == 1
            assert await other.due_rechecks(NOW + 1, 5, 9) == []


async def test_what_is_not_answered_is_asked_again_by_the_same_ticket(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        await scheduled(desk, 0, HOSTS[0], 1)
        (first,) = await due(desk)
        async with desk.cases.work() as work:
            assert await work.late_rechecks(NOW + 59, 60, 9) == []
            (again,) = await work.late_rechecks(NOW + 60, 60, 9)
            assert await work.late_rechecks(NOW + 61, 60, 9) == []
        assert (again.case_id, again.ticket, again.due_at, again.again) == (
            first.case_id,
            first.ticket,
            first.due_at,
            True,
        )


async def test_an_answer_waits_for_the_hasher(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (number,) = await scheduled(desk, 0, HOSTS[0], 1)
        answer = Recheck(b"t" * 16, NOW, NOW + 1, status=200, record=sighting(7, "http://host.test/a.png"))
        async with desk.cases.work() as work:
            for _ in range(2):
                await work.keep_answer(Waiting(answer.ticket, number, NOW, answer))
            assert await work.kept_answers(NOW - 1, 9) == []
            assert [one.answer for one in await work.kept_answers(NOW, 9)] == [answer]
        assert answer.record is not None
        await desk.vault.store([answer.record], [], NOW)
        async with desk.cases.work() as one, desk.cases.work() as other:
            assert [waiting.case_id for waiting in await one.kept_answers(0.0, 9)] == [number]
            assert await other.kept_answers(0.0, 9) == []
            await one.drop_answer(answer.ticket)
        async with desk.cases.work() as work:
            assert await work.kept_answers(NOW, 9) == []
            assert [await work.shown(HOSTS[0], medium(7), case) for case in (1, 1, 2, 3)] == [1, 1, 2, 3]
            assert await work.shown(HOSTS[1], medium(7), 9) == 1


async def test_covers_match_nothing(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (sure,) = await desk.entries(1)
        await desk.seen(1, "http://host.test/a.png", sure)
        plain = [sighting(seed, f"http://host.test/{seed}.png") for seed in (2, 3, 4)]
        await desk.vault.store(plain, [], NOW)
        async with desk.cases.work() as work:
            assert {one.sealed for one in await work.covers(bytes(32), 9)} == {one.sealed for one in plain}
            assert len(await work.covers(bytes(32), 2)) == 2
            assert await work.covers(b"\xff" * 32, 9) == []
            (one, *_) = await work.covers(min(one.sha256 for one in plain), 1)
        assert one.size in (5002, 5003, 5004) and len(one.head_sha256) == len(hashlib.sha256().digest())
