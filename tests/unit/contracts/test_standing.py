"""contracts.standing: every row of the table, and that nothing said besides can raise a standing."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.lists import DELETING, KINDS, MASS_DELETION, STANDINGS, VERDICTS
from contracts.standing import (
    CARRIED,
    GOING,
    GOING_IN_MASS,
    GONE,
    TABLE,
    US,
    Carrier,
    Known,
    Said,
    reasons,
    standing,
)

SURE, UNSURE = Carrier("csam", True, False), Carrier("csam", False, False)
RANK = {"withdrawn": 0, "held": 1, "disputed": 2, "unverified": 3, "verified": 4}
ROWS = [
    # An unverified list never makes verified; a verified one does, through however many lists it comes.
    (Known("IWF", (UNSURE,)), "unverified"),
    (Known("IWF", (UNSURE, UNSURE, UNSURE)), "unverified"),
    (Known("IWF", (SURE,)), "verified"),
    (Known("IWF", (SURE, UNSURE)), "verified"),
    # A confirmation raises nothing.
    (Known("IWF", (UNSURE,), (Said("IWF", "confirm"), Said("NCMEC", "confirm"))), "unverified"),
    (Known("IWF", (SURE,), (Said("NCMEC", "confirm"),)), "verified"),
    # A list speaks for the gravest kind that is claimed only if it claims that kind itself.
    (Known("IWF", (UNSURE, Carrier("ncii-adult", True, False))), "unverified"),
    (Known("IWF", (UNSURE, Carrier("known-good", True, False))), "unverified"),
    (Known("IWF", (Carrier("child-exploitative", True, False),)), "verified"),
    (Known("IWF", (Carrier("csam", True, False, GONE), Carrier("csam", False, False))), "unverified"),
    # Digests that only an unverified list gave are not what the verified one vouches for.
    (Known("IWF", (SURE, UNSURE), mixed=True), "disputed"),
    (Known("IWF", (UNSURE,), mixed=True), "unverified"),
    # "Disagreement between sources lowers to review, never raises."
    (Known("IWF", (SURE,), (Said("NCMEC", "dispute"),)), "disputed"),
    (Known("IWF", (SURE,), (Said("NCMEC", "dispute", False),)), "disputed"),
    (Known("IWF", (UNSURE,), (Said("NCMEC", "dispute"),)), "disputed"),
    (Known("IWF", (SURE,), (Said("IWF", "dispute"), Said("IWF", "confirm"))), "disputed"),
    (Known("IWF", (SURE,), (Said("NCMEC", "withdraw"),)), "disputed"),
    (Known("IWF", (SURE,), (Said(US, "dispute"),)), "disputed"),
    # The originating member's withdrawal withdraws, but not through an unverified list against a verified one.
    (Known("IWF", (SURE,), (Said("IWF", "withdraw"),)), "withdrawn"),
    (Known("IWF", (SURE,), (Said("iwf", "withdraw"),)), "withdrawn"),
    (Known("IWF", (UNSURE,), (Said("IWF", "withdraw", False),)), "withdrawn"),
    (Known("IWF", (SURE, UNSURE), (Said("IWF", "withdraw", False),)), "disputed"),
    (Known("IWF", (SURE,), (Said("IWF", "withdraw"), Said("IWF", "confirm"))), "withdrawn"),
    # Ours withdraws here.
    (Known("IWF", (SURE,), (Said(US, "withdraw"),)), "withdrawn"),
    # Deleted: by its member's own list, or by all; from another list it is only gone there.
    (Known("IWF", (Carrier("csam", True, False, GONE),)), "withdrawn"),
    (Known("IWF", (Carrier("csam", True, False, GONE), UNSURE)), "unverified"),
    (Known("IWF", (Carrier("csam", False, True, GONE), SURE)), "withdrawn"),
    # A hold outranks verified, unverified and disputed, and a withdrawal a hold.
    (Known("IWF", (SURE,), holds=("many_sites",)), "held"),
    (Known("IWF", (UNSURE,), holds=("featureless",)), "held"),
    (Known("IWF", (SURE,), (Said("NCMEC", "dispute"),), ("many_sites",)), "held"),
    (Known("IWF", (SURE,), (Said("IWF", "withdraw"),), ("many_sites",)), "withdrawn"),
    # A deletion that waits holds, of one list as well: it stops matching at once.
    (Known("IWF", (Carrier("csam", True, False, GOING),)), "held"),
    (Known("IWF", (Carrier("csam", True, False, GOING_IN_MASS), SURE)), "held"),
    (Known("IWF", ()), "withdrawn"),
]


@pytest.mark.parametrize(("known", "expected"), ROWS)
def test_the_table(known: Known, expected: str) -> None:
    assert standing(known) == expected


def test_every_row_decides_something() -> None:
    assert {result for _, _, result in TABLE} == set(STANDINGS) == RANK.keys()
    deciding = {next(words for words, applies, _ in TABLE if applies(known)) for known, _ in ROWS}
    assert deciding == {words for words, _, _ in TABLE}


def test_reasons_lead_with_deletions() -> None:
    carriers = (Carrier("csam", True, False, GOING), Carrier("csam", True, False, GOING_IN_MASS))
    assert reasons(Known("IWF", carriers, holds=("many_sites", "featureless"))) == [
        MASS_DELETION, DELETING, "featureless", "many_sites"
    ]  # fmt: skip
    assert reasons(Known("IWF", (SURE,))) == []


carriers = st.builds(
    Carrier,
    st.sampled_from(KINDS),
    st.booleans(),
    st.booleans(),
    st.sampled_from((CARRIED, GOING, GOING_IN_MASS, GONE)),
)
saids = st.builds(Said, st.sampled_from(("IWF", "NCMEC", "A", US)), st.sampled_from(VERDICTS), st.booleans())
knowns = st.builds(
    Known,
    st.sampled_from(("IWF", "NCMEC")),
    st.lists(carriers, max_size=4).map(tuple),
    st.lists(saids, max_size=5).map(tuple),
    st.lists(st.sampled_from(("featureless", "many_sites")), unique=True).map(tuple),
    st.booleans(),
)


def rank(known: Known) -> int:
    return RANK[standing(known)]


@given(knowns, saids)
def test_nothing_said_besides_raises(known: Known, said: Said) -> None:
    assert rank(replace(known, said=(*known.said, said))) <= rank(known)


@given(knowns, st.sampled_from(("featureless", "match_rate")))
def test_holding_raises_nothing(known: Known, reason: str) -> None:
    assert rank(replace(known, holds=(*known.holds, reason))) <= rank(known)


@given(knowns, st.data())
def test_deleting_raises_nothing_while_it_waits(known: Known, data: st.DataObject) -> None:
    carried = [n for n, carrier in enumerate(known.carriers) if carrier.state == CARRIED]
    if carried:
        n = data.draw(st.sampled_from(carried))
        going = replace(known.carriers[n], state=GOING)
        assert rank(replace(known, carriers=(*known.carriers[:n], going, *known.carriers[n + 1 :]))) <= rank(known)


@given(knowns, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(known: Known, chance: random.Random) -> None:
    def mixed(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(values, len(values)))

    other = Known(
        known.member, mixed(known.carriers), mixed(known.said), mixed(known.holds), known.mixed  # type: ignore[arg-type]
    )  # fmt: skip
    assert standing(other) == standing(known) and reasons(other) == reasons(known)


# "copies of one origin through three lists count once"
@given(knowns, saids)
def test_copies_count_once(known: Known, said: Said) -> None:
    one = standing(replace(known, said=(*known.said, said)))
    assert standing(replace(known, said=(*known.said, said, said, said))) == one


@given(knowns, carriers)
def test_an_unverified_list_never_verifies(known: Known, carrier: Carrier) -> None:
    if standing(known) != "verified":
        more = replace(known, carriers=(*known.carriers, replace(carrier, trusted=False)))
        assert standing(more) != "verified"
