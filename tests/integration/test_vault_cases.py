"""The store of cases: opened once, locked, written with their versions; what explains them as it stands now."""

import asyncio

import pytest
from msgspec.structs import replace

from backends.postgres.vault_pairs import refuse
from contracts.caserows import LOOK_UP, Change, Due, Line, Task
from contracts.cases import CaseState, Target
from contracts.errors import Unavailable
from tests.casework import NOW, casework, medium, new_case, place
from tests.office import ANNA
from tests.postgres import Database

URL = "http://host.test/a.png"


# "A case is one (media URL, media identity); [...] a new entry opens no second case"
async def test_a_case_is_opened_once(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        first = await desk.open(new_case(1), new_case(2), new_case(1))
        again = await asyncio.gather(*(desk.open(new_case(1), new_case(2), new_case(3)) for _ in range(3)))
        assert len(first) == 2 and all(found.items() >= first.items() for found in again)
        assert len({tuple(sorted(found.items())) for found in again}) == 1
        assert await desk.pool.fetchval("SELECT count(*) FROM cases") == 3
        assert await desk.pool.fetchval("SELECT count(*) FROM case_keys") == 3
        async with desk.cases.work() as work:
            held = await work.lock(list(first.values()))
        assert {one.case.case_id for one in held.values()} == set(first.values())
        assert all(one.wrapped and one.sealed and one.version == 0 for one in held.values())


async def test_a_change_is_one_transaction_and_counts(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (number,) = (await desk.open(new_case(1))).values()
        async with desk.cases.work() as work:
            held = (await work.lock([number]))[number]
            case = replace(held.case, state=CaseState.NOTIFIED, notified_at=NOW, targets=(Target("email:a@h.example"),))
            await work.write([Change(held, case)], NOW)
            await work.lines([Line(number, NOW, "notified")])
        row = await desk.pool.fetchrow("SELECT state, notified_at, recipient, version, gone_at FROM cases")
        assert tuple(row) == ("notified", int(NOW * 1000), "email:a@h.example", 1, None)
        async with desk.cases.work() as work:
            assert (await work.lock([number]))[number].case == case
        with pytest.raises(Unavailable, match="changed by others"):
            async with desk.cases.work() as work:
                await work.lines([Line(number, NOW, "lost")])
                await work.write([Change(held, case)], NOW)  # an old version
        assert [row["what"] for row in await desk.pool.fetch("SELECT what FROM case_events")] == ["notified"]


async def test_what_is_locked_is_left_to_who_has_it(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        numbers = sorted((await desk.open(new_case(1), new_case(2))).values())
        async with desk.cases.work() as one, desk.cases.work() as other:
            await one.lock(numbers[:1])
            assert sorted(await other.lock(numbers, skip=True)) == numbers[1:]


async def test_evidence_stands_as_it_is_now(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        sure, other = await desk.entries(1, 2)
        await desk.seen(1, URL, sure)
        await desk.seen(1, URL, other, near=True)

        async def now() -> list[tuple[int, bool, str, str, bool, str, bool, bool, bool]]:
            async with desk.cases.work() as work:
                found = await work.evidence([medium(1)])
            return [
                (e.entry_id, e.near, e.standing, e.kind, e.notify, e.held, e.live, e.refused, e.guarded)
                for e in found[medium(1)]
            ]

        assert await now() == [
            (sure, False, "verified", "csam", True, "", True, False, True),
            (other, True, "verified", "csam", True, "", True, False, True),
        ]
        await desk.office.hold([sure], "many_sites")
        row = (await now())[0]
        assert (row[2], row[5], row[6], row[8]) == (
            "held",
            "many_sites",
            False,
            False,
        )  # the retro-match is yet to come
        await desk.open(new_case(1))
        await refuse(desk.pool, medium(1), other, "no", ANNA, NOW)
        assert (await now())[1][7]
        async with desk.cases.work() as work:
            assert await work.changed_media(9) == [medium(1)] and await work.changed_media(9) == []
            assert await work.matched(medium(1)) is False


async def test_media_of_a_case(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (sure,) = await desk.entries(1)
        await desk.seen(1, URL, sure)
        async with desk.cases.work() as work:
            found = await work.media([(place(URL), medium(1)), (place(URL), medium(9))])
        known, unknown = found[(place(URL), medium(1))], found[(place(URL), medium(9))]
        assert (known.size, known.media_type, known.etag, known.last_seen) == (5001, "image/png", '"e1"', NOW)
        assert unknown.size == 0
        async with desk.cases.work() as work:
            assert [len(frame.forms) for frame in await work.frames(medium(1))] == [8] and await work.frames(
                medium(9)
            ) == ()
            assert await work.matched(medium(1)) is True and await work.matched(medium(9)) is None


async def test_changed_entries_call_their_cases(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        sure, other = await desk.entries(1, 2)
        (number,) = (await desk.open(new_case(1))).values()
        async with desk.cases.work() as work:
            await work.explained([(number, sure)], NOW)
            before, _ = await work.seqs()
        await desk.office.desk.withdraw(other, "wrong", ANNA, NOW)
        await desk.office.desk.withdraw(sure, "wrong", ANNA, NOW)
        async with desk.cases.work() as work:
            after, _ = await work.seqs()
            assert await work.cursor("entries") == 0
            await work.note_changed(before, after)
            await work.set_cursor("entries", after)
        async with desk.cases.work() as work:
            assert await work.cursor("entries") == after
            assert await work.changed_media(9) == [medium(1)]


async def test_tasks_wait_for_their_time(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (number,) = (await desk.open(new_case(1))).values()
        async with desk.cases.work() as work:
            await work.later([Task(number, LOOK_UP, NOW), Task(number, "tick", NOW + 9)])
            await work.put_off(Task(number, LOOK_UP, NOW + 5, 1))
            await work.later([Task(number, LOOK_UP, NOW)])  # it failed once: it is not done before its time
        async with desk.cases.work() as one, desk.cases.work() as other:
            assert await one.due_tasks(LOOK_UP, NOW, 5) == []
            (task,) = await one.due_tasks(LOOK_UP, NOW + 5, 5)
            assert await other.due_tasks(LOOK_UP, NOW + 5, 5) == []
            assert task == Task(number, LOOK_UP, NOW + 5, 1)
            await one.task_done(task)
            assert await one.due_tasks("tick", NOW + 8, 5) == []
            await one.set_ticks({number: NOW + 8})
            assert await one.due_tasks("tick", NOW + 8, 5) == [Task(number, "tick", NOW + 8)]
            await one.set_ticks({number: 0.0})
            assert await one.tick_all(["held"], NOW, 0, 9) == 0 and await one.tick_all(["found"], NOW, 0, 9) == number
            assert await one.tick_all(["found"], NOW, number, 9) == 0
            assert await one.due_tasks("tick", NOW, 5) == [Task(number, "tick", NOW)]
            await one.set_ticks({number: 0.0})
        assert await desk.cases.next_due(NOW, 0.0, 60.0) == float("inf")


# "moved (redirect: a new place)"
async def test_moves_wait_for_a_case_at_their_place(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (number,) = (await desk.open(new_case(1))).values()
        async with desk.cases.work() as work:
            assert await work.case_at(place(URL)) == number and await work.case_at(place("http://b.test/")) == 0
            for _ in range(2):
                await work.add_move(place("http://b.test/"), number, NOW)
            assert await work.moves_to([place(URL), place("http://b.test/")]) == {place("http://b.test/"): [number]}
            await work.moved({place("http://b.test/"): [number]})
            assert await work.moves_to([place("http://b.test/")]) == {}


async def test_who_is_alone_voids_what_others_were_at(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        (number,) = (await desk.open(new_case(1))).values()
        async with desk.cases.work() as work:
            await work.put_off(Task(number, LOOK_UP, NOW + 60, 1))
            await work.extend(Task(number, LOOK_UP, NOW + 90))
            await work.extend(Task(number, "confirm", NOW + 90))
            await work.set_ticks({number: NOW + 500})
            await work.set_rechecks([Due(number, b"h", NOW - 5)])
            (first,) = await work.due_rechecks(NOW, 1, 9)
            assert await work.due_tasks(LOOK_UP, NOW + 89, 5) == []
        await desk.cases.void_leases(NOW)
        async with desk.cases.work() as work:
            assert await work.due_tasks(LOOK_UP, NOW, 5) == [Task(number, LOOK_UP, NOW, 1)]
            assert await work.due_ticks(NOW, 5) == [] and await work.due_ticks(NOW + 500, 5) == [number]
            assert await work.due_rechecks(NOW, 1, 9) == [first]  # by the same ticket
