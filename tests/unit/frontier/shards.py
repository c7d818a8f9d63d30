"""A shard without its machine, for tests of single functions: nothing is loaded, committed or sent."""

from contracts.crawl import HostRow, Transaction
from contracts.messages import Discovery, Message
from contracts.settings import Settings
from frontier.admission import admit
from frontier.policy import Policy
from frontier.shard import Shard
from frontier.workbench import Host
from tests.unit.frontier.playbook import NOW, SETTINGS

ADDRESS = "192.0.2.1"


def new_shard(settings: Settings = SETTINGS, partitions: int = 1, epoch: int = 1) -> Shard:
    """A shard that has all partitions, and no host."""
    shard = Shard(settings, Policy(settings), partitions)
    shard.epochs = dict.fromkeys(range(partitions), epoch)
    return shard


def place(shard: Shard, name: str, *addresses: str) -> Host:
    """A host of the workbench, looked up for the next hour."""
    host = shard.bench.hosts.get(name) or shard.new_host(name, NOW)
    host.row.addresses, host.row.addresses_until = list(addresses) or [ADDRESS], NOW + 3600.0
    return host


def row_of(shard: Shard, name: str) -> HostRow:
    """The row of a host of the workbench."""
    return shard.bench.hosts[name].row


def admitted(shard: Shard, *found: Discovery, now: float = NOW) -> Transaction:
    """What the shard would commit once it has judged these."""
    for each in found:
        for group in each.groups:
            place(shard, group.host)
        admit(shard, each, now)
    return shard.tx


def sent(shard: Shard) -> list[tuple[str, int, Message]]:
    """The messages said since this was asked last."""
    messages, shard.messages = shard.messages, []
    return messages


def refused(shard: Shard) -> dict[str, int]:
    """Refusals so far by their reason."""
    return {name.partition(":")[2]: n for name, n in shard.totals.items() if name.startswith("refused:")}
