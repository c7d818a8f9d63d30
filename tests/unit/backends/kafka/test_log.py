"""Under which key a compacted topic keeps only the last message."""

import pytest

from backends.kafka.log import key_of
from contracts.messages import HostMatched
from contracts.notes import Control


@pytest.mark.parametrize(
    ("verb", "opposite"), [("pause", "resume"), ("block", "unblock"), ("delay", "delay"), ("recall", "recall")]
)
def test_what_takes_a_word_back_has_its_key(verb: str, opposite: str) -> None:
    assert key_of(Control(verb, "a.test", "5")) == key_of(Control(opposite, "a.test"))
    assert key_of(Control(verb, "a.test")) != key_of(Control(verb, "b.test"))


def test_words_about_different_things_are_all_kept() -> None:
    keys = {key_of(Control(verb, "a.test")) for verb in ("pause", "block", "delay", "recall")}
    assert len(keys) == 4
    assert key_of(Control("pause", "\ud800")), "whatever the target is"
    assert key_of(HostMatched("h.test", 1)) == b"HostMatched"
