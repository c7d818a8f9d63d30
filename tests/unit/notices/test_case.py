"""Playbooks: these events at these times, exactly those states and commands. Each quotes the rule of docs/domain.md it holds."""

import pytest
from msgspec.structs import replace

from contracts.cases import CaseState, Presence, Stop
from contracts.notices import FIRST, ORIGIN, PAGE, PARTNER, REMINDER, RETRACTION
from notices.case import MOVES, step
from notices.events import (
    Accepted,
    Alert,
    AppealDecided,
    Appealed,
    Bounced,
    Check,
    Checked,
    Cleared,
    ClosedBy,
    Composed,
    Confirm,
    Directed,
    EvidenceChanged,
    HeldBy,
    LookUp,
    Matched,
    Note,
    Refuse,
    Released,
    Replied,
    Retract,
    RetractionFreed,
    StopsChanged,
    Succeeded,
    Tell,
    Unheld,
)
from notices.routes import Row
from notices.rules import EntryLoad, Load, Switches
from tests.unit.notices.courses import (
    DAY,
    EXACT,
    HOST,
    HOTLINE,
    HOUR,
    NEAR,
    PAGES,
    START,
    UNVERIFIED,
    Course,
    rules,
    target,
    word,
)

ABSENT, UNKNOWN, MOVED = Presence.ABSENT, Presence.UNKNOWN, Presence.MOVED


def test_found_checked_told_reminded_gone() -> None:
    course = Course()
    assert [*course.said] == [Note("found"), Check(START, "direct")]
    assert Check(START + 1 + DAY) in course.check() and LookUp() in course.said
    assert course.state() is CaseState.FOUND
    course.look_up()
    assert course.state() is CaseState.RELEASED
    assert course.tells == [Tell(HOST, b"", FIRST, START + 2 + 300, 1)], "within 5 min for baseline"
    course.do(Composed(FIRST, HOST, (b"",), START + 3))
    assert course.state() is CaseState.RELEASED and not course.tells
    course.do(Accepted(HOST, b"", START + 4))
    assert course.state() is CaseState.NOTIFIED and course.case.accepted_at == START + 4
    for _ in range(3):
        course.check(after=DAY + 2)
    assert [one.kind for one in course.tells] == [REMINDER]
    course.tell()
    assert course.case.reminded == 1
    course.gone()
    assert course.case.first_absent_at == course.now - DAY and course.case.gone_at == course.now
    assert course.case.next_check == course.now + DAY


def test_first_notice_of_others_goes_out_within_an_hour() -> None:
    course = Course(replace(EXACT, legality="national")).confirmed()
    assert [one.by_when for one in course.tells] == [course.now + HOUR]


def test_a_notice_needs_a_re_check_by_the_same_digest_within_six_hours() -> None:
    """ "re-checked by the same digest within 6 h" """
    course = Course().confirmed()
    assert course.wait(6 * HOUR - 2) and course.tells
    said = course.wait(3)
    assert not course.tells and Check(course.now) in said
    assert not course.wait(60) or course.case.next_check < course.now, "asked for once, and waited for"
    course.check(same=False)
    assert not course.tells, "present, but by another digest"
    course.check(after=6 * HOUR)
    assert [one.kind for one in course.tells] == [FIRST]
    course.check(UNKNOWN)
    assert not course.tells, "what was seen since says nothing"


@pytest.mark.parametrize(
    ("switches", "notify"),
    [
        (Switches(False, True), True),
        (Switches(True, False), True),
        (Switches(False, False), True),
        (Switches(True, True), False),
    ],
)
def test_exact_cases_that_may_not_go_by_themselves_are_ready(switches: Switches, notify: bool) -> None:
    """ "Otherwise exact cases become `ready`: a supervisor releases them in bulk"; two where the list lacks `may_notify`."""
    course = Course(replace(EXACT, notify=notify), by=rules(switches)).confirmed()
    assert course.state() is CaseState.READY and not course.tells
    course.do(Released(("Ann",), 1, course.now))
    if not notify:
        assert course.state() is CaseState.READY and course.said == (Note("release_refused", "two_people", "Ann"),)
        course.do(Released(("Ann", " ann "), 1, course.now))
        assert course.state() is CaseState.READY, "one person under two names"
        course.do(Released(("Ann", "Bob"), 1, course.now))
    assert course.state() is CaseState.RELEASED
    assert [one.kind for one in course.tell()] == [FIRST]


