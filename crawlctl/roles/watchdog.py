"""Whether a process still gets on. Pure. One that does not, with work at hand and all services answering, is better begun anew."""


class Watchdog:
    """`seconds`: how long work may be at hand without any progress."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._progress = -1
        self._since = 0.0
        self._well_since = 0.0

    def look(self, progress: int, busy: bool, unread: float, waits: bool, now: float) -> str:
        """Why the process should end, empty if it should not.

        `progress` is any number that changes when something is done, `busy`: there is work at hand. `unread`: seconds for which
        something could have been read from the log and nothing was. `waits`: something that we depend on is away; the time
        until it is back does not count, nor does what was left undone meanwhile.
        """
        if waits:
            self._well_since = now
        if progress != self._progress or not busy or waits:
            self._progress, self._since = progress, now
        elif now - self._since > self._seconds:
            return f"there is work, all services answer, and yet nothing was done for {now - self._since:.0f} s"
        if min(unread, now - self._well_since) > self._seconds:
            return f"there is something to read, the brokers answer, and yet nothing came for {unread:.0f} s"
        return ""
