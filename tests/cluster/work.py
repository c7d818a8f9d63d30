"""Who did how much: what processes said of themselves in [heartbeats], and the CPU time that this machine counted."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.table import Table

from contracts.notes import Heartbeat
from contracts.settings import Settings
from crawlctl import heartbeats
from tests.bench import cpu
from tests.cluster.cluster import Cluster
from tests.cluster.services import Own

COLUMNS = ("orders", "requests", "pages", "media", "sightings", "matches")
EVERY = 2.0
ALL = 86_400.0
SECONDS = 20.0
ORDER = ("frontier", "fetcher", "hasher", "notices", "broker", "database")


@dataclass
class Work:
    """CPU seconds by process id and those processes' names, looked at every two seconds while `run` runs."""

    cluster: Cluster
    services: Own
    names: dict[int, str] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Look once. Who was killed keeps what it had at the last look."""
        found = {process.pid: process.name for process in self.cluster.processes.values() if process.pid}
        found |= self.services.pids()
        self.names |= found
        for pid in found:
            used = cpu.seconds(cpu.family(pid).values())
            self.seconds[pid] = max(used, self.seconds.get(pid, 0.0))


async def said(settings: Settings) -> list[Heartbeat]:
    """The last word of each process that ever spoke."""
    heard = await heartbeats.latest(settings, within=ALL, seconds=SECONDS)
    assert not heard.note, heard.note
    return list({beat.process: beat for beat in heard.beats}.values())


def table(beats: Iterable[Heartbeat], names: Mapping[int, str], seconds: Mapping[int, float]) -> Table:
    """A row for each process by role; what nobody counts is empty."""
    shown = Table(title="Who did how much", title_justify="left")
    shown.add_column("process")
    for column in ("pid", *COLUMNS, "CPU seconds"):
        shown.add_column("digests" if column == "sightings" else column, justify="right")
    counts = {pid_of(beat.process): beat.counts for beat in beats}
    for pid in sorted(names, key=lambda pid: (ORDER.index(names[pid].rstrip("0123456789")), names[pid], pid)):
        done = counts.get(pid, {})
        cells = [f"{done[column]:.0f}" if column in done else "" for column in COLUMNS]
        shown.add_row(names[pid], str(pid), *cells, f"{seconds.get(pid, 0.0):.1f}")
    shown.caption = "frontier: what it ordered and what came back; hasher: sightings that it looked up"
    shown.caption_justify = "left"
    return shown


def pid_of(process: str) -> int:
    """The process id in a name that a role gives itself: host, id, chance."""
    return int(process.rsplit("-", 2)[1])
