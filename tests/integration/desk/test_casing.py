"""Cases: listed, shown, closed, stopped, told of further, kept for the law."""

import re

import pytest

from contracts.cases import Target
from contracts.errors import UsageError
from contracts.people import Identity
from contracts.recipients import Recipient
from contracts.removal import Review
from contracts.settings import Settings
from notices import events
from notices.desk.office import Denied
from notices.desk.words import Asked, Authorised, CaseAsked, CasesAsked, Directed, Reasoned
from tests.desks import ANNA, AUDE, BERT, HOST, OLGA, OPAL, OPERATOR, OTTO, PAGE, SAM, SUE, VERA, Desk, desks
from tests.postgres import Database

NETWORK = Recipient("email:noc@net.test", "network", "Net", "email", "noc@net.test")


async def listed(desk: Desk, **asked: object) -> list[int]:
    return [line.case for line in (await desk.act(VERA, "cases.ls", CasesAsked(**asked))).cases]  # type: ignore[arg-type]


async def test_cases_are_listed_by_what_is_asked_for(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        near, exact = await desk.case(1), await desk.case(2, near=False)
        plain = await desk.case(3, near=False, notify=False)
        assert await listed(desk) == [near, exact, plain]
        assert await listed(desk, states=("ready",)) == [exact, plain]
        assert await listed(desk, list="plain") == [plain] and await listed(desk, list="none") == []
        assert await listed(desk, recipient=HOST.key, country="nl") == [near, exact, plain]
        assert await listed(desk, country="DE") == [] == await listed(desk, recipient="email:other@host.test")
        assert await listed(desk, before=desk.now + 1) == [near, exact, plain] and await listed(desk, before=1.0) == []
        page = await desk.act(VERA, "cases.ls", CasesAsked(limit=2))
        assert ([line.case for line in page.cases], page.next) == ([near, exact], exact)
        assert await listed(desk, after=page.next, limit=2) == [plain]
        line = page.cases[0]
        assert (line.state, line.near, line.kind, line.country, line.recipient) == (
            "in_review",
            True,
            "csam",
            "NL",
            HOST.key,
        )
        assert line.next_check > line.found_at and line.gone_at == 0.0
        assert (await desk.act(VERA, "cases.counts", Asked())).counts == {"in_review": 1, "ready": 2}
        with pytest.raises(UsageError, match="there is no state 'lost'"):
            await listed(desk, states=("lost",))


# "One row per person's read of a location"
async def test_a_place_is_shown_for_a_purpose_only_and_each_read_is_written_down(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        shown = await desk.act(ANNA, "cases.show", CaseAsked(number))
        assert not shown.place.shown and shown.place.url == "" and "--purpose" in shown.place.why
        assert await desk.trail() == []
        for _ in range(2):
            shown = await desk.act(ANNA, "cases.show", CaseAsked(number, "asked by  the host"))
        assert (shown.place.url, shown.place.address, shown.place.pages) == (
            "http://host.test/1.png",
            "192.0.2.7",
            [PAGE],
        )
        assert await desk.trail() == [("anna", "cases.show", str(number), "asked by the host", 2)] * 2
        with pytest.raises(UsageError, match="there is no case 99"):
            await desk.act(ANNA, "cases.show", CaseAsked(99, "asked"))


# "Per person: a daily cap of places revealed"
async def test_nobody_sees_more_places_a_day_than_may_be(vault_database: Database) -> None:
    async with desks(vault_database, Settings(operator=OPERATOR, review=Review(daily_places=3))) as desk:
        number = await desk.case(1)
        await desk.act(ANNA, "cases.show", CaseAsked(number, "first"))
        with pytest.raises(UsageError, match=re.escape("(review.daily_places)")):
            await desk.act(ANNA, "cases.show", CaseAsked(number, "second"))
        assert not (await desk.act(ANNA, "cases.show", CaseAsked(number))).place.shown
        assert (await desk.act(BERT, "cases.show", CaseAsked(number, "another person"))).place.shown
        assert len(await desk.trail()) == 2


async def test_a_place_on_loopback_is_shown_plainly(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1, address="127.0.0.9")
        shown = await desk.act(ANNA, "cases.show", CaseAsked(number))
        assert shown.place.shown and shown.place.url == "http://host.test/1.png" and await desk.trail() == []


async def test_a_case_whose_key_was_destroyed_still_shows_all_else(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        await desk.work.pool.execute("DELETE FROM case_keys")
        shown = await desk.act(ANNA, "cases.show", CaseAsked(number, "a purpose"))
        assert not shown.place.shown and "destroyed" in shown.place.why and await desk.trail() == []
        assert shown.evidence[0].name == "IWF/e1" and shown.line.state == "in_review"


# "the case with evidence and history, never media"
async def test_a_case_is_shown_with_its_evidence_and_history(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.told(1)
        shown = await desk.act(SUE, "cases.show", CaseAsked(number))
        (one,) = shown.evidence
        assert (one.lists, one.kinds, one.standing, one.near, one.algorithm) == (
            ["sure"],
            ["csam"],
            "verified",
            False,
            "sha256",
        )
        assert (shown.medium.media_type, shown.medium.size, shown.medium.width) == ("image/png", 5001, 640)
        assert (shown.told[0].recipient, shown.told[0].of, shown.told[0].notices) == (HOST.key, "media", 1)
        assert shown.told[0].told_at > 0 and shown.checks.confirmed_at > 0
        assert [line.what for line in shown.history][:1] == ["found"] and "accepted" in [
            line.what for line in shown.history
        ]
        assert shown.line.state == "notified" and shown.line.accepted_at > shown.line.found_at
        assert shown.released_by == ["sue"]


async def test_a_case_is_closed_with_a_reason(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        with pytest.raises(UsageError, match="why"):
            await desk.act(SUE, "cases.close", Reasoned(number, " "))
        became = await desk.act(SUE, "cases.close", Reasoned(number, "a test picture"))
        assert (became.state, became.done, became.by) == ("closed", True, ["sue"])
        (line,) = (await desk.act(VERA, "cases.ls", CasesAsked(states=("closed",)))).cases
        assert line.why == "person", "viewers see no person's words"
        with pytest.raises(UsageError, match="it has ended"):
            await desk.act(SUE, "cases.close", Reasoned(number, "again"))
        assert await desk.trail() == [("sue", "cases.close", str(number), "a test picture", 0)]
        shown = await desk.act(SAM, "cases.show", CaseAsked(number))
        assert [(x.person, x.why) for x in shown.history if x.person] == [("sue", "a test picture")]
        stored = await desk.work.pool.fetch("SELECT why FROM case_events WHERE person <> ''")
        assert [row["why"] for row in stored] == [""], "a person's words are sealed where they are kept"


# "Nobody approves an act of their own; [...] releasing holds [...] take two people"
@pytest.mark.parametrize(("first", "second"), [(SUE, SAM), (OTTO, OLGA)])
async def test_what_one_stopped_two_let_go_on(vault_database: Database, first: Identity, second: Identity) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        with pytest.raises(UsageError, match="nobody has stopped"):
            await desk.act(first, "cases.resume", Reasoned(number, "x"))
        assert (await desk.act(first, "cases.stop", Reasoned(number, "asking the police"))).state == "held"
        for _ in range(2):
            became = await desk.act(first, "cases.resume", Reasoned(number, "they agree"))
            assert (became.done, became.state, set(became.by)) == (False, "held", {first.name})
        became = await desk.act(second, "cases.resume", Reasoned(number, "they agree"))
        assert (became.done, became.state, set(became.by)) == (True, "in_review", {first.name, second.name})
        await desk.act(first, "cases.stop", Reasoned(number, "again"))
        assert not (await desk.act(second, "cases.resume", Reasoned(number, "again"))).done, (
            "what was asked for before counts no more"
        )


# "a legal hold stops deletion"; "with authority"
async def test_a_legal_hold_needs_an_authority(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        with pytest.raises(UsageError, match="--authority"):
            await desk.act(SUE, "cases.hold", Authorised(number, "  "))
        with pytest.raises(UsageError, match="no legal hold"):
            await desk.act(SUE, "cases.unhold", Reasoned(number, "x"))
        await desk.act(AUDE, "cases.hold", Authorised(number, "Police of X, 12/34", "a trial"))
        assert (await desk.act(VERA, "cases.ls", CasesAsked())).cases[0].legal_hold == "Police of X, 12/34: a trial"
        await desk.act(SUE, "cases.unhold", Reasoned(number, "the trial is over"))
        assert (await desk.act(VERA, "cases.ls", CasesAsked())).cases[0].legal_hold == ""
        assert [line[:2] for line in await desk.trail()] == [("aude", "cases.hold"), ("sue", "cases.unhold")]


# "Upstream and registrar steps are always a person's decision"; "Site operators [...] get nothing"
async def test_who_else_is_told_a_person_decides(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        with pytest.raises(UsageError, match="site operators are told nothing"):
            await desk.act(SUE, "cases.tell", Directed(number, HOST.key, "site-operator", "x"))
        with pytest.raises(UsageError, match="nobody is known"):
            await desk.act(SUE, "cases.tell", Directed(number, NETWORK.key, "network", "x"))
        async with desk.cases.vault.work() as work:
            await work.keep_recipients([NETWORK], desk.now)
        await desk.act(SUE, "cases.tell", Directed(number, NETWORK.key, "network", "the host is silent"))
        shown = await desk.act(SUE, "cases.show", CaseAsked(number))
        assert {(one.recipient, one.klass) for one in shown.told} == {(HOST.key, "host"), (NETWORK.key, "network")}


# "Site operators (security.txt too) get nothing [...]; contacts inside the reported site's own domain are refused by name"
async def test_nobody_can_tell_who_may_have_done_it_under_another_class(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        owner = Recipient("email:me@elsewhere.test", "site-operator", "Me", "email", "me@elsewhere.test")
        inside = Recipient("email:noc@sub.host.test", "network", "Noc", "email", "noc@sub.host.test")
        looked = Recipient("email:security@mail.test", "host", "Host", "email", "security@mail.test")
        async with desk.cases.vault.work() as work:
            await work.keep_recipients([owner, inside, looked], desk.now)
        desk.later()
        targets = (Target(HOST.key, "host"), Target(looked.key, "site-operator"))
        await desk.cases.apply(number, events.LookedUp(targets, "NL", desk.now))
        for known, why in ((owner, "operator"), (looked, "operator"), (inside, "lies inside the reported")):
            with pytest.raises(UsageError, match=why):
                await desk.act(SUE, "cases.tell", Directed(number, known.key, "network", "x"))
        assert not any(one.chosen for one in (await desk.office.store.file(number)).case.targets)
        assert [(line[1], line[4]) for line in await desk.trail()] == [("cases.tell", 1)]


async def test_the_police_agree(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        await desk.act(SUE, "cases.clear", Authorised(number, "Police of X, 12/34"))
        assert (await desk.office.store.file(number)).case.cleared_by == "sue"
        with pytest.raises(UsageError, match="no retraction"):
            await desk.act(SUE, "cases.retract", Reasoned(number, "x"))


async def test_operators_see_no_case(vault_database: Database) -> None:
    """ "operators run the system and see no place"."""
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        for name, asked in (("cases.show", CaseAsked(number, "x")), ("cases.ls", CasesAsked())):
            with pytest.raises(Denied, match="opal is operator"):
                await desk.act(OPAL, name, asked)
