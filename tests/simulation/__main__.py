"""`python -m tests.simulation --runs 5000 --seed 0`: many runs; `--seed N --replay`: one run, with the log of its events."""

import argparse
import logging
import sys
import time
from typing import Final

from tests.simulation.scenario import scenario
from tests.simulation.world import World

TAIL: Final = 80
"""Events that are shown of a run that failed."""
EVERY: Final = 250


def simulate(seed: int) -> World:
    """One run, with its verdict."""
    world = World(scenario(seed))
    world.run()
    return world


def told(world: World, most: int | None = TAIL) -> str:
    """What was broken, and the last events."""
    s = world.scenario
    events = world.scheduler.events[-most:] if most is not None else world.scheduler.events
    lines = [
        f"seed {s.seed}: {s.shards} shards, {s.fetchers} fetchers, latency {s.latency} s, clocks off by {s.skew} s, kills {s.kills:.3f},"
        f" stops {s.stops:.3f}, restarts {s.restarts:.3f}, lost {s.lost:.3f}, outages {s.outages:.3f}, trouble {s.trouble:.3f}",
        *(f"{at:10.3f} {who}: {what}" for at, who, what in events),
        *(f"BROKEN {what}" for what in world.judge.broken),
        f"python -m tests.simulation --seed {s.seed} --replay",
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """0 if all runs held."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds, one after the other")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", action="store_true", help="show all events")
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    failed: list[int] = []
    begun, virtual = time.process_time(), 0.0
    for seed in range(given.seed, given.seed + given.runs):
        world = simulate(seed)
        virtual += world.scheduler.time()
        if world.judge.broken:
            failed.append(seed)
        if world.judge.broken or given.replay:
            print(told(world, None if given.replay else TAIL), flush=True)
        if (seed + 1 - given.seed) % EVERY == 0:
            print(f"{seed + 1 - given.seed} runs, {len(failed)} failed", flush=True)
    spent = time.process_time() - begun
    print(
        f"{given.runs} runs, {virtual / 3600:.1f} hours of crawling in {spent:.0f} s of CPU; failed: {failed or 'none'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
