"""hasher.sources.report: every bad line is counted, the first ones are kept, and both counts say the same."""

from contracts.lists import Refused, Stored
from contracts.refusals import Reason, refuse
from hasher.lists import BadLine
from hasher.sources.report import SAMPLES, ImportReport


def bad(count: int, reason: Reason = Reason.BAD_DIGEST) -> list[BadLine]:
    return [BadLine(n, 2, refuse(reason, "why")) for n in range(1, count + 1)]


def test_what_is_stored_is_what_is_reported() -> None:
    report = ImportReport("iwf", 100)
    for n in (1, 2):
        step = report.step(10, 5, bad(n), 3, b"here")
        assert (step.bytes_read, step.lines, step.held, step.cursor) == (10, 5, 3, b"here")
        assert step.bad == {Reason.BAD_DIGEST: n} and step.samples[0] == Refused(1, 2, "bad_digest", "why")
        report.add(step, Stored(added=2, changed=1, deleted=1), 4, bad(n))
    assert (report.bytes_read, report.lines, report.entries, report.held) == (20, 10, 8, 6)
    assert (report.added, report.changed, report.deleted) == (4, 2, 2)
    assert report.bad == {Reason.BAD_DIGEST: 3} and len(report.samples) == 3


def test_all_bad_lines_are_counted_and_the_first_are_kept() -> None:
    report = ImportReport("iwf", 0)
    for reason in (Reason.BAD_LINE, Reason.BAD_DIGEST):
        many = bad(SAMPLES - 1, reason)
        step = report.step(0, 0, many, 0, None)
        report.add(step, Stored(), 0, many)
    assert len(step.samples) == 1 and len(report.samples) == SAMPLES
    assert report.bad == {Reason.BAD_LINE: SAMPLES - 1, Reason.BAD_DIGEST: SAMPLES - 1}
    assert report.step(0, 0, bad(1), 0, None).samples == []
