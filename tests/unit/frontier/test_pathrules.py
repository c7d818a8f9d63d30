"""Which of many patterns decides (RFC 9309, 2.2.2), and what that may cost."""

import pickle
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontier.pathrules import PathRules
from tests.unit.frontier import reference_robots as reference

patterns = st.text(alphabet="/ab*$", max_size=9).map(lambda text: "/" + text)
rules = st.lists(st.tuples(patterns, st.booleans()), max_size=12)
paths = st.text(alphabet="/ab", max_size=14).map(lambda text: "/" + text)


def build(found: list[tuple[str, bool]]) -> PathRules:
    return PathRules((pattern, allow, at) for at, (pattern, allow) in enumerate(found))


def allowed(found: PathRules, path: str) -> bool:
    mark, assumed = found.decide(path)
    assert not assumed
    return mark < 0 or bool(mark & 1)


@settings(max_examples=400)
@given(rules, paths)
def test_as_the_slow_matcher_decides(found: list[tuple[str, bool]], path: str) -> None:
    # A dollar in the middle is a literal one, which these paths do not have.
    plain = [(p, allow) for p, allow in found if "$" not in p[:-1]]
    assert allowed(build(plain), path) == reference.allowed(plain, path)


@settings(max_examples=100)
@given(st.randoms(use_true_random=False), st.integers(20, 90))
def test_many_wildcards_with_one_beginning_are_decided_alike(rng: random.Random, count: int) -> None:
    found = [
        (
            "/" + "".join(rng.choice(["a", "b", "*", "ab", "c"]) for _ in range(6)) + rng.choice(["", "$"]),
            rng.random() < 0.5,
        )
        for _ in range(count)
    ]
    built = build(found)
    for _ in range(10):
        path = "/" + "".join(rng.choice("abc") for _ in range(rng.randint(0, 40)))
        assert allowed(built, path) == reference.allowed(found, path)


@given(rules, paths, st.integers(1, 15))
def test_one_more_allow_of_equal_length_never_forbids(found: list[tuple[str, bool]], path: str, length: int) -> None:
    plain = [(p, allow) for p, allow in found if "$" not in p[:-1]]
    if allowed(build(plain), path):
        assert allowed(build([*plain, (path[:length], True)]), path)
    assert allowed(build([*plain, (path + "$", True)]), path) or any(len(p) > len(path) + 1 for p, _ in plain)


@given(rules, paths)
def test_the_order_of_rules_does_not_matter_and_pickling_neither(found: list[tuple[str, bool]], path: str) -> None:
    assert allowed(build(found), path) == allowed(build(found[::-1]), path)
    assert pickle.loads(pickle.dumps(build(found))).decide(path) == build(found).decide(path)  # noqa: S301


def test_of_equal_patterns_the_first_is_named() -> None:
    assert PathRules([("/a", False, 3), ("/a", False, 7)]).decide("/ab") == (6, False)
    assert PathRules([("/a*", False, 3), ("/a*", True, 7)]).decide("/ab") == (15, False)


LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG = "/" + "a" * 2047
NEARLY = "/" + "a" * 1000 + "b" + "a" * 1000


def _random(seed: int, length: int) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(LETTERS) for _ in range(length))


HOSTILE: dict[str, Callable[[int], tuple[str, bool]]] = {
    "one long wildcard again and again": lambda i: ("/*a*a*a*a*a*a*a*b$", False),
    "endings": lambda i: (f"/*a*a*b{i:x}$", False),
    "short segments": lambda i: ("/*" + "*".join(LETTERS[i // 26**k % 26] for k in range(3)) + f"*{i % 10}", False),
    "segments in the wrong order": lambda i: (f"/*{_random(i, 2)}*{_random(i + 1, 2)}*{i:x}", True),
    "nearly found": lambda i: (f"/*{'a' * 8}b{'a' * (8 + i % 9)}*{i:x}", False),
    "many stars": lambda i: ("/" + "".join(f"*{c}" for c in _random(i, 22)) + "0", False),
    "more and more stars": lambda i: ("/" + "*a" * (i % 700) + "b", i % 2 == 0),
    "nested beginnings": lambda i: (f"/{'a' * (i % 900)}*b*{i:x}", False),
    "plain": lambda i: (f"/{i:x}", False),
    "beginnings and endings": lambda i: (f"/{'a' * (i % 150)}*{'a' * (i // 150 % 150)}$", False),
}


# Issue 3: "A 500 KiB hostile file costs at most 20 ms per URL decided."
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_rules_cost_at_most_20_ms(name: str) -> None:
    make = HOSTILE[name]
    found: list[tuple[str, bool, int]] = []
    octets = 0
    while octets < 500 * 1024 and len(found) < 100_000:
        pattern, allow = make(len(found))
        octets += len(pattern) + 8
        found.append((pattern, allow, len(found)))
    built = PathRules(found)
    for path in (LONG, NEARLY, "/" + _random(5, 2047), "/index.html?x=1", "/" + LETTERS * 4, "/b" + "a" * 2040):
        costs = []
        for _ in range(3):
            before = time.process_time()
            built.decide(path)
            costs.append(time.process_time() - before)
        assert min(costs) < 0.020, (name, path[:20], costs)


def test_wildcards_that_cost_too_much_are_assumed_to_forbid_never_to_allow() -> None:
    tricky = [(f"/*{'a' * 9}b{'a' * (9 + i % 9)}*{i:x}", i) for i in range(14_000)]
    forbidding = PathRules((pattern, False, at) for pattern, at in tricky)
    mark, assumed = forbidding.decide(NEARLY)
    assert assumed
    assert mark >= 0
    assert not mark & 1
    allowing = PathRules([("/", False, 0), *((pattern, True, at + 1) for pattern, at in tricky)])
    assert allowing.decide(NEARLY) == (0, False)
    # The same rules are decided exactly for an ordinary path.
    assert forbidding.decide("/articles/2024/05/title.html") == (-1, False)
