"""A report to write."""

from contracts.figures import CaseFact, MediaFact, NoticeFact, Period
from notices.figures.fold import DAY, Report, report

SINCE = 20_000 * DAY
PERIOD = Period(SINCE, SINCE + 31 * DAY, SINCE + 31 * DAY)


def made(by: str = "provider", cases: int = 30, name: str = "Host & Söhne <Ltd>", dry: int = 0) -> Report:
    """Cases of two providers, the first of which removes after a day and more."""
    facts = []
    for number in range(cases):
        accepted, fast = SINCE + number * 3600.0, number % 3
        absent = accepted + (1 + number % 5) * DAY if fast else 0.0
        facts.append(
            CaseFact(
                number, bytes([number]) * 32, number, "gone" if fast else "notified", False, True, "CA", "A", b"s" * 16,
                name if fast else "=Other", accepted, accepted, accepted, absent, absent + DAY if absent else 0.0, 0.0, 0.0,
            )
        )  # fmt: skip
    media = [
        MediaFact(20_000 + n % 31, bytes([n]) * 32, b"h", "CA", "A", b"s" * 16, n, n % 2, 20_000) for n in range(cases)
    ]
    notices = [NoticeFact(one.accepted_at, one.provider, "CA", "first", 1, n < dry) for n, one in enumerate(facts)]
    return report(PERIOD, by, media, facts, notices, None, {b"h": name})
