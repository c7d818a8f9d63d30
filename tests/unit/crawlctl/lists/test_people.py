"""Acts that take two people: the first call says so, the second does it."""

import json
import os

import pytest

from contracts.desk import EXPORT_WITHIN, Asked
from contracts.errors import UsageError
from crawlctl.audit import user_name
from crawlctl.lists.people import person, tell, why_of


def test_a_person_is_the_user_of_the_operating_system() -> None:
    who = person()
    assert (who.name, who.uid) == (user_name(), os.getuid())
    assert who.machine


def test_the_first_call_says_that_another_person_must_ask(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Asked(False, ["ann"]), "nothing yet", "all done", {"number": 7}, as_json=False)
    assert capsys.readouterr().out == (
        "nothing yet; asked for by ann; another person must ask for the same within 7 days\n"
    )
    tell(Asked(False, ["ann"]), "nothing yet", "", {}, as_json=False, within=EXPORT_WITHIN)
    assert "another person must ask for the same within a day\n" in capsys.readouterr().out
    tell(Asked(False, ["ann"]), "nothing yet", "all done", {"number": 7}, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"number": 7, "done": False, "by": ["ann"]}


def test_the_second_does_it(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Asked(True, ["ann", "bob"]), "nothing yet", "all done", {}, as_json=False)
    assert capsys.readouterr().out == "all done (asked for by ann and bob)\n"


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_a_reason_that_says_nothing(text: str) -> None:
    with pytest.raises(UsageError, match="--why"):
        why_of(text)
    assert why_of(None) == ""
    assert why_of(" a\nb ") == "a b"
