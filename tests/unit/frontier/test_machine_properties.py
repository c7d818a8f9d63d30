"""Whatever happens in whatever order: the machine's promises hold (docs/design.md, section 3)."""

from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.crawl import UrlState
from contracts.messages import LinkKind, Order, OrderKind, OutcomeBatch, Purpose, Result
from contracts.notes import Control
from contracts.sites import address_group
from tests.unit.frontier.playbook import SETTINGS, Play, discovery, tuned

HOSTS = ["a.test", "b.test", "www.a.test", "c.test"]
ADDRESSES = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]
FAST = tuned(politeness={"delay": 0.0}, workers={"hosts": 3})
RECRAWL = tuned(recrawl={"enabled": True, "first": 100.0, "shortest": 50.0})
ERRORS = [{"error": "reset"}, {"error": "connect_timeout"}, {"error": "parser_crashed"}, {"error": "bad_http"}]
STATUSES = [404, 500, 503, 429, 403]


class Crawl(RuleBasedStateMachine):
    """A fetcher that answers as it likes, silences, restarts, duplicates."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()
        self.settings = SETTINGS
        self.admitted: set[bytes] = set()
        self.busy_until: dict[str, float] = {}
        self.ended_at: dict[str, float] = {}
        self.old: list[OutcomeBatch] = []
        self.seen_orders: set[bytes] = set()

    # -- what may happen ------------------------------------------------------------------------------------------------

    @rule(settings=st.sampled_from([SETTINGS, FAST, RECRAWL]))
    @precondition(lambda self: not self.play.store.urls)
    def begin(self, settings: object) -> None:
        self.settings = settings  # type: ignore[assignment]
        self.play = Play(self.settings, store=self.play.store, now=self.play.now)

    @rule(
        host=st.sampled_from(HOSTS),
        names=st.lists(st.integers(0, 9), min_size=1, max_size=4),
        https=st.booleans(),
        media=st.booleans(),
    )
    def find(self, host: str, names: list[int], https: bool, media: bool) -> None:
        kind = LinkKind.MEDIA if media else LinkKind.PAGE
        urls = [f"http{'s' * https}://{host}/{n}" for n in names]
        self.step(discovery(urls, kind=kind, on="http://d.test/", purpose=Purpose.LINK))

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.1, 6.0, 70.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.play.now += seconds
        self.step()

    def out(self) -> list[Order]:
        return [order for order in self.play.orders if order.order_id in self.play.machine.shard.out]

    @rule(data=st.data())
    @precondition(lambda self: self.out())
    def answer(self, data: st.DataObject) -> None:
        play = self.play
        order = data.draw(st.sampled_from(self.out()), "order")
        play.now += 0.1
        outcomes = []
        requests = 0
        if order.kind is OrderKind.RESOLVE:
            address = data.draw(st.sampled_from(ADDRESSES), "address")
            found = data.draw(st.sampled_from(["found", "refused", "failed"]), "look-up")
            facts = {
                "found": {"addresses": [address], "ttl": 300.0},
                "refused": {"result": Result.REFUSED, "error": "address_not_global"},
                "failed": {"result": Result.FAILED, "error": "dns_timeout"},
            }[found]
            outcomes = [play.outcome(order, 0, **facts)]  # type: ignore[arg-type]
        else:
            for n in range(len(order.items)):
                what = data.draw(st.sampled_from(["ok", "ok", "status", "error", "skip", "silent", "links"]), "outcome")
                robots: dict[str, Any] = (
                    {"robots_body": b"User-agent: *\nDisallow: /7\n"} if order.kind is OrderKind.ROBOTS else {}
                )
                requests += what not in ("skip", "silent")
                if what == "ok":
                    outcomes.append(play.outcome(order, n, **robots))
                elif what == "links":
                    links = [discovery([f"http://{order.host}/{n}x{len(self.admitted) % 13}"], on="http://a.test/")]
                    outcomes.append(play.outcome(order, n, links=links, **robots))
                elif what == "status":
                    status = data.draw(st.sampled_from(STATUSES), "status")
                    retry = play.now + 30.0 if status in (429, 503) else 0.0
                    if retry:
                        self.busy_until[order.host] = max(self.busy_until.get(order.host, 0.0), retry)
                    outcomes.append(play.outcome(order, n, Result.HTTP_ERROR, status=status, retry_at=retry))
                elif what == "error":
                    error = data.draw(st.sampled_from(ERRORS), "error")
                    outcomes.append(play.outcome(order, n, Result.FAILED, **error))
                elif what == "skip":
                    outcomes.append(play.outcome(order, n, Result.NOT_REQUESTED, error="deadline"))
        batch = OutcomeBatch(outcomes, [play.mark(order, requests)])
        if requests:
            self.ended_at[order.host] = play.now
        self.old.append(batch)
        self.step(batch)

    @rule(data=st.data())
    @precondition(lambda self: self.old)
    def repeat(self, data: st.DataObject) -> None:
        """A duplicate changes nothing: neither rows nor counts."""
        batch = data.draw(st.sampled_from(self.old), "duplicate")
        self.step()
        self.step()
        store = self.play.store
        rows = {key: (row.state, row.tries, row.lost) for key, row in store.urls.items()}
        counters = {name: n for name, n in store.counters.items() if not name.startswith("refused:")}
        links = any(outcome.links for outcome in batch.outcomes)
        new_leases = set(store.leases)
        self.step(OutcomeBatch(batch.outcomes, batch.ends))
        if not links and set(store.leases) == new_leases:
            assert {key: (row.state, row.tries, row.lost) for key, row in store.urls.items()} == rows
            assert {name: n for name, n in store.counters.items() if not name.startswith("refused:")} == counters

    @rule(void=st.booleans())
    def restart(self, void: bool) -> None:
        play = Play(self.settings, store=self.play.store, void=void, now=self.play.now + 1.0)
        play.orders = [] if void else self.play.orders
        self.play = play
        self.old = self.old if not void else []
        self.step()

    @rule(verb=st.sampled_from(["pause", "resume", "block", "unblock"]), host=st.sampled_from(HOSTS))
    def word(self, verb: str, host: str) -> None:
        self.play.control(Control(verb, host, why="test"))
        self.step()

    # -- what must hold -------------------------------------------------------------------------------------------------

    def step(self, *messages: object) -> None:
        play = self.play
        before = {
            name: (host.row.next_at, host.row.paused_until) for name, host in play.machine.shard.bench.hosts.items()
        }
        new = play.step(*messages)  # type: ignore[arg-type]
        for order in new:
            assert order.order_id not in self.seen_orders
            self.seen_orders.add(order.order_id)
            assert order.deadline > play.now
            next_at, paused = before.get(order.host, (0.0, 0.0))
            if not messages:
                assert next_at <= play.now and paused <= play.now, "an order before its host's next turn"
            if order.kind is not OrderKind.RESOLVE:
                assert self.busy_until.get(order.host, 0.0) <= play.now, "before Retry-After"
                if order.host in self.ended_at:
                    assert play.now >= self.ended_at[order.host] + self.settings.politeness.delay
                assert (address_group(order.address), order.order_id) in play.store.permits
            lost = {
                self.row(item.url_id).lost for item in order.items if order.kind in (OrderKind.PAGES, OrderKind.MEDIA)
            }
            assert lost <= {0} or (len(order.items) == 1 and max(lost) < 3)
        self.admitted |= play.store.urls.keys() | play.store.media.keys()

    def row(self, url_id: bytes):  # type: ignore[no-untyped-def]
        return self.play.store.urls.get(url_id) or self.play.store.media[url_id]

    @invariant()
    def one_order_a_host(self) -> None:
        leases = list(self.play.store.leases.values())
        assert len({lease.host for lease in leases}) == len(leases)
        groups = [address_group(lease.address) for lease in leases if lease.address]
        assert len(set(groups)) == len(groups)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every admitted URL is queued (an order only leases it) or settled for good."""
        store = self.play.store
        queued = [key[3] for key in store.queue]
        assert len(queued) == len(set(queued)), "queued twice"
        for url_id in self.admitted:
            row = store.urls.get(url_id) or store.media[url_id]
            if row.state == UrlState.QUEUED:
                assert url_id in queued
        assert set(queued) <= self.admitted

    @invariant()
    def queued_hosts_have_a_turn(self) -> None:
        store = self.play.store
        memory = {host.row.host_id: host.row for host in self.play.machine.shard.bench.hosts.values()}
        for host_id, _, _, _ in store.queue:
            if host_id not in memory:
                assert store.hosts[host_id].queued > 0
            order = any(lease.host_id == host_id for lease in store.leases.values())
            row = memory.get(host_id, store.hosts[host_id])
            assert order or row.due_at < 1e12

    @invariant()
    def counters_are_true(self) -> None:
        store = self.play.store
        for state in UrlState:
            rows = sum(row.state == state for table in (store.urls, store.media) for row in table.values())
            assert store.counters.get(f"state:{int(state)}", 0) == rows
        assert all(count >= 0 for count in store.counters.values())


TestCrawl = Crawl.TestCase
TestCrawl.settings = hypothesis_settings(max_examples=60, stateful_step_count=40, deadline=None)
