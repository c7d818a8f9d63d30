"""CPU seconds of whole families of processes, those that have ended included."""

from collections.abc import Iterable

import psutil


def family(*roots: int) -> dict[int, psutil.Process]:
    """The processes `roots` and everything below them, by id."""
    found: dict[int, psutil.Process] = {}
    for root in roots:
        try:
            process = psutil.Process(root)
            found.update({one.pid: one for one in (process, *process.children(recursive=True))})
        except psutil.NoSuchProcess:
            continue
    return found


def seconds(processes: Iterable[psutil.Process]) -> float:
    """User and system seconds so far. A child that ended counts through whoever reaped it, so each second counts once."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