def test_a_release_is_for_the_ground_that_was_counted() -> None:
    course = Course(by=rules(Switches(True, False))).confirmed()
    course.do(Released(("Ann",), 9, course.now))
    assert course.state() is CaseState.READY
    course.do(Released(("Ann",), 1, course.now))
    assert course.state() is CaseState.RELEASED
    course.do(EvidenceChanged((replace(EXACT, notify=False),), course.now))
    assert course.state() is CaseState.READY, "without may_notify one supervisor does not do"


def test_a_release_sees_what_time_has_changed() -> None:
    course = Course(by=rules(Switches(True, False))).confirmed()
    course.do(StopsChanged((Stop("case", "7", "police", START + HOUR),), START))
    assert course.state() is CaseState.HELD
    course.now = START + HOUR
    course.do(Released(("Ann",), 1, course.now))
    assert course.state() is CaseState.RELEASED


def test_near_ones_take_two_people_with_a_basis() -> None:
    """ "Near ones need two decisions whose basis is `assessed-in-hotline-tool` or `confirmed-by-list-owner`" """
    course = Course(NEAR).confirmed()
    assert course.state() is CaseState.IN_REVIEW and course.case.why == "near"
    course.do(Released(("Ann", "Bob"), 2, course.now))
    assert course.state() is CaseState.IN_REVIEW, "never in bulk"
    course.do(word("Ann"))
    course.do(word("Ann", at=START + 3))
    course.do(word("Bob", basis="metadata-only"))
    assert course.state() is CaseState.IN_REVIEW and not course.tells
    assert Note("decision_refused", "metadata_never_releases", "Bob") in course.said
    course.do(word("Bob", basis="confirmed-by-list-owner"))
    assert course.state() is CaseState.RELEASED and Confirm(2) in course.said
    assert [one.kind for one in course.tell()] == [FIRST]
    course.do(EvidenceChanged((replace(NEAR, confirmed=True),), course.now))
    assert course.state() is CaseState.NOTIFIED and Confirm(2) not in course.said


def test_exact_unverified_ones_are_reviewed() -> None:
    course = Course(UNVERIFIED).confirmed()
    assert course.state() is CaseState.IN_REVIEW and course.case.why == "unverified"
    course.do(word("Ann", entry=3))
    course.do(word("Bob", entry=3))
    assert course.state() is CaseState.RELEASED


def test_a_pair_that_people_confirmed_elsewhere_is_ready_here() -> None:
    """ "A verdict belongs to (media SHA-256, entry), decided once, for all places past and future." """
    course = Course(replace(NEAR, confirmed=True)).confirmed()
    assert course.state() is CaseState.READY and not course.tells
    course.do(Released(("Ann",), 2, course.now))
    assert course.state() is CaseState.RELEASED


def test_two_that_disagree_wait_for_a_third() -> None:
    course = Course(NEAR).confirmed()
    course.do(word("Ann"))
    course.do(word("Bob", "dispute"))
    assert course.state() is CaseState.IN_REVIEW
    course.do(word("Cid"))
    assert course.state() is CaseState.RELEASED
    course.do(word("Cid", "hold", at=START + 9))
    assert course.state() is CaseState.IN_REVIEW, "a word may be taken back until it is told"


@pytest.mark.parametrize(
    ("decision", "state", "why"),
    [("hold", CaseState.HELD, "review_hold"), ("dispute", CaseState.HELD, "review_dispute"), ("close", CaseState.CLOSED, "review")],
)  # fmt: skip
def test_two_people_hold_dispute_or_close_by_metadata(decision: str, state: CaseState, why: str) -> None:
    course = Course(NEAR).confirmed()
    course.do(word("Ann", decision, "metadata-only"))
    assert course.state() is CaseState.IN_REVIEW
    course.do(word("Bob", decision, "metadata-only"))
    assert course.state() is state and why in course.case.why.split()
    assert (Refuse(2) in course.said) == (decision == "dispute")
    if decision == "close":
        assert course.case.ending == "review" and course.case.closed_at
        # "Series names and notes can hold victims' names: sealed": a person's words are in the history alone, which seals them
        assert "seen" not in course.case.why and Note("closed_review", "seen", "Ann") in course.said


