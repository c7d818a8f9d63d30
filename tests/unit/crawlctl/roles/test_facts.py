"""Processes without a database learn how the cluster is divided, and do nothing until they have."""

from typing import Any

import pytest

from contracts.notes import Control
from contracts.ports import Record
from contracts.topics import CONTROLS
from crawlctl.roles.facts import Facts, hear, told


def test_what_the_clerk_tells_is_enough() -> None:
    facts = Facts()
    assert facts.against() == "no frontier process has told in [controls] how the cluster is divided; start one"
    facts.take([Control("block", "h.test"), *told(128)])
    assert (facts.against(), facts.partitions) == ("", 128)


def test_another_public_suffix_list_is_refused() -> None:
    facts = Facts()
    facts.take([*told(128), Control("psl", "", "0" * 64)])
    assert "another Public Suffix List" in facts.against()


def test_a_number_that_is_none_tells_nothing() -> None:
    facts = Facts()
    facts.take([*told(16), *(Control("partitions", "", value) for value in ("", "many", "-1", "²"))])
    assert facts.partitions == 16


class Whole:
    """A log whose [controls] hold one batch; reading on ends the test's loop."""

    def __init__(self, batch: list[Record]) -> None:
        self.batches = [batch]
        self.closed = False

    def whole(self, topic: str) -> "Whole":
        assert topic == CONTROLS
        return self

    async def poll(self, limit: int, timeout: float) -> list[Record]:
        if not self.batches:
            raise EOFError
        return self.batches.pop(0)

    async def close(self) -> None:
        self.closed = True


async def test_controls_are_handed_on_and_the_reader_is_closed() -> None:
    heard: list[Control] = []
    log: Any = Whole([Record(CONTROLS, 0, n, word) for n, word in enumerate(told(4))])
    with pytest.raises(EOFError):
        await hear(log, heard.extend)
    assert (heard, log.closed) == (told(4), True)
