"""Brakes on sending (docs/domain.md, section 2).

"Brakes: at most 5 recipients per entry in its first 24 h, at most 2,000 notices a day in all; above: hold and alert." An entry's
first 24 h begin with its first notice: one that lay still for a month and is everywhere at once is braked like a new one.
Retractions are not braked: they take back what was said.

Counts are those before the notice that is asked about, so who composes does it one after another, counting anew each time.
"""

from typing import Final

from contracts.options import DAY
from notices.rules import Rules

ENTRY: Final = "brake_entry"
DAILY: Final = "brake_day"


def braked(entry_id: int, recipient: str, now: float, rules: Rules) -> str:
    """Which brake keeps a notice on the ground of this entry from this recipient now, or empty."""
    if rules.load.notices >= rules.notices.per_day:
        return DAILY
    load = rules.load.entries.get(entry_id)
    if load is None or not load.first_at or now >= load.first_at + DAY or recipient in load.recipients:
        return ""
    return ENTRY if len(load.recipients) >= rules.notices.entry_recipients else ""


def loosens_at(entry_id: int, now: float, rules: Rules) -> float:
    """When the brake of this entry's first day ends, 0.0 if it is over or has not begun."""
    load = rules.load.entries.get(entry_id)
    end = load.first_at + DAY if load is not None and load.first_at else 0.0
    return end if end > now else 0.0