def test_child_exploitative_never_reaches_a_notice() -> None:
    """ "Only `csam` may reach a notice or the figures" """
    entry = replace(EXACT, kind="child-exploitative")
    course = Course(entry).confirmed()
    assert course.state() is CaseState.IN_REVIEW
    course.do(word("Ann", entry=1))
    course.do(word("Bob", entry=1))
    course.do(Released(("Ann", "Bob"), 1, course.now))
    assert course.state() is CaseState.IN_REVIEW and not course.tells
    course.do(ClosedBy("Sue", "handed to the police", course.now))
    assert course.state() is CaseState.CLOSED


def test_a_new_entry_is_evidence_and_may_change_the_state() -> None:
    """ "a new entry opens no second case" """
    course = Course(NEAR).confirmed()
    assert course.state() is CaseState.IN_REVIEW
    course.do(Matched((EXACT,), course.now))
    assert course.state() is CaseState.RELEASED and course.case.entry_id == 1 and len(course.case.evidence) == 2


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"held": "known_good"}, "pair_held"),
        ({"standing": "held"}, "entry_held"),
        ({"live": False}, "not_live"),
        ({"guarded": False}, "unguarded"),
    ],
)
def test_what_is_held_waits(fields: dict[str, object], why: str) -> None:
    """ "not held"; "A retro-match may notify only after the guards above have passed over all it found" """
    course = Course(replace(EXACT, **fields)).confirmed()
    assert course.state() is CaseState.HELD and why in course.case.why.split() and not course.tells
    course.do(EvidenceChanged((EXACT,), course.now))
    assert course.state() is CaseState.RELEASED and course.tells


def test_brakes_hold_and_alert() -> None:
    """ "at most 5 recipients per entry in its first 24 h, at most 2,000 notices a day in all; above: hold and alert" """
    others = frozenset(f"email:abuse@{number}.example" for number in range(5))
    course = Course(by=rules(load=Load(entries={1: EntryLoad(START, others)}))).confirmed()
    assert course.state() is CaseState.HELD and course.said[-1] == Alert("brake_entry") and not course.tells
    course.wait(5)
    assert not course.kinds(Alert), "told once"
    course.now = START + DAY - 2
    course.check()
    assert course.state() is CaseState.HELD
    course.wait(2)
    assert course.state() is CaseState.RELEASED and course.tells, "its first day is over"
    course.rules = rules(load=Load(notices=2000))
    course.wait(1)
    assert course.state() is CaseState.HELD and course.kinds(Alert) == [Alert("brake_day")]


def test_hosting_country_needs_two_agreeing_methods() -> None:
    course = Course()
    course.check()
    course.look_up(country="")
    assert course.state() is CaseState.HELD and course.case.why == "hosting_country_unknown"
    course.look_up(country="AA")
    assert course.state() is CaseState.RELEASED


def test_abroad_the_partner_hotline_is_told_instead() -> None:
    course = Course()
    course.check()
    course.look_up(country="BB")
    assert course.state() is CaseState.HELD and course.case.why == "no_partner"
    course.look_up(target(), target(HOTLINE, "partner"), country="BB")
    assert [(one.recipient, one.kind) for one in course.tell()] == [(HOTLINE, PARTNER)]
    assert course.state() is CaseState.NOTIFIED


def test_police_first_and_wait() -> None:
    """ "police first and wait" """
    course = Course(by=replace(rules(), routes=(Row("AA", "=", "*", "police"),))).confirmed()
    assert course.state() is CaseState.HELD and course.kinds(Alert) == [Alert("route_police")]
    course.do(Cleared("Sue", "", course.now))
    assert course.state() is CaseState.HELD
    course.do(Cleared("Sue", "police of AA", course.now))
    assert course.state() is CaseState.RELEASED and course.tells


@pytest.mark.parametrize(
    "stop",
    [Stop("recipient", HOST, "police"), Stop("site", "", "police"), Stop("case", "7", "police"), Stop("entry", "1", "police")],
)  # fmt: skip
def test_do_not_notify_is_obeyed_until_it_expires(stop: Stop) -> None:
    """ "`do_not_notify` with authority and expiry is obeyed by reminders and escalation too" """
    course = Course().confirmed()
    until = START + 10 * DAY
    course.do(StopsChanged((replace(stop, until=until),), START))
    assert course.state() is CaseState.HELD and "stopped" in course.case.why.split() and not course.tells
    course.now = until - 3
    course.check()
    assert not course.tells
    course.wait(2)
    course.look_up()
    assert course.state() is CaseState.RELEASED and course.tells
    course.tell()
    course.now += 4 * DAY
    course.do(StopsChanged((replace(stop, until=course.now + DAY),), course.now))
    course.check()
    assert not course.tells, "no reminder"
    course.check(after=DAY)
    assert [one.kind for one in course.tells] == [REMINDER]


