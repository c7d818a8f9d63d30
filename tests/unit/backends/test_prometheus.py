"""Metrics as text: both formats, every metric of the table, and labels that are none of ours."""

from collections.abc import Iterator

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from backends.prometheus import Exposition, families
from contracts.metrics import METRICS, Sample


class Fake:
    """Something measured."""

    def samples(self) -> Iterator[Sample]:
        yield "pisaura_requests_total", (), 7
        yield "pisaura_refusals_total", ("robots",), 3
        yield "pisaura_refusals_total", ("http://secret.test/x",), 1
        yield "pisaura_refusals_total", ("Geheim\n",), 1
        yield "pisaura_urls", ("queued",), 2.0


def test_text_format() -> None:
    kind, body = Exposition(Fake()).encode("")
    assert kind.startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse_text(body.decode())
        for sample in family.samples
    }
    assert samples["pisaura_requests_total",] == 7
    assert samples["pisaura_urls", "queued"] == 2
    assert samples["pisaura_refusals_total", "robots"] == 3
    assert samples["pisaura_refusals_total", "other"] == 2  # whatever does not look like a name of ours
    assert b"secret" not in body and b"Geheim" not in body
    assert ("process_resident_memory_bytes",) in samples


def test_openmetrics() -> None:
    kind, body = Exposition(Fake()).encode("application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    names = {family.name for family in parse_openmetrics(body.decode())}  # type: ignore[no-untyped-call]
    assert {"pisaura_requests", "pisaura_urls", "pisaura_refusals"} <= names


def test_every_metric_makes_a_family() -> None:
    samples = [(metric.name, tuple("x" for _ in metric.labels), 1.0) for metric in METRICS]
    made = list(families(samples))
    assert len(made) == len(METRICS)
    assert all(family.samples[0].name == metric.name for family, metric in zip(made, METRICS, strict=True))
