"""Where hosts like a pattern are looked for: the bucket of their site if the pattern names it, everywhere otherwise."""

import pytest

from contracts.sites import BUCKETS, bucket_of
from crawlctl.verbs.hosts import buckets

ALL = (0, BUCKETS - 1)


@pytest.mark.parametrize("pattern", ["*", "site*", "*example.org", "*.co.uk", "*.org", "a.*", "*.", "*a*"])
def test_everywhere(pattern: str) -> None:
    assert buckets(pattern) == ALL


@pytest.mark.parametrize("host", ["www.example.org", "a.b.example.org", "x.example.org:8080"])
def test_one_bucket(host: str) -> None:
    """All hosts of a site share a bucket (design, section 1)."""
    assert buckets(host) == (bucket_of(host),) * 2
    port = ":8080" if ":" in host else ""
    assert buckets(f"*.example.org{port}") == buckets(f"*.EXAMPLE.org{port}") == (bucket_of(host),) * 2