def test_a_stop_of_another_entry_or_recipient_stops_nothing() -> None:
    course = Course().confirmed()
    course.do(StopsChanged((Stop("entry", "9", "police"), Stop("recipient", PAGES, "police")), START))
    assert course.tells


def test_site_operators_get_nothing_and_reverse_proxies_are_asked_for_the_origin() -> None:
    """ "Site operators (security.txt too) get nothing"; "the case stays open for the origin" """
    course = Course(
        targets=(target("email:me@site.example", "site-operator"), target("webhook:proxy", "reverse-proxy"))
    )
    course.confirmed()
    assert [(one.recipient, one.kind) for one in course.tell()] == [("webhook:proxy", ORIGIN)]
    course.check(after=DAY)
    assert course.state() is CaseState.NOTIFIED
    course.look_up(target("webhook:proxy", "reverse-proxy"), target())
    assert [(one.recipient, one.kind) for one in course.tells] == [(HOST, FIRST)], "the origin came out"


def test_networks_and_registrars_only_by_a_persons_decision() -> None:
    """ "Upstream and registrar steps are always a person's decision." """
    upstream = target("email:noc@network.example", "network")
    course = Course(targets=(upstream,)).confirmed()
    assert course.state() is CaseState.HELD and course.case.why == "no_recipient"
    course.do(Directed("Sue", target("email:me@site.example", "site-operator"), "asks", course.now))
    assert course.state() is CaseState.HELD
    course.do(Directed("Sue", upstream, "nobody else", course.now))
    assert [(one.recipient, one.kind) for one in course.tell()] == [("email:noc@network.example", FIRST)]


def test_page_hosts_are_told_if_it_stays() -> None:
    """ "the media's host is told first, page hosts if it stays" """
    course = Course(targets=(target(), target(PAGES, "host", b"page"), target(HOST, "host", b"own"))).notified()
    course.check(after=3 * DAY - 10)
    assert not course.tells
    course.check(after=20)
    assert {(one.recipient, one.kind) for one in course.tells} == {(HOST, REMINDER), (PAGES, PAGE)}


def test_reminders_end_and_then_people_decide() -> None:
    course = Course().notified()
    for count in (1, 2):
        course.check(after=3 * DAY + 1)
        assert [one.kind for one in course.tell()] == [REMINDER] and course.case.reminded == count
    assert not course.flag("escalate")
    course.check(after=3 * DAY + 1)
    assert course.flag("escalate") and not course.tells and course.kinds(Alert) == [Alert("stays")]
    course.look_up()
    course.check(after=DAY)
    course.do(Directed("Sue", target("email:noc@network.example", "network"), "it stays", course.now))
    assert not course.flag("escalate") and [one.recipient for one in course.tells] == ["email:noc@network.example"]


def test_gone_takes_two_absences_a_day_apart() -> None:
    """ "Gone = two absents at least 24 h apart, by two routes where configured, else marked `one-route`" """
    course = Course().notified()
    course.check(ABSENT)
    course.check(ABSENT, HOUR)
    assert course.state() is CaseState.NOTIFIED
    course.check()
    assert course.case.absences == () and course.case.first_absent_at == 0.0, "there again"
    course.check(ABSENT)
    course.check(UNKNOWN, HOUR)
    course.check(ABSENT, DAY)
    assert course.state() is CaseState.GONE and course.case.one_route


def test_gone_by_two_routes_where_they_are_configured() -> None:
    course = Course(by=rules(routes=["tor=http://127.0.0.1:9"])).notified()
    course.check(ABSENT)
    assert (course.case.next_check, course.case.next_route) == (course.now + DAY, "tor")
    course.check(ABSENT, 2 * DAY)
    assert course.state() is CaseState.NOTIFIED, "by the same route"
    course.check(ABSENT, DAY, route="tor")
    assert course.state() is CaseState.GONE and not course.case.one_route
    other = Course(by=rules(routes=["tor=http://127.0.0.1:9"])).notified()
    other.check(ABSENT)
    other.check(ABSENT, DAY, one_route_only=True)
    assert other.state() is CaseState.GONE and other.case.one_route


