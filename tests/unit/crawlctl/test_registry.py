"""The table of verbs."""

from importlib.util import find_spec

import pytest

from crawlctl.registry import VERBS, Verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_its_help_and_examples_of_itself(verb: Verb) -> None:
    assert verb.help
    assert not verb.help.endswith(".")
    assert all(f"crawlctl {verb.name}" in line for line in verb.examples.splitlines())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_its_module(verb: Verb) -> None:
    assert find_spec(verb.module) is not None
