"""Errors named by what the caller can do next. Drivers' errors become one of these at the edge."""


class PisauraError(Exception):
    """Something went wrong; the message says what happened, to what, and what to do next."""


class UsageError(PisauraError):
    """The operator's input cannot be used (arguments, a file, a setting). `crawlctl` prints it and exits with 2."""


class StateInUse(UsageError):
    """Another process holds this state folder; stop it, or name another folder with --state."""


class Unavailable(PisauraError):
    """A service that we depend on (Postgres, the log) does not answer now; wait with back-off and try again."""


class Stale(PisauraError):
    """A partition's row has another epoch or offset: another process owns it. Stop serving it and forget its state."""


class WorkerLost(PisauraError):
    """A worker process died of a piece of work or had to be killed; that piece is lost, the next one gets a new process."""


class Corrupt(PisauraError):
    """Stored or received data cannot be read as what it claims to be; it is parked, never guessed at."""


def kind_and_place(error: BaseException) -> str:
    """What an error that nobody foresaw is and where it was raised. Never its text: a library's may quote a URL, a digest or what
    a server sent."""
    trace = error.__traceback__
    if trace is None:
        return type(error).__name__
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    return f"{type(error).__name__} in {frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}:{trace.tb_lineno}"
