"""Servers' answers are harmless to keep and to show."""

import pytest
from hypothesis import given

from notices.senders.answers import LEFT_OUT, MOST, harmless
from tests.notices import hostile, notice, place


@pytest.mark.parametrize(
    "quoted",
    [
        "https://media.example/files/1.jpg",
        "media.example",
        "<Media.Example>:",
        "(pages.example)",
        "hxxps://media[.]example/x",
        "media[.]example",
        "[203.0.113.5]",
        place().sha256.hex(),
        place().sha256.hex().upper(),
        "somewhere.example/else",
    ],
)
def test_no_place_is_kept_of_an_answer(quoted: str) -> None:
    assert harmless(f"550 5.7.1 blocked: {quoted} is bad", notice()) == f"550 5.7.1 blocked: {LEFT_OUT} is bad"


@given(hostile)
def test_answers_are_short_and_on_one_line(text: str) -> None:
    said = harmless(f"250 {text}", notice())
    assert len(said) <= MOST and said.startswith("250") and len(said.splitlines()) == 1
    assert "media.example" not in said.lower()


def test_lines_are_joined() -> None:
    assert harmless("250 2.0.0 Ok:\nqueued as 4X", notice()) == "250 2.0.0 Ok: queued as 4X"