def test_three_unknowns_are_unverifiable_and_still_looked_at() -> None:
    """ "Three unknowns = `unverifiable`: escalated, reported apart. Only gone closes as removed." """
    course = Course().notified()
    course.check(UNKNOWN, DAY)
    course.check(UNKNOWN, DAY)
    assert course.state() is CaseState.NOTIFIED
    course.check(UNKNOWN, DAY)
    assert course.state() is CaseState.UNVERIFIABLE and course.kinds(Alert) == [Alert("unverifiable")]
    assert course.case.next_check == course.now + DAY and not course.tells
    course.check(after=DAY)
    assert course.state() is CaseState.NOTIFIED
    for _ in range(2):
        course.check(UNKNOWN, DAY)
    course.check(ABSENT, DAY)
    course.check(UNKNOWN, DAY)
    assert course.state() is CaseState.NOTIFIED, "not in a row"


def test_moved_waits_for_its_successor() -> None:
    """ "moved (redirect: a new place)" """
    course = Course().notified()
    course.do(Succeeded(8, course.now))
    assert course.state() is CaseState.NOTIFIED, "it has not moved"
    course.check(MOVED, DAY)
    assert course.state() is CaseState.NOTIFIED
    course.do(Succeeded(8, course.now))
    assert (course.state(), course.case.ending, course.case.successor) == (CaseState.CLOSED, "moved", 8)
    assert Check(0.0) in course.said
    course.do(Matched((EXACT,), course.now + 5))
    assert course.state() is CaseState.FOUND and course.case.round == 1, "seen there again"


def test_moves_without_a_successor_count_like_unknowns() -> None:
    course = Course().notified()
    for _ in range(3):
        course.check(MOVED, DAY)
    assert course.state() is CaseState.UNVERIFIABLE and course.case.why == "moved"


def test_after_it_is_gone_it_is_looked_for_after_1_7_30_and_90_days() -> None:
    course = Course().notified().gone()
    gone_at = course.case.gone_at
    for days in (1, 7, 30, 90):
        assert course.case.next_check == gone_at + days * DAY
        course.now = course.case.next_check
        course.check(ABSENT, 0.0)
    assert course.state() is CaseState.GONE and course.case.next_check == 0.0 and Check(0.0) in course.said


@pytest.mark.parametrize("by_match", [True, False])
def test_back_goes_the_whole_way_again(by_match: bool) -> None:
    course = Course(by=rules(Switches(True, False))).confirmed()
    course.do(Released(("Ann",), 1, course.now))
    course.tell()
    course.gone()
    gone = course.case
    if by_match:
        course.now += DAY
        course.do(Matched((EXACT,), gone.gone_at - 1))
        assert course.state() is CaseState.GONE, "seen before it was gone"
        course.do(Matched((EXACT,), course.now))
        assert course.case.next_check == course.now
    else:
        course.check(after=DAY)
    assert course.state() is CaseState.BACK and course.case.round == 1 and course.case.back_at == course.now
    assert course.case.accepted_at == course.case.gone_at == 0.0
    assert [(run.accepted_at, run.gone_at) for run in course.case.runs] == [(gone.accepted_at, gone.gone_at)]
    course.confirmed()
    assert course.state() is CaseState.READY and not course.tells, "what was released before counts no more"
    course.do(Released(("Ann",), 1, START + 5))
    assert course.state() is CaseState.READY, "an old release, told again"
    course.do(Released(("Ann",), 1, course.now))
    assert [one.kind for one in course.tell()] == [FIRST]


def test_reviews_of_an_earlier_round_count_no_more() -> None:
    course = Course(NEAR).confirmed()
    course.do(word("Ann"))
    course.do(word("Bob"))
    course.tell()
    course.gone()
    course.check(after=DAY)
    assert course.state() is CaseState.IN_REVIEW
    course.do(word("Ann", at=course.now))
    assert Note("decision_refused", "earlier_round", "Ann") in course.said
    course.do(word("Ann", at=course.now, round_=1))
    course.do(word("Bob", at=course.now, round_=1))
    course.look_up()
    assert course.state() is CaseState.RELEASED


def test_removed_before_any_notice_is_gone_but_no_removal_time() -> None:
    course = Course(NEAR).confirmed()
    course.gone()
    assert course.case.accepted_at == 0.0
    course.do(Accepted(HOST, b"", course.now))
    assert course.case.accepted_at == 0.0


