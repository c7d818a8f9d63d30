"""Metrics in Prometheus' text formats, as `http` serves them."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from contracts.metrics import METRICS, Kind, Measured, Metric, Sample

OTHER: Final = "other"
_LABEL: Final = re.compile(r"[a-z0-9_.]{1,48}")


class _Samples(Collector):
    """What the crawl says of itself, as families in the order of the table."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def describe(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        return [_family(metric) for metric in METRICS]

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        return families(self._measured.samples())


def families(samples: Iterable[Sample]) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
    """Samples by the table's metrics, those without a sample left out. Samples with equal labels are added up.

    A label's value that does not look like a name of ours counts as `other`: nothing from outside becomes a label.
    """
    grouped: dict[str, dict[tuple[str, ...], float]] = {}
    for name, labels, value in samples:
        values = grouped.setdefault(name, {})
        key = tuple(label if _LABEL.fullmatch(label) else OTHER for label in labels)
        values[key] = values.get(key, 0.0) + value
    for metric in METRICS:
        if metric.name in grouped:
            family = _family(metric)
            for key, value in sorted(grouped[metric.name].items()):
                family.add_metric(list(key), value)
            yield family


def _family(metric: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    return kind(metric.name, metric.help, labels=metric.labels)


class Exposition:
    """The metrics of one process as text, read anew each time."""

    def __init__(self, measured: Measured) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Samples(measured))
        ProcessCollector(registry=self._registry)

    def encode(self, accept: str) -> tuple[str, bytes]:
        """Content type and text in the format that an Accept header asks for."""
        encode, kind = choose_encoder(accept)
        return kind, encode(self._registry)
