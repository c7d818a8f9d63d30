"""Notices out of wishes (docs/domain.md, section 2)."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.notices import FIRST, REMINDER, RETRACTION
from contracts.removal import Notices
from notices.grouping import AHEAD, Plan, Planned, Waiting, plan
from tests.unit.notices.courses import DAY, HOUR

SETTINGS = Notices()
NOW = 1_000_000.0


def waits(case: int, by_when: float = NOW, recipient: str = "a", kind: str = FIRST, **more: object) -> Waiting:
    return Waiting(case, recipient, kind, by_when, **more)  # type: ignore[arg-type]


def cases(made: Plan) -> list[list[int]]:
    return [[one.case_id for one in notice.told] for notice in made.notices]


def test_nothing_waits() -> None:
    assert plan([], {}, NOW, 2000, SETTINGS) == Plan(())


def test_it_waits_for_company_until_shortly_before_its_deadline() -> None:
    """ "First notice within 5 min for baseline, 1 h otherwise" """
    waiting = [waits(1, NOW + 300), waits(2, NOW + HOUR)]
    made = plan(waiting, {}, NOW, 2000, SETTINGS)
    assert made == Plan((), NOW + 300 - AHEAD)
    made = plan(waiting, {}, NOW + 300 - AHEAD, 2000, SETTINGS)
    assert cases(made) == [[1, 2]] and made.look_again == 0.0


def test_one_notice_per_recipient_per_hour() -> None:
    last = {"a": NOW - 10}
    made = plan([waits(1), waits(2, recipient="b")], last, NOW, 2000, SETTINGS)
    assert cases(made) == [[2]] and made.look_again == NOW - 10 + HOUR
    assert cases(plan([waits(1)], last, NOW - 10 + HOUR, 2000, SETTINGS)) == [[1]]


def test_at_most_200_places_a_notice() -> None:
    made = plan([waits(number) for number in range(450)], {}, NOW, 2000, SETTINGS)
    assert cases(made) == [list(range(200))] and made.look_again == NOW + HOUR
    many = plan([waits(number, NOW + DAY) for number in range(200)], {}, NOW, 2000, SETTINGS)
    assert len(many.notices) == 1, "a full one waits for nobody"
    wide = plan([waits(1, size=150), waits(2, size=51), waits(3, size=999, recipient="b")], {}, NOW, 2000, SETTINGS)
    assert cases(wide) == [[1], [3]], "one that is too large by itself goes alone"


def test_a_notice_is_of_one_kind_and_language_and_the_first_due_goes_first() -> None:
    waiting = [
        waits(1, NOW + 20, kind=REMINDER),
        waits(2, NOW + 10),
        waits(3, NOW + 15, language="fr"),
        waits(4, NOW + 90),
    ]
    made = plan(waiting, {}, NOW, 2000, SETTINGS)
    assert made.notices == (Planned("a", FIRST, "", (waiting[1], waiting[3])),)
    assert made.look_again == NOW + HOUR


def test_the_days_brake_spares_retractions() -> None:
    """ "at most 2,000 notices a day in all" """
    waiting = [waits(1), waits(2, recipient="b"), waits(3, NOW + 30, "b", RETRACTION), waits(4, NOW + 5, "c")]
    made = plan(waiting, {}, NOW, 1, SETTINGS)
    assert cases(made) == [[1], [3]] and made.braked and made.look_again > NOW
    assert not plan(waiting, {}, NOW, 2000, SETTINGS).braked


def test_told_twice_is_told_once() -> None:
    assert cases(plan([waits(1), waits(1)], {}, NOW, 2000, SETTINGS)) == [[1]]


@given(
    st.lists(
        st.builds(
            waits,
            st.integers(1, 9),
            st.floats(NOW - HOUR, NOW + DAY),
            st.sampled_from("abc"),
            st.sampled_from([FIRST, REMINDER, RETRACTION]),
        ),
        max_size=40,
    ),
    st.dictionaries(st.sampled_from("abc"), st.floats(NOW - 2 * HOUR, NOW)),
    st.integers(0, 3),
)
def test_whatever_waits(waiting: list[Waiting], last: dict[str, float], left: int) -> None:
    settings = Notices(places=3)
    made = plan(waiting, last, NOW, left, settings)
    told = [one.recipient for one in made.notices]
    assert len(set(told)) == len(told), "one notice for each recipient"
    assert sum(one.kind != RETRACTION for one in made.notices) <= left
    for notice in made.notices:
        assert 0 < len(notice.told) <= 3 and {one.kind for one in notice.told} == {notice.kind}
        assert NOW - last.get(notice.recipient, 0.0) >= HOUR
    rest = set(waiting) - {one for notice in made.notices for one in notice.told}
    assert bool(rest) == (made.look_again > NOW), "what waits is looked at again"
    urgent = {one.recipient for one in rest if one.by_when <= NOW and NOW - last.get(one.recipient, 0.0) >= HOUR}
    assert not (urgent - set(told)) or made.braked, "nothing that may go and is due is left"
