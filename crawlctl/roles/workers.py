"""The metrics of digest workers, for every process that has some."""

from collections.abc import Iterator

from contracts.metrics import Sample
from hasher.sandbox import SandboxDigester


def digesting(digester: SandboxDigester) -> Iterator[Sample]:
    """Digest workers."""
    yield "pisaura_digests_pending", (), digester.pending
    yield "pisaura_digest_workers", (), len(digester.processes)
    yield "pisaura_digest_worker_starts_total", (), digester.starts
    for outcome, count in digester.counts.items():
        yield "pisaura_digests_total", (outcome,), count
