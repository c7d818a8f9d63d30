"""frontier.ownership: every partition has one shard, all shards about as many (design, rule 4)."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.crawl import Ownership, PartitionRow
from frontier.ownership import Moves, decide, quotas

NOW, LEASE = 1_800_000_000.0, 10.0


def seen(owners: list[str], shards: list[str], until: float = NOW + LEASE) -> Ownership:
    return Ownership([PartitionRow(n, owner, 1, until if owner else 0.0) for n, owner in enumerate(owners)], shards)


def test_who_is_alone_claims_everything() -> None:
    assert decide("a", seen([""] * 4, ["a"]), frozenset(), NOW) == Moves([0, 1, 2, 3], None, 4, True)


def test_two_that_start_at_once_want_different_partitions() -> None:
    rows = seen([""] * 4, ["a", "b"])
    assert decide("a", rows, frozenset(), NOW).claim == [0, 1]
    assert decide("b", rows, frozenset(), NOW).claim == [2, 3]


def test_what_a_silent_shard_held_is_claimed_once_its_lease_is_over() -> None:
    rows = seen(["a", "a", "b", "b"], ["a"], until=NOW + 1.0)
    assert decide("a", rows, frozenset({0, 1}), NOW) == Moves([], None, 4, False)
    assert decide("a", rows, frozenset({0, 1}), NOW + 1.1) == Moves([2, 3], None, 4, True)


def test_a_partition_is_given_up_one_at_a_time_until_the_newcomer_has_its_share() -> None:
    rows = seen(["a"] * 4, ["a", "b"])
    assert decide("a", rows, frozenset(range(4)), NOW) == Moves([], 3, 2, False)
    assert decide("a", seen(["a", "a", "a", ""], ["a", "b"]), frozenset({0, 1, 2}), NOW) == Moves([], 2, 2, False)
    assert decide("a", seen(["a", "a", "b", "b"], ["a", "b"]), frozenset({0, 1}), NOW) == Moves([], None, 2, True)


def test_rows_of_an_earlier_try_of_ours_are_claimed_anew() -> None:
    assert decide("a", seen(["a", "a"], ["a"]), frozenset(), NOW).claim == [0, 1]


def test_what_a_claim_without_an_answer_took_is_given_up_if_it_is_too_much() -> None:
    rows = seen(["a"] * 4, ["a", "b"])
    assert decide("a", rows, frozenset({0, 1}), NOW) == Moves([], None, 2, False, [2, 3])
    assert decide("a", rows, frozenset({0}), NOW) == Moves([1], None, 2, False, [2, 3])


def test_what_is_left_over_stays_where_it_is() -> None:
    assert quotas(seen(["b", "b", "a"], ["a", "b"]), "a") == {"b": 2, "a": 1}


def test_more_shards_than_partitions_leave_some_with_nothing_to_do() -> None:
    rows = seen(["a", "b"], ["a", "b", "c"])
    assert decide("c", rows, frozenset(), NOW) == Moves([], None, 0, True)


@given(st.integers(0, 7), st.integers(1, 6), st.data())
def test_whatever_the_start_all_come_to_rest_with_their_quotas(power: int, count: int, data: st.DataObject) -> None:
    """Everybody looks in turn; what is decided is carried out. Nothing is held twice, and nothing moves for ever."""
    number, shards = 2**power, [f"s{n}" for n in range(count)]
    owners = [data.draw(st.sampled_from(["", *shards])) for _ in range(number)]
    moved = 0
    for _ in range(3 * number + 3):
        quiet = True
        for shard in shards:
            served = frozenset(n for n, owner in enumerate(owners) if owner == shard)
            moves = decide(shard, seen(owners, shards), served, NOW)
            for partition in moves.claim:
                assert owners[partition] == ""
                owners[partition], quiet = shard, False
            if moves.release is not None:
                assert owners[moves.release] == shard and not moves.claim
                owners[moves.release], quiet = "", False
                moved += 1
        if quiet:
            break
    held = sorted(owners.count(shard) for shard in shards)
    assert sum(held) == number and held[-1] - held[0] <= 1
    assert moved <= number
