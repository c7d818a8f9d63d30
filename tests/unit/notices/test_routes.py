"""Routes (docs/domain.md, section 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.lists import LEGALITIES
from notices.routes import CAREFUL, HOLD, NOTIFY, PARTNER, POLICE, Row, parse, route, shipped

HEAD = "country,hosting,category,route,why\n"


def table(*rows: str) -> tuple[Row, ...]:
    return parse(HEAD + "\n".join(rows))


def test_no_row_is_held() -> None:
    """ "no row = hold" """
    assert route((), "AA", "BB", "baseline", "A") == (HOLD, "no_route")
    assert route(table("AA,BB,baseline,notify,"), "AA", "CC", "baseline", "") == (HOLD, "no_route")


def test_unknown_countries_are_held_whatever_the_table_says() -> None:
    """ "Hosting country needs two agreeing methods, else hold." """
    rows = table("*,*,*,notify,")
    assert route(rows, "AA", "", "baseline", "")[0] == route(rows, "", "AA", "baseline", "")[0] == HOLD
    assert route(rows, "AA", "ZZ", "baseline", "") == (NOTIFY, "route_notify")


def test_the_most_specific_row_wins() -> None:
    rows = table(
        "*,*,*,hold,",
        "AA,*,*,notify,",
        "AA,=,*,partner,",
        "AA,BB,*,police,",
        "AA,BB,baseline,notify,",
        '"AA","BB","A1, worst","partner","a word with a comma"',
    )
    assert route(rows, "ZZ", "AA", "baseline", "")[0] == HOLD
    assert route(rows, "AA", "CC", "baseline", "")[0] == NOTIFY
    assert route(rows, "AA", "AA", "baseline", "")[0] == PARTNER
    assert route(rows, "AA", "BB", "national", "")[0] == POLICE
    assert route(rows, "AA", "BB", "baseline", "")[0] == NOTIFY
    assert route(rows, "AA", "BB", "baseline", "a1, WORST")[0] == PARTNER


def test_of_two_that_name_as_much_the_more_careful_wins() -> None:
    rows = table("AA,*,baseline,notify,", "AA,=,*,police,")
    assert route(rows, "AA", "AA", "baseline", "")[0] == POLICE
    assert route(rows[::-1], "AA", "AA", "baseline", "")[0] == POLICE


@pytest.mark.parametrize(
    ("legality", "home", "abroad"),
    [("baseline", NOTIFY, PARTNER), ("unknown", NOTIFY, PARTNER), ("national", NOTIFY, HOLD), ("harmful", HOLD, HOLD)],
)
def test_the_shipped_table_is_careful(legality: str, home: str, abroad: str) -> None:
    assert route(shipped(), "AA", "AA", legality, "")[0] == home
    assert route(shipped(), "AA", "BB", legality, "")[0] == abroad


def test_the_shipped_table_tells_no_host_abroad() -> None:
    assert all(route(shipped(), "AA", "BB", legality, "A1")[0] != NOTIFY for legality in LEGALITIES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("a,b\n", "line 1: the columns must be"),
        (HEAD + "AA,BB,baseline,notify\n", "line 2: 4 columns"),
        (HEAD + "\nAAA,BB,*,notify,\n", "line 3: country must"),
        (HEAD + "AA,bb,*,notify,\n", "line 2: hosting must"),
        (HEAD + "AA,BB,,notify,\n", "line 2: category is empty"),
        (HEAD + "AA,BB,*,tell,\n", "line 2: route must be one of hold, police, partner, notify"),
        (HEAD + 'AA,BB,*,notify,"x\n', "line 2: not CSV"),
        (HEAD + "AA,BB,*,notify,\nAA,BB,*,hold,\n", "line 3: an earlier row"),
        (HEAD + "\n".join(f"*,*,word{n},hold," for n in range(10_001)), "more than 10000 rows"),
    ],
)
def test_what_a_table_cannot_mean_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        parse(text)


@given(st.text(max_size=200) | st.text(alphabet='AB*=,"\n#notifyhold', max_size=200).map(HEAD.__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rows = parse(text)
    except UsageError:
        return
    assert all(row.route in CAREFUL for row in rows)
