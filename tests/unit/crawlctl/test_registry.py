"""The table of verbs."""

import shlex
from importlib import import_module
from importlib.util import find_spec

import pytest

from crawlctl.cli import _leaves, build
from crawlctl.registry import BY_NAME, VERBS, Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_its_help_and_examples_of_itself(verb: Verb) -> None:
    assert verb.help
    assert not verb.help.endswith(".")
    assert all(f"crawlctl {verb.name}" in line for line in verb.examples.splitlines())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_its_module(verb: Verb) -> None:
    assert find_spec(verb.module) is not None


def examples() -> list[str]:
    """All command lines that help texts show."""
    shown = [line.strip() for verb in VERBS for line in verb.examples.splitlines()]
    tries = build("try", import_module("crawlctl.verbs.try_"))
    shown += [line.strip() for parser in _leaves(tries) for line in (parser.epilog or "").splitlines()]
    return sorted({line for line in shown if line.startswith("crawlctl ") or " crawlctl try " in line})


@pytest.mark.parametrize("example", examples())
def test_every_example_is_a_command_line_that_is_understood(example: str) -> None:
    words = shlex.split(example, comments=True)
    words = words[words.index("crawlctl") + 1 :]
    for sign in ("<", ">"):
        if sign in words:
            words = words[: words.index(sign)]
    if words[0] in BY_NAME:
        arguments = build(words[0], import_module(BY_NAME[words[0]].module)).parse_args(words)
        assert arguments.verb == words[0]
