"""Who asks for re-checks in a run, as the notices role does: each until it is answered, again and again while nobody answers."""

import hashlib
from collections import Counter
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from contracts.errands import RecheckErrand
from contracts.messages import Discovery, Link, LinkGroup, LinkKind, Order, Purpose, Recheck
from contracts.refusals import Refusal
from contracts.topics import ORDERS_RECHECKS, RECHECKS, URLS
from contracts.urls import bucket_of, parse, partition_of, url_id
from tests.simulation.processes import SEALER
from tests.simulation.web import Page

if TYPE_CHECKING:
    from tests.simulation.world import World

PATIENCE: Final = 40.0
UNLINKED: Final = "/unlinked.png"
"""A picture that no page shows: only re-checks lead there, and no row may."""
PATHS: Final = ("/img0.png", "/img1.png", UNLINKED, "/private/picture.png", "/gone.png", "/p0")
MOST: Final = 12


class Asker:
    """Asks in the time of trouble and afterwards; `waiting` are tickets without an answer."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.waiting: dict[bytes, str] = {}
        self.asked: dict[bytes, str] = {}
        self.answers: dict[bytes, dict[tuple[float, float], Recheck]] = {}
        self._read = 0
        self._chance = Random(f"rechecks {world.scenario.seed}")

    def begin(self) -> None:
        """Ask for some media of the scenario's sites, some of them more than once."""
        origins = [seed.removesuffix("/p0") for seed in self.world.scenario.seeds if seed.endswith("/p0")]
        for site in self.world.scenario.sites:
            site.pages[UNLINKED] = site.pages["/private/picture.png"] = Page(picture=True)
            site.pages["/gone.png"] = Page(status=404)
        for _ in range(MOST):
            url = self._chance.choice(origins) + self._chance.choice(PATHS)
            at = self._chance.uniform(0.0, self.world.scenario.chaos)
            self.world.scheduler.after(at, partial(self._ask, url))

    def _ask(self, text: str) -> None:
        world, url = self.world, parse(text)
        assert not isinstance(url, Refusal)
        ticket = len(self.asked).to_bytes(16, "big")
        self.asked[ticket] = self.waiting[ticket] = text
        body = world.web.page(text).body(text)
        head = SEALER.content_key(hashlib.sha256(body).digest()) if self._chance.random() < 0.5 else b""
        errand = RecheckErrand(
            ticket,
            etag='"v"' if self._chance.random() < 0.3 else "",
            head_key=head,
            size=len(body),
            due_at=world.scheduler.unix(),
        )
        bucket = bucket_of(url.host)
        group = LinkGroup(url.https, url.host, bucket, [Link(url.path, url_id(text), LinkKind.MEDIA)])
        found = Discovery(Purpose.RECHECK, b"", 0, world.scheduler.unix(), [group], recheck=errand)
        world.broker.append((URLS, partition_of(bucket, world.scenario.partitions)), [found])
        world.scheduler.after(PATIENCE, partial(self._again, ticket, text))

    def _again(self, ticket: bytes, text: str) -> None:
        self.hear()
        if self.waiting.pop(ticket, None) is not None:
            self._ask(text)

    def hear(self) -> None:
        """Take in what was answered."""
        records = self.world.broker.partition((RECHECKS, 0)).records
        for record in records[self._read :]:
            for message in record:
                assert isinstance(message, Recheck)
                when = message.started_at, message.ended_at
                self.answers.setdefault(message.ticket, {})[when] = message
                self.waiting.pop(message.ticket, None)
        self._read = len(records)

    def settled(self) -> bool:
        """Whether all that was asked is answered."""
        self.hear()
        return not self.waiting

    # -- what must hold ---------------------------------------------------------------------------------------------

    def broken(self) -> list[str]:
        """What a run has broken of the promises about re-checks."""
        return [*self._twice(), *self._forbidden(), *self._rows()]

    def _twice(self) -> list[str]:
        """No order asks for anything twice, and there are no more answers of fetchers than orders that they took."""
        world, said = self.world, []
        requests = Counter(
            (one.order.order_id, one.url) for one in world.web.exchanges if one.order.items[0].recheck is not None
        )
        said += [f"order {order.hex()[:8]} requested {url} twice" for (order, url), n in requests.items() if n > 1]
        taken: Counter[bytes] = Counter()
        for number in range(world.scenario.partitions):
            for record in world.broker.partition((ORDERS_RECHECKS, number)).records:
                for order in record:
                    assert isinstance(order, Order)
                    if world.broker.taken_by(order.order_id):
                        taken.update(item.recheck.ticket for item in order.items if item.recheck is not None)
        for ticket, answers in self.answers.items():
            ours = [one for one in answers.values() if one.place]
            if len(ours) > taken[ticket]:
                said.append(f"re-check of {self.asked[ticket]} has {len(ours)} answers of {taken[ticket]} orders")
        return said

    def _forbidden(self) -> list[str]:
        """Robots obeyed: what a robots.txt forbids is answered by the frontier."""
        sites, said = self.world.web.sites, []
        for ticket, url in self.asked.items():
            site = sites[url.partition("://")[2].partition("/")[0]]
            rules = sites[site.robots_at.partition("://")[2].partition("/")[0]] if site.robots_at else site
            if "/private/" in url and rules.robots and any(one.place for one in self.answers.get(ticket, {}).values()):
                said.append(f"{url} was looked at again, though robots.txt forbids it")
        return said

    def _rows(self) -> list[str]:
        """Nothing in the crawl's rows tells of a re-check."""
        tables = self.world.tables
        rows = [row.path for table in (tables.urls, tables.media) for row in table.values() if row.path == UNLINKED]
        return [f"{len(rows)} rows of a URL that was only looked at again"] if rows else []