def test_a_reply_only_triggers_a_re_check() -> None:
    """ "'Removed' only triggers a re-check." """
    course = Course().notified()
    course.now += HOUR
    assert Check(course.now) in course.do(Replied("removed", course.now))
    assert course.state() is CaseState.ACKNOWLEDGED
    course.check()
    assert course.case.next_check == course.now + DAY
    course.do(Replied("question", course.now))
    assert course.case.next_check == course.now + DAY and course.state() is CaseState.ACKNOWLEDGED


def test_what_bounces_was_told_to_nobody() -> None:
    course = Course().notified()
    course.now += HOUR
    assert LookUp() in course.do(Bounced(HOST, b"", course.now))
    assert course.case.accepted_at == 0.0 and course.state() is CaseState.FOUND
    course.look_up()
    assert course.state() is CaseState.HELD and Alert("bounced") in course.said and not course.tells
    course.look_up(target("webhook:host"))
    assert [one.recipient for one in course.tell()] == ["webhook:host"]
    assert course.state() is CaseState.NOTIFIED


def test_withdrawn_after_a_notice_each_recipient_gets_a_retraction_within_a_day() -> None:
    """ "Withdrawn after a notice: a retraction to each recipient within 24 h." """
    course = Course(targets=(target(), target("webhook:platform", "platform"))).confirmed()
    course.tell()
    course.look_up(target("webhook:platform", "platform"))
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"),), course.now))
    assert course.state() is CaseState.CLOSED and course.case.ending == "withdrawn" and not course.tells
    due = course.now + HOUR  # a day is left for what fails
    assert course.kinds(Retract) == [Retract(HOST, due), Retract("webhook:platform", due)], (
        "also who is looked up no more"
    )
    course.wait(HOUR)
    assert len(course.kinds(Retract)) == 2, "told again until it is composed"
    course.do(Composed(RETRACTION, HOST, (b"",), course.now))
    assert course.kinds(Retract) == [Retract("webhook:platform", due)]


def test_withdrawn_when_gone_is_taken_back_and_counts_as_removed_no_more() -> None:
    course = Course().notified().gone()
    course.do(EvidenceChanged((replace(EXACT, refused=True),), course.now))
    assert course.state() is CaseState.CLOSED and course.kinds(Retract)


def test_nothing_is_taken_back_while_another_entry_carries_it() -> None:
    course = Course().notified()
    course.do(Matched((replace(EXACT, entry_id=4),), course.now))
    course.do(EvidenceChanged((replace(EXACT, standing="withdrawn"), replace(EXACT, entry_id=4)), course.now))
    assert course.state() is CaseState.NOTIFIED and not course.kinds(Retract) and course.case.entry_id == 4
    near = Course().notified()
    near.do(Matched((NEAR,), near.now))
    near.do(EvidenceChanged((replace(EXACT, standing="withdrawn"), NEAR), near.now))
    assert near.state() is CaseState.CLOSED and near.kinds(Retract), (
        "a near match carries no notice that it did not cause"
    )


def test_disputed_after_a_notice_nothing_more_is_told_and_nothing_taken_back() -> None:
    course = Course().notified()
    course.do(EvidenceChanged((replace(EXACT, standing="disputed"),), course.now))
    course.check(after=4 * DAY)
    assert course.state() is CaseState.NOTIFIED and not course.tells and not course.kinds(Retract)


def test_a_withdrawn_entry_stays_withdrawn_when_an_old_match_is_told_again() -> None:
    course = Course().confirmed()
    course.do(EvidenceChanged((), course.now))
    assert course.state() is CaseState.CLOSED
    course.do(Matched((EXACT,), course.now - 1))
    assert course.state() is CaseState.CLOSED
    course.do(EvidenceChanged((EXACT,), course.now + 1))
    assert course.state() is CaseState.FOUND and course.case.reopened_at
    course.now += 5
    course.confirmed()
    assert course.state() is CaseState.READY, "what was closed is never told by itself"


def test_a_stop_keeps_retractions_until_two_people_decide() -> None:
    """An authority's stop is obeyed; an accusation that is known to be wrong does not stand without anybody's decision."""
    course = Course().notified()
    course.do(StopsChanged((Stop("site", "", "police"),), course.now))
    course.do(EvidenceChanged((), course.now))
    assert not course.kinds(Retract) and Alert("retraction_stopped") in course.said
    course.do(RetractionFreed(("Ann",), "agreed", course.now))
    assert not course.kinds(Retract)
    course.do(RetractionFreed(("Ann", "Bob"), "agreed", course.now))
    assert course.kinds(Retract)


