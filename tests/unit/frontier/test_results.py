"""What comes back to a shard: counts, mean times, strain, moves between tables."""

from contracts.crawl import Lane, UrlState
from contracts.messages import LinkKind, OutcomeBatch, Purpose, Result
from contracts.refusals import Reason
from tests.unit.frontier.playbook import Play, discovery, tuned

FAST = tuned(politeness={"delay": 0.0})


def test_a_page_that_turns_out_to_be_media_moves_to_its_table() -> None:
    play = Play(tuned(recrawl={"enabled": True}))
    order = play.open("http://a.test/picture")
    play.fetched(order, is_media=True, content_key=b"k" * 16)
    (row,) = play.store.media.values()
    assert (row.state, row.content_key, play.store.urls) == (UrlState.FETCHED, b"k" * 16, {})
    assert list(play.store.queue.values()) == [True]
    assert play.store.counters["media"] == 1


def test_refused_links_are_counted_by_reason_and_newer_words_do_no_harm() -> None:
    play = Play()
    order = play.open("http://a.test/")
    play.fetched(order, refused_links={Reason.SCHEME.value: 3, "word of tomorrow": 1})
    assert play.store.counters["refused:scheme"] == 3
    assert play.machine.shard.totals["unexpected_messages"] == 1


# Rule 9: 429, 503 and time-outs are held against the address as well.
def test_strain_is_told_with_the_permit() -> None:
    for error, strained in (
        ("429", True),
        ("503", True),
        ("first_byte_timeout", True),
        ("reset", False),
        ("404", False),
    ):
        play = Play()
        order = play.open("http://a.test/")
        status = int(error) if error.isdecimal() else 0
        result = Result.HTTP_ERROR if status else Result.FAILED
        outcome = play.outcome(order, 0, result, status=status, error="" if status else error)
        out = play.machine.shard.out[order.order_id]
        play.step(OutcomeBatch([outcome], []))
        assert out.strain is strained, error


def test_a_url_is_given_up_after_its_tries_with_the_last_error() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    for _ in range(4):
        play.end(order, [play.outcome(order, 0, Result.FAILED, error="bad_encoding", detail="not gzip")])
        if play.row("http://a.test/").state == UrlState.FAILED:
            break
        order = play.until_order(2000.0)
    assert play.row("http://a.test/").why == "tries: 4, the last one bad_encoding: not gzip"
    assert play.store.states() == {"failed": 1} and play.store.queue == {}


# Conditional GET: validators of the last fetch are sent; 304 keeps them and doubles the interval.
def test_recrawl_asks_whether_it_changed() -> None:
    play = Play(tuned(recrawl={"enabled": True, "first": 100.0, "shortest": 10.0}))
    order = play.open("http://a.test/")
    play.fetched(order, etag='"1"', last_modified="then", content_key=b"1")
    first = play.now
    order = play.until_order(200.0)
    assert play.now >= first + 100.0
    assert (order.items[0].etag, order.items[0].last_modified) == ('"1"', "then")
    play.fetched(order, result=Result.NOT_MODIFIED)
    second = play.now
    order = play.until_order(400.0)
    assert play.now >= second + 200.0 and order.items[0].etag == '"1"'
    play.fetched(order, content_key=b"2")
    assert play.row("http://a.test/").interval == 100.0


def test_redirects_are_found_urls_with_their_chain() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/1")
    for n in range(2, 4):
        here, there = f"http://a.test/{n - 1}", f"http://a.test/{n}"
        item = order.items[0]
        found = discovery([there], purpose=Purpose.REDIRECT, on=here, depth=0, hops=item.hops + 1)
        found.chain.extend([*item.chain, item.url_id])
        play.end(order, [play.outcome(order, 0, Result.REDIRECT, location=there, links=[found])])
        order = play.until_order()
    assert (order.items[0].hops, len(order.items[0].chain)) == (2, 2)
    back = discovery(["http://a.test/1"], purpose=Purpose.REDIRECT, on="http://a.test/3", depth=0, hops=3)
    back.chain.extend([*order.items[0].chain, order.items[0].url_id])
    play.end(order, [play.outcome(order, 0, Result.REDIRECT, location="http://a.test/1", links=[back])])
    assert play.store.counters["refused:redirect_loop"] == 1
    assert play.store.states() == {"redirect": 3}


def test_media_learns_the_pages_that_show_it() -> None:
    play = Play(FAST)
    order = play.open("http://a.test/")
    for n in range(12):
        play.step(discovery(["http://b.test/x.jpg"], kind=LinkKind.MEDIA, on=f"http://a.test/{n}"))
    (row,) = play.store.media.values()
    assert len(set(row.found_on)) == 8
    assert play.host("b.test").urls == play.host("b.test").queued == 1
    assert order.items[0].found_on == [] and row.new[10] == Lane.FRESH_HOST
