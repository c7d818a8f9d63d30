"""Arguments that verbs share read the same everywhere."""

import argparse
from pathlib import Path

from contracts.removal import Notices
from contracts.settings import Settings
from crawlctl.arguments import add_dry_run, add_json, add_state, add_until, add_verb, dried


def test_shared_arguments() -> None:
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="what")
    one = add_verb(verbs, "one", "do one thing", "more about it")
    add_state(one)
    add_json(one)
    add_until(one)
    parsed = parser.parse_args(["one", "--state", "s", "--until", "3d"])
    assert (parsed.state, parsed.json, parsed.until) == (Path("s"), False, "3d")
    assert one.description == "Do one thing." and "more about it" in one.format_help()


def test_a_dry_run_sends_nothing_whatever_the_settings_say() -> None:
    parser = argparse.ArgumentParser()
    add_dry_run(parser)
    live = Settings(notices=Notices(sender="live"))
    assert dried(parser.parse_args([]), live) == live
    assert dried(parser.parse_args(["--dry-run"]), live).notices.sender == "folder"
