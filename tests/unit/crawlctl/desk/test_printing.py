"""What the desk's verbs show: plain text, whatever lists and the web have put into it."""

import json

import pytest
from msgspec.structs import replace

from contracts.casedesk import CaseLine, EvidenceLine, HappenedLine, Medium, NoticeLine
from crawlctl.desk import printing
from notices.desk.words import Became, CaseShown, Checks, Place, Said, Told

EVIL = "\x1b]8;;http://evil.test\x1b\\click\x1b]8;;\x1b\\\n\u202e"
LINE = CaseLine(
    7, "notified", 1e9, "csam", True, EVIL, "baseline", "NL", EVIL, EVIL, 1e9 + 9, 1e9, 1e9 + 5, 1e9 + 6, 0.0, 0.0, True, True, EVIL
)  # fmt: skip
ENTRY = EvidenceLine(
    3, EVIL, [EVIL], ["csam"], "verified", "tiny_media", EVIL, "baseline", "A", "unknown", True, True, "pdq", 12, 20, 90, 4, 3, "open",
    [("", "confirm", ""), (EVIL, "dispute", EVIL)],
)  # fmt: skip
SHOWN = CaseShown(
    LINE, "ab" * 32, Medium(EVIL, 5000, 640, 480, 2.5), Place(True, "", f"http://h.test/{EVIL}", "192.0.2.1", [EVIL]), [ENTRY],
    [Said(EVIL, "close", "metadata-only", EVIL, 1e9, 0)],
    [Told(EVIL, "host", "media", "", 1e9, 1e9, 2, False), Told("", "", "page", EVIL, 0.0, 0.0, 0, True)],
    [NoticeLine(1, "first", EVIL, "accepted", 3, 1e9, 0.0, 1e9, 1e9, 0.0, 1, EVIL)],
    Checks(1e9, 1e9, 0.0, 0.0, 0, [1e9], False), [HappenedLine(1e9, "found", EVIL, EVIL)], [EVIL], [EVIL], 9,
)  # fmt: skip


def test_nothing_that_is_shown_is_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    """ "A place is never a clickable link" """
    printing.case(SHOWN, as_json=False)
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out and "http://h.test/" in out
    assert "moved to     case 9" in out and "mirrored, 3 frames" in out and "ourselves confirm" in out
    assert "found 2001-09-09T01:46:40Z -> notified 2001-09-09T01:46:46Z" in out


def test_json_has_times_as_people_read_them(capsys: pytest.CaptureFixture[str]) -> None:
    printing.case(SHOWN, as_json=True)
    text = capsys.readouterr().out
    told = json.loads(text)
    assert text.isascii() and text.count("\n") == 1
    assert told["line"]["found_at"] == "2001-09-09T01:46:40Z" and told["line"]["gone_at"] is None
    assert told["checks"]["absences"] == ["2001-09-09T01:46:40Z"] and told["history"][0]["at"] == "2001-09-09T01:46:40Z"
    assert tuple(printing.case_row(LINE)) == printing.CASES and printing.case_row(LINE)["match"] == "near"


def test_the_reasoning_is_told_by_steps_and_nothing_in_it_can_break_the_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [[{"source": "overrides", "asked": EVIL, "said": "host email:abuse@h.test", "at": 1e9}], []]
    for why, told in ((json.dumps(steps), True), ("sealed; say why", False), ('[["\ud800"]]', False)):
        history = [HappenedLine(1e9, "reasoning", "", why), HappenedLine(1e9, "looked_up", "", "")]
        printing.case(replace(SHOWN, history=history), as_json=False)
        out = capsys.readouterr().out
        assert ("whom to tell 2001-09-09T01:46:40Z media: overrides, " in out) is told
        assert ("Z reasoning" in out) is not told
        assert "Z looked_up\n" in out and "\x1b" not in out and "\u202e" not in out


def test_what_waits_for_another_person_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    printing.tell(Became(7, "held", False, ["anna"]), "may go on", as_json=False)
    assert "it was (held): that takes two people; asked for by anna" in capsys.readouterr().out
    printing.tell(Became(7, "held"), "stopped", as_json=False)
    assert capsys.readouterr().out == "case 7: stopped; it is held\n"
    printing.tell(Became(7, "held"), "stopped", as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "held"
