"""contracts.refusals: every "no" has a name and bounded evidence (design, rule 12)."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import EVIDENCE_CHARS, Reason, Refusal, refuse


def test_reads_as_reason_and_evidence() -> None:
    assert str(refuse(Reason.DEPTH, "limits.depth = 64")) == "depth: limits.depth = 64"
    assert str(refuse(Reason.POISON)) == "poison"


def test_reasons_are_metric_labels() -> None:
    """Prometheus: label values may be anything, ours are lower-case words so that queries can be written by heart."""
    assert all(reason.value == reason.name.lower() and reason.value.isascii() for reason in Reason)


@given(st.text(max_size=2 * EVIDENCE_CHARS))
def test_evidence_is_cut_and_says_so(evidence: str) -> None:
    kept = refuse(Reason.ROBOTS, evidence).evidence
    assert len(kept) <= EVIDENCE_CHARS
    assert kept == evidence or (kept.endswith("…") and evidence.startswith(kept[:-1]))


def test_is_a_value() -> None:
    assert refuse(Reason.SCHEME, "ftp") == Refusal(Reason.SCHEME, "ftp")
