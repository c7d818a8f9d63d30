"""backends.postgres.permits: how many orders may be out at one server address (design, rule 9)."""

from hypothesis import given
from hypothesis import strategies as st

from backends.postgres.permits import BUSY_RETRY, LOCKED_RETRY, grant, permits
from contracts.crawl import PermitRequest

NOW = 1_000_000


def request(address: str, order: int) -> PermitRequest:
    return PermitRequest(address, order.to_bytes(16, "big"), 0.0)


def row(
    address: str = "a", sites: int = 1, next_at: int = 0, strained: int = 0, out: int = 0
) -> tuple[str, int, int, int, int]:
    return address, sites, next_at, strained, out


def test_one_up_to_eight_sites_then_one_for_each_eight_at_most_sixty_four() -> None:
    assert [permits(sites, False, 8, 64) for sites in (0, 1, 8, 9, 16, 17, 512, 513, 100_000)] == [
        1,
        1,
        1,
        2,
        2,
        3,
        64,
        64,
        64,
    ]


def test_strain_halves_and_never_forbids() -> None:
    assert [permits(sites, True, 8, 64) for sites in (1, 9, 17, 512)] == [1, 1, 1, 32]


def test_first_come_first_served_and_the_others_are_told_when_to_ask() -> None:
    granted, later = grant([row("a"), row("b")], [request("a", 1), request("a", 2), request("b", 3)], NOW, 8, 64)
    assert [one.order_id[-1] for one in granted] == [1, 3]
    assert later == {"a": NOW + BUSY_RETRY}


def test_an_address_rests_until_its_time() -> None:
    assert grant([row(next_at=NOW + 700)], [request("a", 1)], NOW, 8, 64) == ([], {"a": NOW + 700})


def test_a_row_that_another_shard_holds_is_asked_for_again_soon() -> None:
    assert grant([], [request("a", 1)], NOW, 8, 64) == ([], {"a": NOW + LOCKED_RETRY})


@given(st.integers(0, 2_000), st.integers(0, 80), st.integers(0, 100), st.booleans())
def test_never_more_out_than_permits(sites: int, out: int, wanted: int, strained: bool) -> None:
    rows = [row(sites=sites, out=out, strained=NOW + 1 if strained else 0)]
    granted, later = grant(rows, [request("a", n) for n in range(wanted)], NOW, 8, 64)
    assert len(granted) == max(0, min(wanted, permits(sites, strained, 8, 64) - out))
    assert bool(later) is (len(granted) < wanted)


def test_an_address_of_a_host_that_policy_names_has_as_many_permits_as_it_may_have_orders_unless_it_is_strained() -> (
    None
):
    wanted = [PermitRequest("a", bytes([n]), 1.0, 3) for n in range(5)]
    granted, _ = grant([("a", 1, NOW + 50, 0, 1)], wanted, NOW, 8, 64)
    assert len(granted) == 2
    granted, later = grant([("a", 1, NOW + 50, NOW + 1000, 0)], wanted, NOW, 8, 64)
    assert granted == [] and later == {"a": NOW + 50}


def test_what_a_named_host_may_have_is_not_for_others_who_ask_at_the_same_time() -> None:
    named, plain = PermitRequest("a", b"n", 1.0, 3), [PermitRequest("a", bytes([n]), 1.0) for n in range(3)]
    assert grant([("a", 1, 0, 0, 0)], [*plain, named], NOW, 8, 64) == ([plain[0], named], {"a": NOW + BUSY_RETRY})
    granted, later = grant([("a", 1, NOW + 50, 0, 0)], [*plain, named], NOW, 8, 64)
    assert granted == [named] and later == {"a": NOW + 50}
