"""What a seed stands for: a small closed web, how many processes serve it, and what goes wrong how often."""

from dataclasses import dataclass
from random import Random
from typing import Final

from contracts.cluster import Cluster, Kafka
from contracts.settings import LimitSettings, Politeness, Recrawl, Settings, Workers
from tests.simulation.web import RULES, Page, Site

PARTITIONS: Final = 8
DELAY: Final = 1.0
FAR_OFF: Final = 1e6
"""Seconds until a URL is fetched again: never in a run."""


@dataclass(frozen=True)
class Scenario:
    """Rates are per second of virtual time and process, or chances of a single way; `skew` is the most that a clock is off."""

    seed: int
    settings: Settings
    sites: list[Site]
    seeds: list[str]
    shards: int
    fetchers: int
    chaos: float
    latency: float
    skew: float
    kills: float
    stops: float
    restarts: float
    lost: float
    outages: float
    trouble: float
    seeded_over: float = 20.0
    partitions: int = PARTITIONS


def settings_of(chance: Random, sites: list[Site]) -> Settings:
    """Short limits, so that what takes minutes takes seconds."""
    return Settings(
        politeness=Politeness(
            delay=DELAY, backoff=2.0, max_backoff=20.0, max_delay=5.0, slow_factor=chance.choice([0.0, 2.0]), address_sites=2,
            media_hosts=[site.host for site in sites[:2]] if chance.random() < 0.25 else [], media_orders=3,
        ),
        limits=LimitSettings(
            total=6.0, media_total=8.0, first_byte=4.0, order_start=5.0, order_run=8.0, order_urls=chance.choice([1, 4, 20])
        ),
        recrawl=Recrawl(enabled=chance.random() < 0.5, first=FAR_OFF, shortest=FAR_OFF, longest=4 * FAR_OFF),
        workers=Workers(
            hosts=chance.choice([4, 1000]), seen=chance.choice([20, 100_000]), flush=chance.choice([0.01, 0.2]), cycle=0.05
        ),
        cluster=Cluster(partitions=PARTITIONS),
        kafka=Kafka(bootstrap="broker"),
    )  # fmt: skip


def web_of(chance: Random) -> tuple[list[Site], list[str]]:
    """Some sites of one or two hosts on a few addresses, linked with each other; and what the crawl begins with."""
    addresses = [f"192.0.2.{n + 1}" for n in range(chance.randint(1, 4))]
    hosts: list[tuple[str, str]] = []
    for number in range(chance.randint(2, 7)):
        for n in range(chance.choice([1, 1, 2])):
            hosts.append((f"h{n}.s{number}.test", chance.choice(["http", "http", "https"])))
    sites = []
    everywhere = [f"{scheme}://{host}/p{n}" for host, scheme in hosts for n in range(chance.randint(1, 7))]
    for host, scheme in hosts:
        site = Site(host, chance.sample(addresses, chance.randint(1, min(2, len(addresses)))))
        kind = chance.random()
        if kind < 0.2:
            site.robots = ""
        elif kind < 0.35:
            site.crawl_delay = 2.0
            site.robots = RULES + "Crawl-delay: 2\n"
        elif kind < 0.5:
            other, other_scheme = chance.choice(hosts)
            site.robots_at = f"{other_scheme}://{other}/robots-of-others.txt" if other != host else ""
        ours = [url for url in everywhere if url.startswith(f"{scheme}://{host}/")]
        for url in ours:
            page = Page(links=chance.sample(everywhere, min(len(everywhere), chance.randint(0, 8))))
            page.links += [f"/private/{n}" for n in range(chance.choice([0, 0, 1]))]
            page.pictures = [f"/img{n}.png" for n in range(chance.choice([0, 0, 1, 2]))]
            if chance.random() < 0.1:
                page = Page(redirect=chance.choice(everywhere))
            elif chance.random() < 0.05:
                page = Page(status=chance.choice([404, 410, 403]))
            site.pages[url.partition(host)[2]] = page
        for n in range(3):
            site.pages[f"/img{n}.png"] = Page(picture=True)
        sites.append(site)
    seeds = [chance.choice(everywhere) for _ in range(chance.randint(1, 4))]
    return sites, [*dict.fromkeys([*seeds, *(f"{scheme}://{host}/p0" for host, scheme in hosts)])]


def scenario(seed: int) -> Scenario:
    """The scenario of a seed. One in eight is without any fault; the others have a few kinds of them each."""
    chance = Random(f"scenario {seed}")
    sites, seeds = web_of(chance)
    calm = seed % 8 == 0

    def some(most: float) -> float:
        return 0.0 if calm or chance.random() < 0.5 else chance.random() * most

    return Scenario(
        seed=seed,
        settings=settings_of(chance, sites),
        sites=sites,
        seeds=seeds,
        shards=chance.randint(1, 3),
        fetchers=chance.randint(1, 3),
        chaos=10.0 if calm else chance.uniform(30.0, 120.0),
        latency=chance.choice([0.002, 0.02, 0.2]),
        skew=0.0 if calm or chance.random() < 0.5 else 2.0,
        kills=some(0.05),
        stops=some(0.05),
        restarts=some(0.03),
        lost=some(0.05),
        outages=some(0.03),
        trouble=some(0.3),
    )
