"""All that deciding about a case asks besides the case: settings, switches, routes, and how much was told already."""

from collections.abc import Mapping

from msgspec import Struct, field

from contracts.removal import Notices, Operator, Rechecks
from notices.routes import Routes, shipped


class Switches(Struct, frozen=True):
    """What the operator has switched on: `sending` notices at all (a dry run's folder counts), and `auto`: exact cases that pass
    every rule are told without a supervisor's release. Two people switch each."""

    sending: bool = False
    auto: bool = False


class EntryLoad(Struct, frozen=True):
    """Who was told on the ground of one entry in the 24 h since its first notice (`first_at`, 0.0: none yet): recipients' keys."""

    first_at: float = 0.0
    recipients: frozenset[str] = frozenset()


class Load(Struct, frozen=True):
    """What brakes are counted from: notices made in the last 24 h, retractions aside, and the load of the case's entries."""

    notices: int = 0
    entries: Mapping[int, EntryLoad] = {}


class Rules(Struct, frozen=True):
    """Everything at once; the service makes it anew for each step, from settings, tables and counts as they stand. `dry`: notices are
    only written to a folder."""

    notices: Notices = field(default_factory=Notices)
    rechecks: Rechecks = field(default_factory=Rechecks)
    operator: Operator = field(default_factory=Operator)
    switches: Switches = Switches()
    routes: Routes = field(default_factory=shipped)
    load: Load = Load()
    dry: bool = False
