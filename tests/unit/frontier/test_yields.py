"""Runs of pages that bring nothing: how they are counted, what ends them, what is excused, what is refused."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Decoder, encode

from contracts.refusals import Reason
from frontier.shapes import pattern_of
from frontier.yields import EARNED, GRACE, LISTING, MOST, PAGE, Space, Yields, key_of, limit

PAGES = 20


def seen(
    yields: Yields, path: str, *, cost: int = PAGE, led: int = 1, alike: bool = False, fresh: bool = False
) -> None:
    yields.observe(path, key_of(pattern_of(path)), cost, led, alike, fresh, PAGES)


def refused(yields: Yields, path: str, grace: int = 0) -> str:
    shape = pattern_of(path)
    refusal = yields.verdict(path, shape, key_of(shape), PAGES, grace)
    assert refusal is None or refusal.reason is Reason.UNPRODUCTIVE
    return refusal.evidence if refusal else ""


def test_a_pattern_that_only_leads_on_is_refused_after_so_many_pages() -> None:
    yields = Yields()
    for i in range(PAGES - 1):
        seen(yields, f"/item/{i}")
    assert refused(yields, "/item/99") == ""
    seen(yields, "/item/19")
    assert refused(yields, "/item/99") == (
        "pattern /item/*: 20 pages in a row without new media led on to 20, 0 of 20 had some; traps.unproductive_pages = 20"
    )
    assert refused(yields, "/about") == ""


def test_what_waits_in_the_queue_may_still_prove_the_pattern() -> None:
    yields = Yields()
    for i in range(PAGES):
        seen(yields, f"/item/{i}")
    assert refused(yields, "/item/99", 8 // GRACE) == ""
    for i in range(PAGES // GRACE):
        seen(yields, f"/item/{i}")
    assert refused(yields, "/item/99", 8 // GRACE)
    seen(yields, "/item/77", fresh=True)
    assert refused(yields, "/item/99") == ""


def test_near_duplicates_cost_twice() -> None:
    yields = Yields()
    for i in range(PAGES // 2):
        seen(yields, f"/item/{i}", cost=2 * PAGE)
    assert refused(yields, "/item/99")


def test_a_space_that_finds_fewer_pages_than_it_has_ends_by_itself() -> None:
    yields = Yields()
    for i in range(50 * PAGES):
        seen(yields, f"/topic/{i}", led=1 if i % 2 else 0)
    assert refused(yields, "/topic/x1") == ""


def test_new_media_earns_longer_runs_up_to_a_bound() -> None:
    assert limit(Space(), PAGES) == PAGES * PAGE
    assert limit(Space(fresh=2), PAGES) == (PAGES + 2 * EARNED) * PAGE
    assert limit(Space(fresh=10**6), PAGES) == MOST * PAGES * PAGE


def test_a_section_and_a_host_are_refused_by_what_their_patterns_have_not_brought() -> None:
    yields = Yields()
    words = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}x" for i in range(60)]
    for word in words[:PAGES]:
        seen(yields, f"/maze/{word}")
    assert refused(yields, "/maze/unknown").startswith("section /maze/: 20 pages")
    assert refused(yields, "/other/unknown") == ""
    for word in words:
        seen(yields, f"/{word}/{word}")
    assert refused(yields, "/other/unknown").startswith("this host: ")


def test_what_a_pattern_has_brought_itself_stands_above_its_section() -> None:
    yields = Yields()
    seen(yields, "/shop/item/1", fresh=True)
    for i in range(3 * PAGES):
        seen(yields, f"/shop/{chr(97 + i % 26)}{chr(97 + i // 26)}")
    assert refused(yields, "/shop/other").startswith("section /shop/: ")
    assert refused(yields, "/shop/item/2") == ""


def test_an_explained_run_weighs_little_on_the_host_but_many_do() -> None:
    yields = Yields()
    for name in "abcdefghijklmnop":
        for i in range(2 * PAGES):
            seen(yields, f"/{name}/{i}")
        if refused(yields, "/new/page"):
            break
    assert "c" < name < "p"


def listed(yields: Yields, fetched: int, led: int, fresh: bool = False, alike: bool = False) -> int:
    for i in range(fetched):
        seen(yields, f"/topic/{i}", led=led, fresh=fresh, alike=alike)
    return yields.listing("/board/*", {"/topic/*": 8, "/board/*": 1}, False)


def test_lists_of_what_is_worth_it_cost_little_or_nothing() -> None:
    assert listed(Yields(), 10, 0, fresh=True) == 0
    assert listed(Yields(), 10, 0) == LISTING
    assert listed(Yields(), 10, 1) == PAGE
    assert listed(Yields(), 10, 0, alike=True) == PAGE


def test_lists_of_what_was_not_fetched_yet_are_given_credit_for_three_levels() -> None:
    yields = Yields()
    shapes = [f"/{'/'.join('*' * n)}" for n in range(1, 8)]
    costs = [yields.listing(shape, {below: 9}, False) for shape, below in pairwise(shapes)]
    assert costs == [LISTING, LISTING, LISTING, PAGE, PAGE, PAGE]
    assert Yields().listing("/list?a", {"/list?a&b": 9}, False) == PAGE  # the same path with other parameters
    assert Yields().listing("/list", {"/item/*": 2}, False) == PAGE  # too few for a list


@given(
    st.lists(
        st.tuples(
            st.text("ab1/?=&", max_size=8),
            st.sampled_from([0, LISTING, PAGE, 2 * PAGE]),
            st.integers(0, 9),
            st.booleans(),
        ),
        max_size=300,
    )
)
def test_the_state_is_small_and_survives_storage(pages: list[tuple[str, int, int, bool]]) -> None:
    yields = Yields()
    for text, cost, led, fresh in pages:
        seen(yields, f"/{text}", cost=cost, led=led, fresh=fresh)
        if fresh:
            assert refused(yields, f"/{text}") == ""
    for number in range(400):
        seen(yields, f"/{chr(97 + number % 26)}{chr(97 + number // 26)}/{number}")
    stored = encode(yields)
    assert len(stored) < 4_096
    assert encode(Decoder(Yields).decode(stored)) == stored
