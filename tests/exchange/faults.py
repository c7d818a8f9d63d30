"""What goes wrong between a source and its client, one fault a request, decided by a seed."""

import random
from enum import StrEnum


class Fault(StrEnum):
    """A fault of one answer."""

    NONE = "none"
    DOWN = "down"
    ERROR = "error"
    BUSY = "busy"
    BUSY_UNTIL = "busy_until"
    RESET = "reset"
    CUT = "cut"
    HALF = "half"
    GARBAGE = "garbage"
    EXPIRED = "expired"
    JUNK = "junk"
    REPEATED = "repeated"
    SHUFFLED = "shuffled"
    CHANGED = "changed"
    STOPPED = "stopped"


class Weather:
    """Draws faults: `share` of the answers have one."""

    def __init__(self, seed: int, share: float) -> None:
        self.chance = random.Random(f"weather {seed}")
        self.share, self.met = share, dict.fromkeys(Fault, 0)
        self.plan: list[Fault] = []
        self.kinds = [fault for fault in Fault if fault != Fault.NONE]

    def next(self) -> Fault:
        """The fault of the next answer: what is planned first, then chance."""
        if self.plan:
            return self.plan.pop(0)
        fault = self.chance.choice(self.kinds) if self.chance.random() < self.share else Fault.NONE
        self.met[fault] += 1
        return fault

    def clear(self) -> None:
        """From now on everything works."""
        self.share, self.plan = 0.0, []
