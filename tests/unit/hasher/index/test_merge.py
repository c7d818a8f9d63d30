"""hasher.index.merge: which entries a merged table has, and what must still be remembered as gone."""

from hasher.index.kernel import KERNEL
from hasher.index.merge import Plan, counts_from
from hasher.index.table import Digests, flat
from hasher.index.tail import Tail


def _entry(letter: bytes) -> Digests:
    return (("md5", letter * 16),)


def test_the_latest_word_on_what_is_gone() -> None:
    assert counts_from(({1: 5}, {1: 3, 2: 4}), 1) == 5
    assert counts_from(({1: 5}, {1: 3, 2: 4}), 2) == 4
    assert counts_from(({}, {}), 2) == 0


def test_gone_entries_are_dropped_and_forgotten_where_they_are_in_no_older_part() -> None:
    base = flat(1, {1: _entry(b"a"), 2: _entry(b"b")})
    old = flat(3, {2: _entry(b"c"), 3: _entry(b"d"), 5: _entry(b"h")})
    tail = Tail(4)
    tail.add([(3, _entry(b"e")), (4, _entry(b"f"))])
    gone = ({5: 5}, {2: 4, 3: 4})  # 2 was taken out of both tables, 3 was added again, 5 went last
    built = Plan((base,), (old, tail), gone, 31, 77, KERNEL).build()
    assert built.seq == 77 and built.table.number == 4 and built.table.ready
    assert built.table.ids.tolist() == [3, 4] and built.table.weight == 2
    assert len(built.table.exact["md5"].find(b"e" * 16, KERNEL)) == 1
    assert not len(built.table.exact["md5"].find(b"d" * 16, KERNEL))
    assert built.gone == {2: 4}, "2 is in the older table still"
    first = Tail(2)
    first.add([(2, _entry(b"c"))])
    assert Plan((first,), (old,), gone, 31, 0, KERNEL).build().gone == {2: 4}
    assert Plan((), (base, old), gone, 31, 0, KERNEL).build().gone == {}
