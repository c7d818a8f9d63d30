"""Small counts in public."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.figures import Period
from notices.figures.fold import Figures, Report
from notices.figures.suppress import COUNTS, HIDDEN, SMALL, plain, public

PERIOD = Period(0.0, 86_400.0, 86_400.0)


def made(
    everything: Figures, *groups: Figures, by: str = "country", providers: tuple[tuple[str, int, int], ...] = ()
) -> Report:
    return Report(PERIOD, by, everything, groups, (), 0, 0, (), providers)


def test_no_public_figure_is_below_ten() -> None:
    """ "no public figure below 10" """
    everything, groups, providers = public(
        made(Figures("", media=9, cases=100), Figures("CA", media=40, cases=91), Figures("FR", media=30, cases=9), providers=(("A", 9, 1), ("B", 12, 2)))
    )  # fmt: skip
    assert everything["media"] == SMALL
    assert everything["cases"] == 100
    assert groups[1]["cases"] == SMALL
    assert providers == (("B", 12, SMALL),)


def test_what_is_hidden_cannot_be_had_by_subtraction() -> None:
    _, groups, _ = public(
        made(
            Figures("", cases=100),
            Figures("CA", cases=60),
            Figures("DE", media=20, cases=31),
            Figures("FR", media=20, cases=9),
        )
    )
    assert [row["cases"] for row in groups] == [60, HIDDEN, SMALL]
    everything, _, _ = public(made(Figures("", media=50, verified=30, suspect=15, disputed=5)))
    assert [everything[name] for name in ("media", "verified", "suspect", "disputed")] == [50, 30, HIDDEN, SMALL]


def test_who_has_little_is_not_named() -> None:
    _, groups, _ = public(made(Figures("", cases=100), Figures("CA", cases=60), Figures("FR", media=3, cases=9)))
    assert [row["value"] for row in groups] == []
    _, groups, _ = public(
        made(Figures("", cases=100), *(Figures(name, cases=30) for name in "ABC"), Figures("FR", cases=9))
    )
    assert [row["value"] for row in groups] == ["B", "C"]


def test_series_are_not_told_apart_in_public() -> None:
    _, groups, _ = public(made(Figures("", cases=100), Figures("0123", cases=60), by="series"))
    assert groups == []


def test_times_of_few_cases_are_hidden() -> None:
    everything, _, _ = public(made(Figures("", watched=9, median=3.0, p90=5.0)))
    assert everything["median"] is None and everything["p90"] is None
    everything, _, _ = public(made(Figures("", watched=10, median=3.0)))
    assert everything["median"] == 3.0


def test_inside_nothing_is_hidden() -> None:
    assert plain(Figures("", media=3, open_ages=(("under 7 days", 2),)))["open_ages"] == {"under 7 days": 2}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_never_is_exactly_one_value_hidden_while_another_could_be(counts: list[int]) -> None:
    groups = [Figures(str(number), media=50, cases=count) for number, count in enumerate(counts)]
    _, rows, _ = public(made(Figures("", cases=sum(counts)), *groups))
    shown = [row["cases"] for row in rows]
    assert all(not (isinstance(count, int) and 0 < count < 10) for count in shown)
    hidden = sum(1 for count in shown if count in (SMALL, HIDDEN))
    assert hidden != 1 or not any(isinstance(count, int) and count for count in shown)
    assert all(name in rows[0] for name in COUNTS)
