"""Arguments that verbs share read the same everywhere."""

import argparse
from pathlib import Path

from crawlctl.arguments import add_json, add_state, add_until, add_verb


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
