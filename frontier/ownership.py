"""Who holds which partition (design, rule 4): what a shard claims and gives up, by what Postgres says of all shards.

All shards look at the same rows and come to the same quotas: the partitions divided by the shards that live, and those who
hold most take what is left over, so that as little moves as can be. A partition is given up one at a time; whoever is below
its quota takes what is free.
"""

from msgspec import Struct

from contracts.crawl import Ownership


class Moves(Struct, frozen=True):
    """Partitions to claim, one to release (None: none), and the shard's quota. `settled`: nothing is left to be moved.

    `stray` ones are the shard's by the rows, are not served, and are more than its quota: a claim of an earlier try took place
    whose answer never came. They are given up at once; renewing would hold them for ever.
    """

    claim: list[int]
    release: int | None
    quota: int
    settled: bool
    stray: list[int] = []


def quotas(seen: Ownership, shard: str) -> dict[str, int]:
    """How many partitions each live shard is to hold. `shard` counts as alive, whatever the rows say."""
    shards = sorted({*seen.shards, shard})
    held = dict.fromkeys(shards, 0)
    for row in seen.partitions:
        if row.owner in held:
            held[row.owner] += 1
    least, over = divmod(len(seen.partitions), len(shards))
    by_load = sorted(shards, key=lambda name: (-held[name], name))
    return {name: least + (place < over) for place, name in enumerate(by_load)}


def decide(shard: str, seen: Ownership, served: frozenset[int], now: float) -> Moves:
    """What a shard that serves these partitions does next. Rows that name it and that it does not serve are of an earlier try:
    they are claimed anew like free ones."""
    quota = quotas(seen, shard)[shard]
    rank = sorted({*seen.shards, shard}).index(shard)
    free = [
        row.partition
        for row in seen.partitions
        if row.partition not in served and (row.owner == shard or row.lease_until < now)
    ]
    room = quota - len(served)
    start = rank * len(seen.partitions) // max(1, len({*seen.shards, shard}))
    ours = sorted(
        free, key=lambda partition: (partition < start, partition)
    )  # several that start at once want different ones
    claim = sorted(ours[: max(0, room)])
    release = max(served) if room < 0 else None
    stray = [
        row.partition for row in seen.partitions if row.owner == shard and row.partition not in served.union(claim)
    ]
    return Moves(claim, release, quota, settled=room == len(claim) and not stray, stray=stray)