def test_an_appeal_pauses_and_somebody_not_involved_decides() -> None:
    """ "Anyone told may appeal; a person not involved decides again; notices pause meanwhile." """
    course = Course(by=rules(Switches(True, False))).confirmed()
    course.do(Appealed(course.now))
    assert not course.flag("paused"), "nobody was told"
    course.do(Released(("Ann",), 1, course.now))
    course.tell()
    course.do(Appealed(course.now + 1, "it is not"))
    assert course.flag("paused") and course.case.round == 1 and Alert("appeal") in course.said
    course.check(after=4 * DAY)
    assert not course.tells
    course.do(AppealDecided("ANN", False, "it is", course.now))
    assert course.flag("paused") and course.said == (Note("appeal_refused", "involved", "ANN"),)
    course.do(AppealDecided("Bob", False, "it is", course.now))
    assert not course.flag("paused") and [one.kind for one in course.tells] == [REMINDER]


def test_an_appeal_outlasts_what_the_case_becomes_meanwhile() -> None:
    course = Course().notified()
    course.do(Appealed(course.now))
    course.gone()
    course.check(after=DAY)
    course.look_up()
    assert course.state() is CaseState.HELD and course.flag("paused"), "back, and still to be decided"
    course.check(MOVED)
    course.do(Succeeded(8, course.now))
    assert course.state() is CaseState.CLOSED and course.flag("paused")
    course.do(AppealDecided("Cid", True, "a drawing", course.now))
    assert course.kinds(Retract) and not course.flag("paused")


def test_a_granted_appeal_takes_all_back() -> None:
    course = Course(NEAR).confirmed()
    course.do(word("Ann"))
    course.do(word("Bob"))
    course.tell()
    course.do(Appealed(course.now))
    course.do(AppealDecided("Cid", True, "a drawing", course.now))
    assert (course.state(), course.case.ending) == (CaseState.CLOSED, "appeal") and course.kinds(Retract)


def test_closing_takes_a_why_and_is_no_removal() -> None:
    course = Course().confirmed()
    course.do(ClosedBy("Sue", " ", course.now))
    assert course.state() is CaseState.RELEASED
    course.do(ClosedBy("Sue", "a test of ours", course.now))
    assert (course.state(), course.case.ending, course.case.gone_at) == (CaseState.CLOSED, "person", 0.0)
    course.do(Matched((EXACT,), course.now + 9))
    assert course.state() is CaseState.CLOSED, "a person has decided on that"
    course.do(Matched((replace(EXACT, entry_id=5),), course.now + 9))
    assert course.state() is CaseState.FOUND, "on this nobody has"


def test_a_persons_hold_takes_two_to_end() -> None:
    """ "releasing holds [...] take two people" """
    course = Course().notified()
    course.do(HeldBy("Ann", "asked", course.now))
    course.check(after=4 * DAY)
    assert course.state() is CaseState.HELD and not course.tells
    course.do(Unheld(("Ann", "ann"), course.now))
    assert course.state() is CaseState.HELD
    course.do(Unheld(("Ann", "Bob"), course.now))
    assert course.state() is CaseState.NOTIFIED and course.tells
    course.do(HeldBy("Ann", "asked", course.now - 4 * DAY))
    assert course.state() is CaseState.NOTIFIED, "told again"


def test_a_time_out_before_the_first_notice_does_not_cost_a_day() -> None:
    course = Course()
    course.check(UNKNOWN)
    assert course.case.next_check == course.now + HOUR
    course.check(UNKNOWN, HOUR)
    assert course.case.next_check == course.now + 6 * HOUR
    course.check(UNKNOWN, 6 * HOUR)
    assert course.state() is CaseState.UNVERIFIABLE and course.case.next_check == course.now + DAY


def test_late_and_repeated_answers_change_nothing() -> None:
    course = Course().notified()
    before = course.case
    course.do(Matched((EXACT,), START - 5))
    after, _ = step(before, Checked(ABSENT, START + 0.5), course.now, course.rules)
    assert after == before == course.case


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(CaseState)
    assert all(state not in to for state, to in MOVES.items())
