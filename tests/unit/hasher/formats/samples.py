"""What tests of list formats share: digests, entries as hypothesis makes them, how bad lines are told, and answers with a few
mutations."""

from collections.abc import Iterable

from hypothesis import strategies as st

from contracts.lists import ACTS, AGES, LEGALITIES
from hasher.lists import ALGORITHMS, EMPTY_FILE, BadLine, ListEntry, quarantine

MD5, SHA1 = "0123456789abcdef" * 2, "0123456789" * 4
SHA256, PDQ = "fedcba9876543210" * 4, "5a" * 32

WORD = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
NOTE = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters='"\n,'), max_size=40).map(str.strip)


def reasons(bad: Iterable[BadLine]) -> list[tuple[int, int, str]]:
    """(line, column, reason) of each."""
    return [(line.line, line.column, str(line.refusal.reason)) for line in bad]


def digests(*algorithms: str) -> st.SearchStrategy[tuple[tuple[str, bytes], ...]]:
    """1 to 4 digests, in the order of `ALGORITHMS`."""
    one = st.sampled_from(algorithms).flatmap(
        lambda name: st.tuples(
            st.just(name),
            st.binary(min_size=ALGORITHMS[name], max_size=ALGORITHMS[name]).filter(lambda d: d not in EMPTY_FILE),
        )
    )
    order = list(ALGORITHMS)
    return st.lists(one, min_size=1, max_size=4, unique=True).map(
        lambda found: tuple(sorted(found, key=lambda pair: order.index(pair[0])))
    )


def opaque(*names: str) -> st.SearchStrategy[tuple[tuple[str, bytes], ...]]:
    """Digests that are only kept."""
    one = st.tuples(st.sampled_from(names), st.binary(min_size=144, max_size=144))
    return st.lists(one, max_size=3, unique=True).map(tuple)


def held(entries: list[ListEntry]) -> list[ListEntry]:
    """The entries as a reader gives them: the featureless ones held."""
    quarantine(entries)
    return entries


GRADES = {"legality": LEGALITIES, "act": ACTS, "age": AGES}


@st.composite
def mutations(draw: st.DrawFn, valid: bytes) -> bytes:
    """`valid` with 1 to 4 pieces taken out, put in or replaced."""
    body = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body) - 1))
        body[at : at + draw(st.integers(0, 20))] = draw(st.binary(max_size=20))
    return bytes(body)
