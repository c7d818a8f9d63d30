"""What reports are made of."""

from contracts.figures import CaseFact, Period


def test_watching_ends_with_the_period_or_now() -> None:
    assert Period(0.0, 10.0, 20.0).end == 10.0
    assert Period(0.0, 10.0, 5.0).end == 5.0


def test_the_last_way_to_removal_comes_after_earlier_ones() -> None:
    case = CaseFact(
        1, b"", 1, "back", False, False, "", "", b"", "", 1.0, 2.0, 9.0, 0.0, 0.0, 8.0, 0.0, ((2.0, 3.0, 4.0),)
    )
    assert case.ways == ((2.0, 3.0, 4.0), (9.0, 0.0, 0.0))
