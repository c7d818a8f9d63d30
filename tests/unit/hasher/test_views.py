"""Which frames of many are looked at."""

from hypothesis import given
from hypothesis import strategies as st

from hasher.views import NoPicture, TooManyPixels, Undecodable, Unsupported, spaced


def test_the_first_the_last_and_evenly_between() -> None:
    assert spaced(3, 8) == [0, 1, 2]
    assert spaced(100, 1) == [0]
    assert spaced(11, 3) == [0, 5, 10]


@given(st.integers(1, 10_000), st.integers(1, 64))
def test_sorted_distinct_and_no_more_than_wanted(count: int, wanted: int) -> None:
    found = spaced(count, wanted)
    assert found == sorted(set(found))
    assert len(found) == min(count, wanted)
    assert found[0] == 0 and found[-1] < count


def test_each_failure_has_a_name() -> None:
    assert [kind.why for kind in (NoPicture, Undecodable, Unsupported, TooManyPixels)] == [
        "undecodable",
        "undecodable",
        "unsupported",
        "too_many_pixels",
    ]
