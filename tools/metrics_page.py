"""Prints docs/metrics.md from the table in `contracts.metrics`: `python -m tools.metrics_page`, as `make docs` does."""

from collections.abc import Iterator

from contracts.metrics import METRICS

HEAD = """\
# Metrics

Written by `make docs` from `contracts/metrics.py`; a test keeps it up to date.

`crawlctl run --metrics 127.0.0.1:9100` serves these for Prometheus at `/metrics`. Labels come from closed tables of ours:
no host, URL, list or digest ever. What counts "since the state was made" is kept in Postgres and survives restarts; the
other counters begin with the process.
"""


def page() -> Iterator[str]:
    """Lines of the page."""
    yield from HEAD.splitlines()
    yield ""
    yield "| metric | type | unit | labels | meaning |"
    yield "|---|---|---|---|---|"
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        yield f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {metric.help} |"


if __name__ == "__main__":
    print("\n".join(page()))
