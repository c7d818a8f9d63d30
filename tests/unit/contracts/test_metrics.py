"""The table of metrics holds to Prometheus' naming (https://prometheus.io/docs/practices/naming/), and to our secrecy."""

import re

from contracts.metrics import BY_NAME, METRICS, Kind

UNITS = ("milliseconds", "minutes", "hours", "kilobytes", "megabytes", "percent")


def test_names() -> None:
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert re.fullmatch(r"pisaura_[a-z]+(_[a-z]+)*", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert not any(unit in metric.name for unit in UNITS), "base units only"
        if metric.unit in ("seconds", "bytes"):
            assert metric.unit in metric.name
        assert metric.help.endswith(".") and metric.unit


def test_labels_are_from_closed_tables() -> None:
    """Domain, section 4: no location, digest, list or series in a metric."""
    labels = {label for metric in METRICS for label in metric.labels}
    assert labels == {
        "state",
        "reason",
        "error",
        "meaning",
        "topic",
        "outcome",
        "strength",
        "answer",
        "lateness",
        "status",
    }
