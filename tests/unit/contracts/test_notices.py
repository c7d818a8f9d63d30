"""A notice's number."""

from contracts.errors import Unavailable
from contracts.notices import Later, Refused, Unfit, Withheld, reference


def test_a_number_names_the_notice_and_is_not_to_be_guessed() -> None:
    assert reference(4711, "a@b.example") == reference(4711, "a@b.example")
    assert reference(4711, "a@b.example").startswith("P4711-") and len(reference(4711, "a@b.example")) == 14
    assert reference(4711, "a@b.example")[6:] != reference(4711, "c@b.example")[6:]


def test_errors_say_what_to_do() -> None:
    assert issubclass(Unfit, Refused)
    assert issubclass(Withheld, Unavailable) and issubclass(Later, Unavailable)
    assert (Later("x").retry_after, Later("x", 5.0).retry_after) == (0.0, 5.0)
