"""How much a bench measures, from `BENCH_*` in the environment, and the settings of the crawler under test."""

import os
from dataclasses import dataclass

from contracts.settings import Addresses, Politeness, Settings


@dataclass(frozen=True)
class Sizes:
    """`pages` of one run of the whole system, `bare` of one run of a client, `rounds` of each, `urls` and `images` once."""

    hosts: int = 200
    pages: int = 12_000
    bare: int = 6_000
    rounds: int = 3
    urls: int = 240_000
    images: int = 600


def from_environment() -> Sizes:
    """BENCH_HOSTS, BENCH_PAGES, BENCH_BARE, BENCH_ROUNDS, BENCH_URLS, BENCH_IMAGES; ValueError for what is no number."""
    known = Sizes()
    return Sizes(**{name: int(os.environ.get(f"BENCH_{name.upper()}", value)) for name, value in vars(known).items()})


def settings(nameserver: str) -> Settings:
    """The defaults, fsync included, for loopback, and with no delay: politeness is worked out and comes to nothing."""
    return Settings(
        user_agent="Pisaura/1.0 (+https://hotline.example/bot)",
        politeness=Politeness(delay=0.0, slow_factor=0.0),
        addresses=Addresses(allow=["127.0.0.0/8"], nameservers=[nameserver] if nameserver else []),
    )
