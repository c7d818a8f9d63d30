"""One word for what a host waits for; operators' words go before everything else."""

from typing import Any

from contracts.crawl import FAR
from contracts.notes import Control
from crawlctl.hoststate import STATES, host_state
from frontier.controls import Controls

NOW = 1_800_000_000.0


def state(*said: Control, **row: Any) -> tuple[str, str, float]:
    words = Controls()
    words.take(said)
    values: dict[str, Any] = {"queued": 1, "next_at": 0.0, "due_at": 0.0, "errors": 0, "why": ""} | row
    found = host_state(words, "a.test", ["192.0.2.1"], NOW, **values)
    assert found[0] in STATES
    return found


def test_states() -> None:
    assert state() == ("due", "", 0.0)
    assert state(queued=0) == ("done", "", FAR)
    assert state(next_at=NOW + 5) == ("waiting", "", NOW + 5)
    assert state(due_at=NOW + 61) == ("later", "", NOW + 61)
    assert state(next_at=NOW + 5, errors=2, why="reset") == ("backing_off", "reset", NOW + 5)
    assert state(next_at=NOW + 5, due_at=NOW + 9, why="robots_unreachable: 503")[0::2] == ("backing_off", NOW + 9)
    assert state(due_at=NOW + 5, errors=1, why="reset")[0] == "waiting"  # the back-off itself is over


def test_words_go_first() -> None:
    pause, block = Control("pause", "a.test", "", "busy", NOW + 9), Control("block", "192.0.2.0/24", "", "asked")
    assert state(pause) == ("paused", "busy", NOW + 9)
    assert state(pause, queued=0)[0] == "paused"
    assert state(Control("pause", "a.test", "", "busy"))[2] == FAR
    assert state(pause, block) == ("opted_out", "block 192.0.2.0/24: asked (192.0.2.1)", FAR)
