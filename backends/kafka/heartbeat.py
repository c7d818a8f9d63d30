"""By how much a process' clock differs from the brokers': they stamp heartbeats when they append them."""


def skew(t0: float, t1: float, appended: float) -> tuple[float, float]:
    """By how many seconds our clock is ahead, and by how many that may be wrong: a message was sent at `t0` and acked at `t1` by
    our clock, and appended in between, at `appended` by the broker's. As in RFC 5905, with half of the way back and forth."""
    return (t0 + t1) / 2 - appended, abs(t1 - t0) / 2
