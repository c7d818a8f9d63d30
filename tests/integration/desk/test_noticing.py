"""Notices: previewed, listed, tried again, switched on by two people, appealed against."""

import pytest

from contracts.errors import UsageError
from notices import events
from notices.desk.further import Appeal, NoticesAsked, RetryAsked, SendAsked
from notices.desk.office import Denied
from notices.desk.words import CaseAsked, Reasoned
from tests.desks import ANNA, BERT, HOST, OPAL, SAM, SUE, VERA, Desk, desks
from tests.postgres import Database


async def test_a_preview_holds_the_place_for_a_purpose_only(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        (one,) = (await desk.act(ANNA, "notices.preview", CaseAsked(number))).notices
        assert (one.recipient, one.kind, one.language, one.attachments) == (HOST.key, "first", "en", {})
        assert "1.png" not in one.text and "192.0.2.7" not in one.text and "Hotline" in one.text
        assert await desk.trail() == []
        (one,) = (await desk.act(ANNA, "notices.preview", CaseAsked(number, "before we send"))).notices
        assert "http://" not in one.text and "1[.]png" in one.text, "defanged, so that nothing of it can be clicked"
        assert any("http://host.test/1.png" in text for text in one.attachments.values())
        assert [line[1:] for line in await desk.trail()] == [("notices.preview", str(number), "before we send", 2)]
        await desk.cases.apply(number, events.LookedUp((), "NL", desk.now, "no contact"))
        assert (await desk.act(ANNA, "notices.preview", CaseAsked(number))).notices == []


async def notice(desk: Desk, number: int, state: str) -> int:
    pool, name = desk.work.pool, f"{number}-{state}"
    made = await pool.fetchval(
        "INSERT INTO notices (made_at, next_at, tries, places, recipient, kind, language, state, message_id, idempotency_key) "
        "VALUES (1, 1, 7, 1, $1, 'first', 'en', $2, $3, $3) RETURNING notice_id",
        HOST.key, state, name,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO notice_cases (notice_id, case_id, first_seen, confirmed_at) VALUES ($1, $2, 1, 1)", made, number
    )
    return int(made)


async def test_notices_are_listed_and_tried_again(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        failed, bounced, accepted = [await notice(desk, number, state) for state in ("failed", "bounced", "accepted")]
        lines = (await desk.act(VERA, "notices.ls", NoticesAsked())).notices
        assert [(one.notice, one.state, one.places) for one in lines] == [
            (failed, "failed", 1), (bounced, "bounced", 1), (accepted, "accepted", 1),
        ]  # fmt: skip
        page = await desk.act(VERA, "notices.ls", NoticesAsked(("bounced", "accepted"), 0, 1))
        assert ([one.notice for one in page.notices], page.next) == ([bounced], bounced)
        assert [one.notice for one in (await desk.act(SUE, "cases.show", CaseAsked(number))).notices] == [
            failed,
            bounced,
            accepted,
        ]
        assert (await desk.act(OPAL, "notices.retry", RetryAsked())).notices == [failed]
        assert (await desk.act(SUE, "notices.retry", RetryAsked(bounced))).notices == [bounced]
        with pytest.raises(UsageError, match="none that failed"):
            await desk.act(SUE, "notices.retry", RetryAsked(accepted))
        lines = (await desk.act(VERA, "notices.ls", NoticesAsked(("made",)))).notices
        assert [(one.notice, one.tries) for one in lines] == [(failed, 1), (bounced, 1)]
        with pytest.raises(UsageError, match="there is no state"):
            await desk.act(VERA, "notices.ls", NoticesAsked(("lost",)))


# "adding trusted lists, auto-send, releasing holds, exports and keys take two people"
@pytest.mark.parametrize("auto", [False, True])
async def test_two_switch_sending_on_and_one_off(vault_database: Database, auto: bool) -> None:
    async with desks(vault_database) as desk:

        async def send(who: object, on: bool, why: str = "tested") -> tuple[bool, bool]:
            said = await desk.act(who, "notices.send", SendAsked(on, auto, why))  # type: ignore[arg-type]
            assert not (said.auto and said.sending)
            return said.done, said.auto if auto else said.sending

        with pytest.raises(UsageError, match="--why"):
            await send(OPAL, True, "")
        assert [await send(OPAL, True) for _ in range(2)] == [(False, False)] * 2
        assert await send(SUE, True) == (True, True)
        async with desk.cases.vault.work() as work:
            assert await work.switches() == {"auto" if auto else "sending": "on"}
        assert await send(SAM, False, "") == (True, False)
        assert await send(SUE, True) == (False, False), "who asked before counts no more"
        assert {line[1] for line in await desk.trail()} == {"notices.send"}


# "Anyone told may appeal; a person not involved decides again; notices pause meanwhile"
@pytest.mark.parametrize(("decide", "state"), [("granted", "closed"), ("refused", "notified")])
async def test_an_appeal_is_decided_by_a_person_not_involved(vault_database: Database, decide: str, state: str) -> None:
    async with desks(vault_database) as desk:
        waiting, number = await desk.case(2), await desk.told(1)
        with pytest.raises(UsageError, match="nobody was told"):
            await desk.act(ANNA, "notices.appeal", Appeal(waiting, "a mistake"))
        with pytest.raises(UsageError, match="nobody has appealed"):
            await desk.act(ANNA, "notices.appeal", Appeal(number, "x", "granted"))
        await desk.act(ANNA, "notices.appeal", Appeal(number, "the host says it is a mistake"))
        assert (await desk.office.store.file(number)).case.paused
        with pytest.raises(Denied, match="you had a part"):
            await desk.act(SUE, "notices.appeal", Appeal(number, "mine was right", decide))
        became = await desk.act(BERT, "notices.appeal", Appeal(number, "looked at anew", decide))
        assert became.state == state
        case = (await desk.office.store.file(number)).case
        assert not case.paused or case.state == "closed"
        with pytest.raises(UsageError, match="nobody has appealed"):
            await desk.act(BERT, "notices.appeal", Appeal(number, "again", decide))


async def test_retractions_that_an_authority_stopped_take_two(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.told(1)
        await desk.act(ANNA, "notices.appeal", Appeal(number, "a mistake"))
        await desk.act(BERT, "notices.appeal", Appeal(number, "it is", "granted"))
        assert not (await desk.act(SUE, "cases.retract", Reasoned(number, "the police agree"))).done
        assert (await desk.act(SAM, "cases.retract", Reasoned(number, "the police agree"))).done
        assert (await desk.office.store.file(number)).case.retraction_freed
