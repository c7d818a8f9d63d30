"""The notices service over a real vault: from match to case, notice, and gone; whatever comes twice, late, or is taken back."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace as plain
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from backends.postgres.vault_pairs import refuse
from contracts.caserows import Tell
from contracts.cases import CaseState, Decision
from contracts.errors import Unavailable, UsageError
from contracts.faults import Fault
from contracts.messages import Match
from contracts.notices import Later, Refused, Withheld
from contracts.removal import Rechecks
from notices import events
from tests.casework import DAY, NOW, SEALER, medium, place, sighting
from tests.notifying import Hotline, hotline, recipient
from tests.office import ANNA, BERT
from tests.postgres import Database

pytestmark = pytest.mark.timeout(60)
URL = "http://a.host.test/a.png"
NEXT = "http://b.host.test/b.png"
HOST = recipient(URL).key


async def told(line: Hotline, *urls: str, seed: int = 1) -> list[Match]:
    """Matches at these URLs, their cases told."""
    (sure,) = await line.desk.entries(seed)
    matches = [await line.desk.seen(seed, url, sure) for url in urls]
    await line.found(*matches)
    await line.settle()
    line.now += 300
    await line.settle()
    return matches


async def test_from_match_to_gone(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        line.pages[URL] = ["http://pages.test/1"]
        await told(line, URL)
        assert await line.states() == [("notified", "")] and await line.outbox() == [("first", HOST, "accepted", 1)]
        (notice,) = line.post.taken
        (told_of,) = notice.places
        assert (told_of.url, told_of.pages, told_of.address) == (URL, ("http://pages.test/1",), "192.0.2.7")
        assert (told_of.sha256, told_of.size, told_of.near, told_of.legality) == (medium(1), 5001, False, "baseline")
        assert notice.message_id.endswith("@hotline.example") and notice.language == "en"
        line.web.says[URL] = {"status": 404}
        for _ in range(2):
            line.now += DAY + 1
            await line.settle()
        assert await line.states() == [("gone", "")]
        assert await line.history(1) == [
            "found", "reasoning", "looked_up", "released", "notice_first", "accepted", "notified", "gone",
        ]  # fmt: skip
        text = str(await line.desk.pool.fetch("SELECT * FROM case_events")) + str(
            await line.desk.pool.fetch("SELECT c.record FROM cases c")
        )
        assert "host.test/a" not in text and "pages.test" not in text  # "anything that leads to a place only sealed"


# "A case is one (media URL, media identity); all matching entries are its evidence [...]; a new entry opens no second case"
async def test_what_comes_twice_is_one_case(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        one, two = await line.desk.entries(1, 2)
        first = await line.desk.seen(1, URL, one)
        for _ in range(2):
            assert await line.found(first, first) == ["a.host.test"] * 2
        second = await line.desk.seen(1, URL, two, near=True)
        await asyncio.gather(*(line.another().handle([first, second]) for _ in range(3)))
        rows = await line.desk.pool.fetch("SELECT case_id, entry_id FROM case_entries ORDER BY entry_id")
        assert [tuple(row) for row in rows] == [(1, one), (1, two)]
        assert len(await line.states()) == 1
        async with line.desk.cases.work() as work:
            case = (await work.read([1]))[1].case
        assert [evidence.entry_id for evidence in case.evidence] == [one, two] and case.entry_id == one


async def test_a_match_of_what_says_nothing_opens_no_case(vault_database: Database, caplog: Any) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        match = await line.desk.seen(1, URL, one)
        await refuse(line.desk.pool, medium(1), one, "no", ANNA, NOW)
        with caplog.at_level(logging.WARNING):
            strange = Match(medium(2), place(NEXT), b"sealed to others", one, "md5", 0, 0, False, NOW)
            await line.found(match, strange)
        assert await line.states() == [] and "leads to no case" in caplog.text and "host.test" not in caplog.text


# "at most 200 places a notice; one notice per recipient per hour"
async def test_places_of_one_recipient_are_told_together(vault_database: Database) -> None:
    async with hotline(vault_database, places=3) as line:
        await told(line, *(f"http://h{n}.host.test/a.png" for n in range(5)))
        assert await line.outbox() == [("first", HOST, "accepted", 3)]
        line.now += 3600
        await line.settle()
        assert await line.outbox() == [("first", HOST, "accepted", 3), ("first", HOST, "accepted", 2)]
        assert len({place.case_id for notice in line.post.taken for place in notice.places}) == 5
        assert {state for state, _ in await line.states()} == {"notified"}


async def test_the_rest_waits_for_people(vault_database: Database) -> None:
    """ "Otherwise exact cases become `ready`: a supervisor releases them in bulk [...]. Near ones need two decisions." """
    async with hotline(vault_database, auto=False) as line:
        one, two = await line.desk.entries(1, 2)
        await line.found(await line.desk.seen(1, URL, one))
        await line.found(await line.desk.seen(2, NEXT, two, near=True))
        await line.settle()
        assert [state for state, _ in await line.states()] == ["ready", "in_review"]
        released = await line.service.cases.apply(1, events.Released(("carol",), one, line.now))
        assert released.state is CaseState.RELEASED
        for name, account in (("dora", 4), ("emil", 5)):
            word = Decision(name, account, "release", "assessed-in-hotline-tool", line.now, "a name", 0, two)
            await line.service.cases.apply(2, events.Decided(word))
        line.now += 300
        await line.settle()
        assert [state for state, _ in await line.states()] == ["notified", "notified"]
        state = await line.desk.pool.fetchval("SELECT state FROM matches WHERE sha256 = $1", medium(2))
        assert state == "confirmed"  # "A verdict belongs to (media SHA-256, entry)": written down for all places
        assert "a name" not in str(await line.desk.pool.fetch("SELECT what, person, why FROM case_events"))
        with pytest.raises(UsageError, match="there is no case 9"):
            await line.service.cases.apply(9, events.Tick())


# "Withdrawn after a notice: a retraction to each recipient within 24 h"
async def test_what_is_withdrawn_is_taken_back(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await told(line, URL)
        await line.desk.office.desk.withdraw(1, "wrong", ANNA, line.now)
        await line.settle()
        assert (await line.states())[0][0] == "closed"
        line.now += DAY
        await line.settle()
        assert await line.outbox() == [("first", HOST, "accepted", 1), ("retraction", HOST, "accepted", 1)]
        first, retraction = line.post.taken
        assert retraction.in_reply_to == first.message_id and retraction.message_id != first.message_id


async def test_what_is_withdrawn_before_is_never_told(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        await line.settle()
        assert await line.states() == [("released", "")]
        await refuse(line.desk.pool, medium(1), one, "no", ANNA, NOW)
        line.now += 300
        # Nobody has looked at what changed: it is asked again as the notice is made.
        assert await line.service.composing.compose() == 1 and await line.outbox() == []
        assert (await line.states())[0][0] == "closed"


# "An entry of any algorithm seen on more than 20 sites in 24 h [...]: no notice, an alert, release by two people"
async def test_a_hold_stops_and_its_release_lets_go(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        await line.settle()
        await line.desk.office.hold([one], "match_rate")
        await line.settle()
        assert (await line.states())[0][0] == "held"
        for person in (ANNA, BERT):
            await line.desk.office.desk.release(one, "fine", person, line.now)
        await line.settle()
        assert (await line.states())[0][
            0
        ] == "held"  # "A retro-match may notify only after the guards above have passed"
        await line.desk.vault.set_retro_seq(await line.desk.vault.seq())
        await line.settle()
        assert (await line.states())[0][0] == "released"


# "`do_not_notify` with authority and expiry is obeyed by reminders and escalation too"
async def test_authorities_are_obeyed_at_the_last_moment(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        await line.settle()
        line.now += 300
        assert await line.service.composing.compose() == 1
        stop = "INSERT INTO do_not_notify (scope, subject, authority, person, at, until) VALUES ($1, $2, 'police', 'anna', $3, $4)"
        at = int(line.now * 1000)
        await line.desk.pool.execute(stop, "recipient", HOST.encode(), at, at + 60_000)
        await line.settle()
        assert line.post.taken == [] and (await line.outbox())[0][2] == "held"
        assert line.service.cases.alerts["notice_held"] == 1
        line.now += 3600  # its word has ended, and nobody was told yet
        await line.settle()
        assert await line.outbox() == [("first", HOST, "held", 1), ("first", HOST, "accepted", 1)]
        assert await line.states() == [("notified", "")]


async def waiting(line: Hotline, *urls: str) -> None:
    """A notice about these is made, and waits in the outbox."""
    (sure,) = await line.desk.entries(1)
    await line.found(*[await line.desk.seen(1, url, sure) for url in urls])
    await line.settle()
    line.now += 300
    assert await line.service.composing.compose() == len(urls)


# "Nobody approves an act of their own; [...] releasing holds [...] take two people": one who holds it stops what is on its way
async def test_what_a_person_holds_does_not_leave_and_the_rest_does(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await waiting(line, URL, "http://other.host.test/a.png")
        await line.service.cases.apply(1, events.HeldBy("carol", "doubt", line.now))
        await line.settle()
        assert line.post.taken == [] and (await line.outbox())[0][2] == "held"
        line.now += 3600
        await line.settle()
        assert [place.case_id for notice in line.post.taken for place in notice.places] == [2]
        assert [state for state, _ in await line.states()] == ["held", "notified"]


# "re-checked by the same digest within 6 h"
async def test_what_waited_too_long_is_looked_at_again_before_it_leaves(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await waiting(line, URL)
        line.now += 7 * 3600
        assert await line.service.sending.send() == 1 and line.post.taken == []
        assert await line.outbox() == [("first", HOST, "held", 1)] and not line.service.cases.alerts
        await line.settle()
        (notice,) = line.post.taken
        assert line.now - notice.places[0].confirmed_at < 60
        async with hotline_of(line, "http://gone.host.test/a.png", status=404) as number:
            assert number not in {place.case_id for one in line.post.taken for place in one.places}


@asynccontextmanager
async def hotline_of(line: Hotline, url: str, **says: Any) -> AsyncIterator[int]:
    """Another case at the host, whose notice waits while the host comes to say something else."""
    line.now += 3600
    await line.found(await line.desk.seen(1, url, 1, seen_at=line.now))
    await line.settle()
    line.now += 3600
    assert await line.service.composing.compose() == 1
    line.web.says[url] = says
    line.now += 7 * 3600
    await line.settle()
    yield 2


async def test_what_is_withdrawn_before_it_leaves_is_neither_told_nor_taken_back(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await waiting(line, URL)
        await line.desk.office.desk.withdraw(1, "wrong", ANNA, line.now)
        await line.service.changing.entries()
        await line.service.changing.media()
        await line.service.sending.send()
        line.now += DAY
        await line.settle()
        assert line.post.taken == [] and await line.outbox() == [("first", HOST, "held", 1)]


# "only where the operator has switched sending on"
async def test_what_a_dry_run_made_is_never_sent(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        line.post.dry = True
        await told(line, URL)
        await line.found(await line.desk.seen(1, NEXT, 1))
        await line.settle()
        line.now += 3600
        assert await line.service.composing.compose() == 1
        assert await line.outbox() == [("first", HOST, "written", 1), ("first", HOST, "made", 1)]
        line.post.dry, line.post.taken = False, []
        line.settings = plain(line.settings, notices=plain(line.settings.notices, sender="live"))
        line.service = line.another()
        await line.desk.pool.execute("INSERT INTO switches VALUES ('sending', 'on', 'anna', 0)")
        for _ in range(9):  # reminders too
            line.now += DAY
            await line.settle()
        assert line.post.taken == [] and {state for state, _ in await line.states()} == {"ready"}


# "A site operator [...] (security.txt too) get nothing": nor may their file make a host one of them
async def test_a_site_cannot_say_that_its_host_is_nobody_to_tell(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (sure,) = await line.desk.entries(1)
        evil = "http://evil.test/a.png"
        line.book.others[evil] = (replace(recipient(URL), klass="site-operator"),)
        await line.found(await line.desk.seen(1, URL, sure), await line.desk.seen(1, evil, sure))
        await line.settle()
        line.now += 300
        await line.settle()
        assert {one.recipient.key: one.recipient.klass for one in line.post.taken}[HOST] == "host"


async def test_the_log_says_once_that_cases_need_people(vault_database: Database, caplog: Any) -> None:
    async with hotline(vault_database) as line:
        (sure,) = await line.desk.entries(1)
        line.web.says = {f"http://h{n}.test/a.png": {"status": 503} for n in range(5)}
        await line.found(*[await line.desk.seen(1, url, sure) for url in line.web.says])
        with caplog.at_level(logging.WARNING):
            for _ in range(4):
                line.now += DAY
                await line.settle()
        assert line.service.cases.alerts["unverifiable"] == 5
        assert caplog.text.count("more, unverifiable;") == 1


async def test_many_changes_at_a_time_wait_for_each_other_in_one_order(vault_database: Database) -> None:
    """No two transactions wait in a circle: rules change while cases are looked at by two replicas, and answers come."""
    async with hotline(vault_database) as line:
        services = [line.service, line.another()]
        (sure,) = await line.desk.entries(1)
        urls = [f"http://h{n}.host{n % 3}.test/a.png" for n in range(60)]
        await line.found(*[await line.desk.seen(1, url, sure) for url in urls])
        for turn in range(8):
            await line.desk.pool.execute("UPDATE case_cursors SET value = 1 WHERE name = 'rules'")
            answers = line.web.answers(line.now)
            chance = random.Random(turn)
            steps: list[Callable[[], Awaitable[Any]]] = [step.do for service in services for step in service.steps()]
            steps += [partial(one.answered, answers) for one in services]
            chance.shuffle(steps)
            await asyncio.gather(*(do() for do in steps))
            line.now += 60
        assert {state for state, _ in await line.states()} <= {"released", "notified"}


async def test_what_cannot_be_looked_up_is_tried_again_later(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        line.book.away = True
        await line.settle()
        assert (await line.states())[0][0] == "found" and line.service.idle(60.0)
        line.book.away = False
        await line.settle()
        assert (await line.states())[0][0] == "found"
        line.now += 100
        await line.settle()
        assert (await line.states())[0][0] == "released"


@pytest.mark.parametrize(
    ("error", "state", "case", "tries"),
    [
        (Refused("550 no such user"), "refused", "held", 1),
        (Unavailable("nobody listens"), "made", "released", 1),
        (Later("greylisted", 900.0), "made", "released", 1),
        (Withheld("sending is off"), "made", "released", 0),
    ],
)
async def test_what_is_not_taken(vault_database: Database, error: Exception, state: str, case: str, tries: int) -> None:
    async with hotline(vault_database) as line:
        line.post.fails = error
        await told(line, URL)
        row = await line.desk.pool.fetchrow("SELECT state, tries, next_at, message_id FROM notices")
        assert (row["state"], row["tries"]) == (state, tries) and (await line.states())[0][0] == case
        if state == "made":
            assert row["next_at"] > line.now * 1000 + 50_000
            line.post.fails = None
            line.now += 901
            await line.settle()
            assert [notice.message_id for notice in line.post.taken] == [row["message_id"]]
            assert await line.states() == [("notified", "")]


async def test_people_are_asked_when_tries_are_used_up(vault_database: Database) -> None:
    async with hotline(vault_database, tries=3) as line:
        line.post.fails = Unavailable("nobody listens")
        await told(line, URL)
        for _ in range(5):
            line.now += 8 * 3600
            await line.service.sending.send()
        assert (await line.outbox())[0][2] == "failed" and line.service.cases.alerts["notice_failed"] == 1


async def test_a_destroyed_key_ends_it(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await told(line, URL)
        await line.desk.pool.execute("UPDATE case_keys SET wrapped = ''")
        line.now += DAY
        await line.settle()
        assert (
            await line.desk.pool.fetchval("SELECT count(*) FROM rechecks") == 0
            and line.service.checking.counts["lost"] == 1
        )


# "moved (redirect: a new place)"
async def test_media_that_moved_is_followed(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await told(line, URL)
        line.web.says[URL] = {"status": 301, "moved_to": SEALER.seal(NEXT), "moved_place": place(NEXT)}
        line.now += DAY
        await line.service.checking.ask()
        await line.service.answered(line.web.answers(line.now))
        ((url, errand),) = line.web.asked  # the new place is looked at, as a sighting
        assert url == NEXT and errand.etag == "" and errand.head_key == b""
        await line.found(await line.desk.seen(1, NEXT, 1, seen_at=line.now))
        async with line.desk.cases.work() as work:
            cases = await work.read([1, 2])
        assert (
            cases[1].case.successor == 2
            and cases[1].case.state is CaseState.CLOSED
            and cases[2].case.place == place(NEXT)
        )


# "absent (404, 410, decodable media that matches nothing, a learnt placeholder: one SHA-256 at 3 or more cases of the host)"
async def test_other_media_waits_for_the_hasher(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await told(line, URL)
        other = sighting(9, URL)
        line.web.says[URL] = {"status": 200, "record": other}
        line.now += DAY
        await line.settle()
        assert line.service.judging.counts["absent"] == 0
        assert await line.desk.pool.fetchval("SELECT count(*) FROM recheck_answers") == 1
        await line.desk.vault.store([other], [], line.now)
        await line.settle()
        assert line.service.judging.counts["absent"] == 1
        assert await line.desk.pool.fetchval("SELECT count(*) FROM recheck_answers") == 0
        assert [tuple(row) for row in await line.desk.pool.fetch("SELECT sha256, case_id FROM shown_instead")] == [
            (medium(9), 1)
        ]


async def test_a_hasher_that_says_nothing_is_not_waited_for_for_ever(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await told(line, URL)
        line.web.says[URL] = {"status": 200, "record": sighting(9, URL)}
        line.now += DAY
        await line.settle()
        line.now += 1801
        await line.service.judging.waiting()
        assert line.service.judging.counts["unknown"] == 1


async def test_nobody_asked_is_no_answer(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        await told(line, URL)
        line.web.says[URL] = {"error": str(Fault.BUSY)}
        line.now += DAY
        await line.settle()
        before = await line.desk.pool.fetchrow("SELECT due_at, asked_at FROM rechecks")
        assert before["asked_at"] == 0 and 0 < before["due_at"] - line.now * 1000 <= 60_000
        assert line.service.judging.counts["not_asked"] == 1 and line.service.judging.counts["unknown"] == 0


# "Gone = two absents at least 24 h apart, by two routes where configured, else marked `one-route`"
@pytest.mark.parametrize("reachable", [True, False])
async def test_the_second_route(vault_database: Database, reachable: bool) -> None:
    async with hotline(vault_database, rechecks=Rechecks(cover=0.0, routes=["far=http://proxy.test:1"])) as line:
        await told(line, URL)
        line.web.says[URL] = {"status": 404}
        line.now += DAY
        await line.settle()
        line.now += DAY + 1
        assert await line.service.checking.ask() == 1
        assert [errand.route for _, errand in line.web.asked] == ["far"]
        if not reachable:
            line.web.says[URL] = {"error": str(Fault.BAD_ROUTE)}
        await line.service.answered(line.web.answers(line.now))
        line.web.says[URL] = {"status": 404}
        await line.settle()
        async with line.desk.cases.work() as work:
            case = (await work.read([1]))[1].case
        assert case.state is CaseState.GONE and case.one_route is not reachable


async def test_a_lost_question_is_asked_again_and_one_that_could_not_be_sent_too(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        line.web.down = True
        with pytest.raises(Unavailable):
            await line.service.checking.ask()
        line.web.down = False
        assert await line.service.checking.ask() == 1
        ((_, first),) = line.web.asked
        line.web.asked.clear()
        line.now += 1801
        assert await line.service.checking.again() == 1
        ((_, again),) = line.web.asked
        assert (again.ticket, again.etag, again.size) == (first.ticket, '"e1"', 5001)
        assert first.head_key == SEALER.content_key(sighting(1, URL).head_sha256) and first.due_at == again.due_at
        answers = line.web.answers(line.now)
        await line.service.answered([*answers, *answers])
        await line.service.answered(answers)
        assert line.service.judging.counts["present"] == 1 and line.service.judging.counts["unasked"] == 1


async def test_covers_look_like_any_other(vault_database: Database) -> None:
    """What is looked at besides matches nothing, is asked for like the rest, and its answers are thrown away."""
    async with hotline(vault_database, rechecks=Rechecks(cover=1.0)) as line:
        (one,) = await line.desk.entries(1)
        plain = [f"http://plain.test/{n}.png" for n in range(2, 40)]
        line.pages = {URL: ["http://pages.test/1"]} | {one: ["http://pages.test/2"] for one in plain}
        await line.desk.vault.store([sighting(n, one) for n, one in enumerate(plain, 2)], [], NOW)
        await line.found(await line.desk.seen(1, URL, one))
        while line.service.checking.counts["covers"] == 0:
            await line.desk.pool.execute("UPDATE rechecks SET asked_at = 0, ticket = ''")
            line.web.asked.clear()
            await line.service.checking.ask()
        (cover_url, cover), (url, mine) = sorted(line.web.asked, key=lambda one: one[0] == URL)
        assert url == URL and cover_url.startswith("http://plain.test/")
        assert (cover.referer, mine.referer) == ("http://pages.test/2", "http://pages.test/1")
        assert (cover.due_at, cover.route) == (mine.due_at, mine.route)
        assert (
            cover.etag
            and cover.size
            and len(cover.ticket) == len(mine.ticket)
            and len(cover.head_key) == len(mine.head_key)
        )
        await line.service.answered(line.web.answers(line.now))
        assert line.service.judging.counts["unasked"] == 1 and len(await line.states()) == 1


async def test_two_replicas_do_everything_once(vault_database: Database) -> None:
    async with hotline(vault_database) as line:
        other = line.another()
        (one,) = await line.desk.entries(1)
        urls = [f"http://h{n}.host{n % 3}.test/a.png" for n in range(12)]
        matches = [await line.desk.seen(1, url, one) for url in urls]
        await asyncio.gather(line.service.handle(matches), other.handle(matches))
        for _ in range(12):
            both = (step.do() for service in (line.service, other) for step in service.steps())
            await asyncio.gather(*both)
            answers = line.web.answers(line.now)
            await asyncio.gather(line.service.answered(answers), other.answered(answers))
            line.now += 60
        assert {state for state, _ in await line.states()} == {"notified"}
        assert sorted(await line.outbox()) == sorted(("first", recipient(url).key, "accepted", 4) for url in urls[:3])
        assert len({notice.message_id for notice in line.post.taken}) == len(line.post.taken) == 3


async def test_rules_that_change_are_applied_to_what_waits(vault_database: Database) -> None:
    async with hotline(vault_database, sender="live") as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        await line.settle()
        assert (await line.states())[0][0] == "ready"  # "only where the operator has switched sending on"
        for name in ("sending", "auto"):
            await line.desk.pool.execute("INSERT INTO switches VALUES ($1, 'on', 'anna', 0)", name)
        await line.settle()
        assert (await line.states())[0][0] == "released"


async def test_damaged_records_stop_nobody_else(vault_database: Database, caplog: Any) -> None:
    async with hotline(vault_database) as line:
        (one,) = await line.desk.entries(1)
        await line.found(await line.desk.seen(1, URL, one))
        await line.found(await line.desk.seen(1, NEXT, one))
        await line.desk.pool.execute("UPDATE cases SET record = 'x' WHERE case_id = 1")
        with caplog.at_level(logging.ERROR):
            await line.settle()
        assert [state for state, _ in await line.states()] == ["found", "released"]
        assert "case 1 is passed over: the record of a case (1 bytes) cannot be read" in caplog.text
        async with line.desk.cases.work() as work:
            await work.tell([1], [Tell(1, b"", "first", HOST, line.now, line.now)])
        line.now += 300
        await line.settle()
        assert await line.outbox() == [("first", HOST, "accepted", 1)]
        assert await line.desk.pool.fetchval("SELECT count(*) FROM tells") == 0
