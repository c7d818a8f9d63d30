"""Issue: "every key has a default, a unit, a docstring"; units, bounds and forms of all of them."""

import tomllib
from typing import Any

import pytest

from crawlctl.schema import HIDDEN, TEXT_CHARS, groups, keys, may_be, read, toml, write

UNITS = {
    "agent", "text", "secret", "bool", "seconds", "bytes", "bytes/s", "1/s", "1", "days", "bits", "pixels",
    "networks", "ip:port", "sites", "words", "patterns",
}  # fmt: skip


@pytest.mark.parametrize("name", list(keys()))
def test_every_key_is_described_and_its_default_is_one_of_its_values(name: str) -> None:
    key = keys()[name]
    assert len(key.doc) > 10
    assert key.unit in UNITS
    assert key.kind in (str, bool, int, float, list)
    assert read(key, key.default) == key.default
    written = tomllib.loads(f"x = {toml(key, key.default)}")["x"]
    assert read(key, written) == key.default
    assert type(read(key, written)) is key.kind
    if key.kind is not list:
        assert read(key, write(key, key.default), text=True) == key.default
    assert may_be(key)
    assert may_be(key, briefly=True)


def test_names_and_variables_are_unambiguous() -> None:
    variables = [key.variable for key in keys().values()]
    assert len(set(variables)) == len(variables)
    assert keys()["politeness.delay"].variable == "PISAURA_POLITENESS_DELAY"
    assert keys()["user_agent"].variable == "PISAURA_USER_AGENT"
    assert all(groups().values())


def test_what_the_issue_names_is_there() -> None:
    wanted = """politeness.delay politeness.parallel politeness.max_crawl_delay politeness.backoff limits.page_bytes
    limits.media_bytes limits.header_bytes limits.total limits.first_byte limits.min_rate limits.redirects limits.depth
    limits.url_bytes budgets.host_urls budgets.site_urls addresses.allow addresses.deny addresses.nameservers
    scope.include_sites scope.exclude_sites scope.include_hosts scope.exclude_hosts scope.include_paths
    scope.exclude_paths recrawl.first recrawl.shortest recrawl.longest matching.pdq_distance matching.pdq_quality
    workers.digest caps.pages_per_second caps.bytes_per_second caps.connections user_agent"""
    assert set(wanted.split()) <= set(keys())


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("politeness.delay", 2, 2.0),
        ("politeness.delay", 0.5, 0.5),
        ("politeness.delay", 0, 0.0),
        ("limits.page_bytes", 1000, 1000),
        ("limits.min_rate", "2KiB/s", 2048),
        ("politeness.slow_factor", 3, 3.0),
        ("storage.partitions", 128, 128),
        ("storage.partitions", 4096, 4096),
        ("matching.pdq_distance", 0, 0),
        ("matching.pdq_distance", 40, 40),
        ("addresses.allow", ["127.0.0.1", "2001:db8::/32", "127.1.2.3/8"], ["127.0.0.1", "2001:db8::/32", "127.1.2.3/8"]),
        ("addresses.nameservers", ["[::1]:53", "127.0.0.1:5353"], ["[::1]:53", "127.0.0.1:5353"]),
        ("scope.include_hosts", ["*.example.org", "a.example:8080", "[::1]"], ["*.example.org", "a.example:8080", "[::1]"]),
        ("scope.include_sites", ["example.co.uk", "127.0.0.1", "xn--bcher-kva.example"], ["example.co.uk", "127.0.0.1", "xn--bcher-kva.example"]),
        ("scope.exclude_paths", ["/a", "*.php$"], ["/a", "*.php$"]),
        ("cluster.partitions", 64, 64),
        ("cluster.listen", "0.0.0.0:9100", "0.0.0.0:9100"),
        ("cluster.listen", "[::]:9100", "[::]:9100"),
        ("cluster.listen", "127.0.0.1:0", "127.0.0.1:0"),
        ("cluster.listen", "", "127.0.0.1:9100"),
        ("kafka.bootstrap", "one.test:9092,two.test:9092", "one.test:9092,two.test:9092"),
        ("kafka.sasl", "", ""),
        ("kafka.sasl", "SCRAM-SHA-512", "SCRAM-SHA-512"),
        ("kafka.compression", "lz4", "lz4"),
        ("kafka.password", "ge heim \"'ü", "ge heim \"'ü"),
        ("postgres.crawl", "postgresql://me:x@db.test/crawl", "postgresql://me:x@db.test/crawl"),
        ("user_agent", "", "Pisaura/1.0"),
        ("user_agent", "Mozilla/5.0 (compatible; Pisaura/1.0; +https://h.example/)", "Mozilla/5.0 (compatible; Pisaura/1.0; +https://h.example/)"),
    ],
)  # fmt: skip
def test_values_that_are_taken(name: str, value: Any, wanted: Any) -> None:
    assert read(keys()[name], value) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("politeness.delay", "1x"),
        ("politeness.delay", -1),
        ("politeness.delay", True),
        ("politeness.delay", float("nan")),
        ("politeness.delay", float("inf")),
        ("politeness.delay", 10**12),
        ("politeness.delay", ["1s"]),
        ("politeness.delay", None),
        ("politeness.parallel", 0),
        ("politeness.parallel", 1.5),
        ("politeness.parallel", "1"),
        ("politeness.parallel", 10**400),
        ("limits.page_bytes", "20MiX"),
        ("limits.page_bytes", 0),
        ("limits.page_bytes", 1.5),
        ("limits.robots_bytes", "499KiB"),
        ("storage.partitions", 3),
        ("storage.partitions", 8192),
        ("storage.partitions", 0),
        ("storage.fsync", 1),
        ("storage.fsync", "true"),
        ("matching.pdq_distance", 41),
        ("matching.pdq_quality", 101),
        ("addresses.allow", "127.0.0.0/8"),
        ("addresses.allow", ["127.0.0.0/33"]),
        ("addresses.allow", ["localhost"]),
        ("addresses.allow", ["fe80::1%eth0"]),
        ("addresses.allow", [1]),
        ("addresses.nameservers", ["127.0.0.1"]),
        ("addresses.nameservers", ["::1:53"]),
        ("addresses.nameservers", ["[127.0.0.1]:53"]),
        ("addresses.nameservers", ["127.0.0.1:0"]),
        ("addresses.nameservers", ["127.0.0.1:65536"]),
        ("addresses.nameservers", ["dns.example:53"]),
        ("scope.include_sites", ["www.example.org"]),
        ("scope.include_sites", ["https://example.org/"]),
        ("scope.include_hosts", ["https://example.org"]),
        ("scope.include_hosts", ["a/b"]),
        ("scope.include_paths", ["private"]),
        ("scope.include_paths", [""]),
        ("traps.drop_parameters", ["a=b"]),
        ("cluster.partitions", 96),
        ("cluster.listen", "9100"),
        ("cluster.listen", "localhost:9100"),
        ("cluster.listen", "127.0.0.1:65536"),
        ("cluster.listen", "::1:9100"),
        ("cluster.listen", ["127.0.0.1:9100"]),
        ("kafka.bootstrap", "one.test:9092\ntwo.test:9092"),
        ("kafka.bootstrap", ["one.test:9092"]),
        ("kafka.sasl", "scram-sha-512"),
        ("kafka.sasl", "GSSAPI"),
        ("kafka.compression", ""),
        ("kafka.compression", None),
        ("kafka.password", "geheim\n"),
        ("kafka.username", "x" * (TEXT_CHARS + 1)),
        ("postgres.vault", 1),
        ("user_agent", "Otherbot/1.0"),
        ("user_agent", "Pisauran/1.0"),
        ("user_agent", "Pisaura/1.0\r\nX: y"),
        ("user_agent", "Pisaura/1.0 (é)"),
        ("user_agent", "Pisaura " + "x" * 600),
        ("user_agent", 1),
    ],
)
def test_values_that_are_refused_with_what_they_may_be(name: str, value: Any) -> None:
    key = keys()[name]
    with pytest.raises(ValueError) as caught:
        read(key, value)
    assert str(caught.value).startswith(may_be(key))


