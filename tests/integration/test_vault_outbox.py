"""The outbox in the vault: who waits, notices taken once, what brakes and authorities count."""

from msgspec.structs import replace

from contracts.caserows import ACCEPTED, Change, NoticeRow, StopRow, Tell, Told
from contracts.notices import NoticePlace
from contracts.recipients import Recipient
from tests.casework import DAY, NOW, Casework, casework, medium, new_case
from tests.postgres import Database

HOST = Recipient("email:abuse@h.example", "host", "H", "email", "abuse@h.example", "US", "en")
OTHER = Recipient("email:abuse@o.example", "host", "O", "email", "abuse@o.example", "FR", "fr")


def notice(number: int, case_id: int, recipient: Recipient = HOST, kind: str = "first", at: float = NOW) -> NoticeRow:
    facts = NoticePlace(case_id, "", (), "", NOW - 5, NOW - 1, 5, "image/png", medium(1), False, "A", "baseline")
    return NoticeRow(kind, recipient, "en", f"m{number}@us.example", f"k{number}", at, at, (Told(case_id, b"", facts),))


async def opened(desk: Casework, count: int) -> list[int]:
    async with desk.cases.work() as work:
        await work.keep_recipients([HOST, OTHER], NOW)
    return sorted((await desk.open(*(new_case(n) for n in range(count)))).values())


# "one notice per recipient per hour"
async def test_who_waits_is_told_together_once_an_hour(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        one, two, three = await opened(desk, 3)
        tells = [
            Tell(one, b"", "first", HOST.key, NOW + 60, NOW),
            Tell(two, b"", "first", HOST.key, NOW + 300, NOW),
            Tell(three, b"", "first", OTHER.key, NOW + 300, NOW),
        ]
        async with desk.cases.work() as work:
            await work.tell([one, two, three], tells)
            await work.tell([one, two, three], [replace(one, due_at=one.due_at + 5) for one in tells])
            assert await work.waiting_tells(NOW + 59, NOW - 3541, 9, 9) == []
        async with desk.cases.work() as work:
            assert await work.waiting_tells(NOW + 60, NOW - 3540, 9, 9) == tells[:2]
            assert await work.waiting_tells(NOW + 300, NOW - 3300, 1, 9) == tells[:2]
            assert await work.waiting_tells(NOW, NOW, 9, 2) == tells[:2]  # so many wait that a notice is full
            assert await work.waiting_tells(NOW + 300, NOW - 3300, 9, 9) == tells
            await work.add_notice(notice(1, one))
        async with desk.cases.work() as first, desk.cases.work() as second:
            assert await first.waiting_tells(NOW + 3599, NOW - 1, 9, 9) == tells[2:]
            assert await second.waiting_tells(NOW + 3599, NOW - 1, 9, 9) == []  # one process composes at a time
        async with desk.cases.work() as work:
            assert await work.waiting_tells(NOW + 3600, NOW, 9, 9) == tells[1:]
            await work.tell([two], [])
            assert await work.waiting_tells(NOW + 3600, NOW, 9, 9) == tells[2:]


async def test_a_notice_is_taken_once_and_again_if_nobody_says_what_became_of_it(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        one, _ = await opened(desk, 2)
        async with desk.cases.work() as work:
            number = await work.add_notice(notice(1, one))
        async with desk.cases.work() as work, desk.cases.work() as other:
            taken = await work.take_notice(NOW, NOW + 60)
            assert await other.take_notice(NOW, NOW + 60) is None
        assert taken == replace(
            notice(1, one), notice_id=number, state="sending", tries=1, next_at=NOW + 60, sent_at=NOW
        )
        async with desk.cases.work() as work:
            assert await work.take_notice(NOW + 59, NOW + 99) is None
            again = await work.take_notice(NOW + 60, NOW + 120)
            assert again is not None and (again.message_id, again.tries, again.told) == ("m1@us.example", 2, taken.told)
            await work.set_notice(replace(again, state=ACCEPTED, accepted_at=NOW + 61, said="250 ok"))
            assert await work.take_notice(NOW + 999, NOW + 9999) is None
            last = await work.last_notice(one, HOST.key)
            assert last is not None and (last.said, last.accepted_at) == ("250 ok", NOW + 61)
            assert await work.last_notice(one, OTHER.key) is None and await work.lock_notice(99) is None


# "at most 5 recipients per entry in its first 24 h, and at most 2,000 notices a day in all"
async def test_what_brakes_count(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        one, two = await opened(desk, 2)
        async with desk.cases.work() as work:
            held = await work.lock([one, two])
            await work.write([Change(held[one], replace(held[one].case, entry_id=7))], NOW)
            assert await work.braked([7, 8]) == {} and await work.made_since(NOW - DAY) == 0
            await work.add_notice(notice(1, one))
            await work.told_of([7], HOST.key, NOW)
            await work.add_notice(notice(2, one, OTHER, at=NOW + DAY - 1))
            await work.told_of([7, 8], OTHER.key, NOW + DAY - 1)
            await work.told_of([7], "email:late@x.example", NOW + DAY)
            await work.told_of([7], HOST.key, NOW + DAY + 5)
            await work.add_notice(notice(3, two, kind="retraction", at=NOW + 5))
            found = await work.braked([7, 8])
            assert (found[7].first_at, found[7].recipients) == (NOW, frozenset({HOST.key, OTHER.key}))
            assert (found[8].first_at, found[8].recipients) == (NOW + DAY - 1, frozenset({OTHER.key}))
            assert await work.made_since(NOW) == 2 and await work.made_since(NOW + 1) == 1


async def test_recipients_and_what_authorities_ask_for(vault_database: Database) -> None:
    async with casework(vault_database) as desk:
        await opened(desk, 1)
        add = (
            "INSERT INTO do_not_notify (scope, subject, authority, person, at, until, ended_at) "
            "VALUES ($1, $2, 'police', 'anna', $3, $4, $5)"
        )
        at = int(NOW * 1000)
        for scope, subject, until, ended in (
            ("recipient", HOST.key.encode(), at + 5000, None),
            ("case", b"1", 0, None),
            ("site", b"s" * 16, at + 5000, at),
        ):
            await desk.pool.execute(add, scope, subject, at, until, ended)
        async with desk.cases.work() as work:
            subjects = [HOST.key.encode(), b"1", b"s" * 16]
            assert await work.stops(subjects, NOW) == [
                StopRow("recipient", HOST.key.encode(), "police", NOW + 5),
                StopRow("case", b"1", "police", 0.0),
            ]
            assert await work.stops(subjects, NOW + 5) == [StopRow("case", b"1", "police", 0.0)]
            assert await work.stops([], NOW) == [] and await work.switches() == {}
            await work.keep_recipients([replace(HOST, language="fr")], NOW + 9)
            assert await work.recipients([HOST.key, "x"]) == {HOST.key: (replace(HOST, language="fr"), 0.0)}
        figures = await desk.cases.figures(NOW)
        assert figures["cases:found"] == 1 and figures["lookups"] == 0 and figures["outbox_age"] == 0
