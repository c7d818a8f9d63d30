"""Settings that do not fit each other, and whom to write to."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.cluster import Cluster, Kafka, Postgres
from contracts.settings import Settings
from crawlctl.contact import restricted
from crawlctl.doctor.findings import Verdict
from crawlctl.doctor.given import judge_contact, judge_settings, look_at_secrets

GOOD = Settings(
    kafka=Kafka(bootstrap="a.internal:9092, [::1]:9092"),
    postgres=Postgres(crawl="postgresql://a@b/crawl", vault="postgresql://a@b/vault"),
)


def kafka(**changes: object) -> Settings:
    return replace(GOOD, kafka=replace(GOOD.kafka, **changes))  # type: ignore[arg-type]


def test_settings_that_fit() -> None:
    (found,) = judge_settings(GOOD, cluster=True)
    assert found.verdict is Verdict.OK
    assert judge_settings(Settings(), cluster=False)[0].verdict is Verdict.OK


@pytest.mark.parametrize(
    ("settings", "verdict", "said"),
    [
        (kafka(bootstrap=""), Verdict.WARNING, "kafka.bootstrap is empty"),
        (kafka(bootstrap="a:1,b"), Verdict.FAILED, "'b'"),
        (kafka(bootstrap="http://a:1"), Verdict.FAILED, "http"),
        (kafka(bootstrap="a:99999"), Verdict.FAILED, "99999"),
        (kafka(min_insync=3, replication=2), Verdict.FAILED, "nothing could be sent"),
        (kafka(min_insync=3, replication=3), Verdict.WARNING, "one broker away"),
        (kafka(sasl="PLAIN", tls=True), Verdict.FAILED, "kafka.username and kafka.password"),
        (kafka(sasl="PLAIN", username="u", password="p"), Verdict.WARNING, "in clear"),
        (kafka(username="u"), Verdict.WARNING, "nobody logs in"),
        (kafka(ca="ca.pem"), Verdict.WARNING, "not used"),
        (kafka(tls=True, ca="no/such/file.pem"), Verdict.FAILED, "no/such/file.pem"),
        (kafka(tls=True, key="key.pem"), Verdict.FAILED, "kafka.key"),
        (replace(GOOD, postgres=Postgres()), Verdict.WARNING, "right for a fetcher"),
        (replace(GOOD, postgres=Postgres(crawl="x", vault="x")), Verdict.FAILED, "the same"),
        (replace(GOOD, cluster=Cluster(lease=10, renew=10)), Verdict.FAILED, "too long"),
        (replace(GOOD, cluster=Cluster(lease=10, renew=5)), Verdict.WARNING, "too long"),
    ],
)
def test_settings_that_do_not(settings: Settings, verdict: Verdict, said: str) -> None:
    (found,) = judge_settings(settings, cluster=True)
    assert found.verdict is verdict
    assert said in found.found
    assert found.todo


def test_what_a_role_needs() -> None:
    (found,) = judge_settings(replace(GOOD, postgres=Postgres()), cluster=True, role="frontier")
    assert found.verdict is Verdict.FAILED
    assert "postgres.crawl" in found.found
    assert judge_settings(GOOD, cluster=True, role="hasher")[0].verdict is Verdict.OK


def test_secrets_in_a_file_that_others_may_read(tmp_path: Path) -> None:
    file = tmp_path / "pisaura.toml"
    file.write_text("")
    file.chmod(0o644)
    sources = {"postgres.crawl": f"{file}:3", "kafka.password": "environment variable X", "postgres.vault": "default"}
    (found,) = look_at_secrets(file, sources)
    assert found.verdict is Verdict.WARNING
    assert "holds postgres.crawl and" in found.found
    file.chmod(0o600)
    assert look_at_secrets(file, sources) == []
    assert look_at_secrets(None, sources) == []


@pytest.mark.parametrize(
    ("agent", "verdict"),
    [
        ("Pisaura/1.0 (+https://hotline.pisaura.org/bot)", Verdict.OK),
        ("Pisaura/1.0", Verdict.WARNING),
        ("Pisaura/1.0 (+https://hotline.example/bot)", Verdict.WARNING),
        ("Pisaura/1.0 (+https://www.example.org/)", Verdict.WARNING),
    ],
)
def test_contact(agent: str, verdict: Verdict) -> None:
    assert judge_contact(Settings(user_agent=agent)).verdict is verdict


def test_no_contact_is_needed_on_loopback() -> None:
    assert judge_contact(restricted(Settings())).verdict is Verdict.OK