def test_what_may_be_chosen_is_named() -> None:
    assert may_be(keys()["kafka.sasl"]) == 'one of "", PLAIN, SCRAM-SHA-256, SCRAM-SHA-512'
    assert may_be(keys()["kafka.compression"]) == "one of zstd, lz4, none"
    assert may_be(keys()["cluster.listen"]).startswith("an address and a port like")


def test_secrets_are_written_nowhere() -> None:
    secrets = [key for key in keys().values() if key.unit == "secret"]
    assert {key.name for key in secrets} == {
        "kafka.password",
        "postgres.crawl",
        "postgres.vault",
        "notices.smtp_password",
        "notices.hook_secret",
    }
    for key in secrets:
        assert (write(key, "geheim"), write(key, "")) == (HIDDEN, "")
        assert toml(key, "geheim") == f'"{HIDDEN}"'
        assert not key.choices and "geheim" not in may_be(key)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("storage.fsync", "off", False),
        ("storage.fsync", "TRUE", True),
        ("storage.fsync", "0", False),
        ("politeness.parallel", " 3 ", 3),
        ("politeness.slow_factor", "1.5", 1.5),
        ("addresses.allow", "127.0.0.0/8, 10.0.0.0/8", ["127.0.0.0/8", "10.0.0.0/8"]),
        ("addresses.allow", "", []),
        ("scope.exclude_paths", '["/a,b", "/c"]', ["/a,b", "/c"]),
    ],
)
def test_text_of_the_environment(name: str, text: str, wanted: Any) -> None:
    assert read(keys()[name], text, text=True) == wanted


@pytest.mark.parametrize(
    ("name", "text"),
    [("storage.fsync", "maybe"), ("politeness.parallel", "1.5"), ("politeness.parallel", ""), ("addresses.allow", '["a"'),
     ("addresses.allow", '[{"a": 1}]'), ("politeness.slow_factor", "-1"), ("politeness.slow_factor", "1e9")],
)  # fmt: skip
def test_text_of_the_environment_that_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError):
        read(keys()[name], text, text=True)
