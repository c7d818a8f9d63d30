"""What the notices role and Shield are given: what would only be seen when a notice is due is found before."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.removal import Notices, Operator
from contracts.settings import Settings
from crawlctl.doctor import cases
from crawlctl.doctor.findings import Finding, Verdict
from tests.fakeweb.tls import self_signed

NOW = 1_800_000_000.0
OPERATOR = Operator("Hotline", "LU", "appointed by law", "notices@hotline.example", "appeal@hotline.example")


def notices(**changes: Any) -> Settings:
    return replace(Settings(), operator=OPERATOR, notices=Notices(**changes))


def one(found: list[Finding]) -> Finding:
    (finding,) = found
    assert finding.todo or finding.verdict is Verdict.OK
    return finding


def test_whose_settings_these_are() -> None:
    assert cases.concern(Settings(), "") == []
    assert cases.concern(Settings(), "notices") == ["notices"]
    assert cases.concern(Settings(), "shield") == ["shield"]
    assert cases.concern(notices(), "") == ["notices"] and cases.concern(notices(), "fetcher") == []


@pytest.mark.parametrize("file", ["overrides", "proxies", "routes", "rdap"])
def test_a_file_about_recipients_that_cannot_be_used(tmp_path: Path, file: str) -> None:
    missing = one(cases.look_at_recipients(notices(**{file: str(tmp_path / "none")})))
    assert missing.verdict is Verdict.FAILED and "none" in missing.found
    (tmp_path / "odd").write_bytes(b"\xff\xfe[[")
    assert one(cases.look_at_recipients(notices(**{file: str(tmp_path / "odd")}))).verdict is Verdict.FAILED


# "Hosting country needs two agreeing methods, else hold."
def test_without_a_file_of_countries_cases_are_held(tmp_path: Path) -> None:
    found = one(cases.look_at_recipients(notices()))
    assert found.verdict is Verdict.WARNING and "held" in found.found
    (tmp_path / "countries.mmdb").write_text("nothing")
    settings = notices()
    odd = replace(settings, lists=replace(settings.lists, countries=str(tmp_path / "countries.mmdb")))
    assert one(cases.look_at_recipients(odd)).verdict is Verdict.FAILED


# "Senders refuse to start without the operator's legal name, country, mandate, contact and appeal address."
def test_senders(tmp_path: Path) -> None:
    assert one(cases.look_at_senders(notices(), tmp_path / "notices")).verdict is Verdict.OK
    nobody = one(cases.look_at_senders(Settings(), tmp_path))
    assert nobody.verdict is Verdict.WARNING and "operator.mandate" in nobody.found
    for live in (replace(Settings(), notices=Notices(sender="live", smtp_host="mail.example")), notices(sender="live")):
        assert one(cases.look_at_senders(live, tmp_path)).verdict is Verdict.FAILED
    assert one(cases.look_at_senders(notices(sender="live", smtp_host="mail.example"), tmp_path)).verdict is Verdict.OK
    keyed = notices(sender="live", smtp_host="mail.example", dkim_selector="s", dkim_key=str(tmp_path / "none.pem"))
    assert one(cases.look_at_senders(keyed, tmp_path)).verdict is Verdict.FAILED


def test_a_secret_of_a_provider_that_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "host.secret").write_text("s" * 32)
    (tmp_path / "host.secret").chmod(0o644)
    (tmp_path / "webhooks.toml").write_text('[host]\nurl = "https://host.example/"\nsecret = "host.secret"\n')
    settings = notices(webhooks=str(tmp_path / "webhooks.toml"))
    found = one(cases.look_at_senders(settings, tmp_path))
    assert found.verdict is Verdict.FAILED and "host.secret" in found.found and "sss" not in found.found
    (tmp_path / "host.secret").chmod(0o600)
    assert one(cases.look_at_senders(settings, tmp_path)).verdict is Verdict.OK


def test_a_dry_run_into_nowhere(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = one(cases.look_at_senders(notices(folder=str(tmp_path / "file" / "notices")), tmp_path))
    assert found.verdict is Verdict.FAILED and "notices.folder" in found.todo


def test_a_mailbox(tmp_path: Path) -> None:
    assert cases.look_at_mailbox(notices()) == []
    settings = notices(mailbox=str(tmp_path))
    assert one(cases.look_at_mailbox(settings)).verdict is Verdict.FAILED
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    assert one(cases.look_at_mailbox(settings)).verdict is Verdict.OK


def test_a_mailbox_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("new", "cur"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != "cur")
    found = one(cases.look_at_mailbox(notices(mailbox=str(tmp_path))))
    assert found.verdict is Verdict.FAILED and "files in cur" in found.found


# "Audit: hash chain HMACed with a key kept outside the database, its head exported hourly"
def test_the_anchor(tmp_path: Path) -> None:
    assert one(cases.look_at_anchor(notices(), None)).verdict is Verdict.WARNING
    assert one(cases.look_at_anchor(notices(), tmp_path)).verdict is Verdict.OK
    assert one(cases.look_at_anchor(notices(anchor=str(tmp_path / "new" / "audit.anchor")), None)).verdict is Verdict.OK
    (tmp_path / "file").write_text("")
    assert one(cases.look_at_anchor(notices(anchor=str(tmp_path / "file" / "a")), None)).verdict is Verdict.FAILED


def test_people(tmp_path: Path) -> None:
    assert one(cases.look_at_people(notices())).verdict is Verdict.OK
    half = replace(notices(), review=replace(Settings().review, oidc_issuer="https://issuer.example"))
    assert one(cases.look_at_people(half)).verdict is Verdict.FAILED
    (tmp_path / "tool.toml").write_text("folder = 1")
    tool = replace(notices(), review=replace(Settings().review, handoff=str(tmp_path / "tool.toml")))
    assert one(cases.look_at_people(tool)).verdict is Verdict.FAILED


# "TLS off loopback"
def test_what_is_served(tmp_path: Path) -> None:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    for file, data in zip((certificate, key), self_signed(), strict=True):
        file.write_bytes(data)
    now = time.time()
    assert cases.look_at_api(notices(), now) == []
    assert one(cases.look_at_api(notices(api_listen="127.0.0.1:8443"), now)).verdict is Verdict.OK
    for listen in ("0.0.0.0:8443", "[::]:8443"):
        bare = one(cases.look_at_api(notices(api_listen=listen), now))
        assert bare.verdict is Verdict.FAILED and "notices.api_certificate" in bare.found
    pair = {"api_certificate": str(certificate), "api_key": str(key)}
    assert one(cases.look_at_api(notices(api_listen="0.0.0.0:8443", **pair), now)).verdict is Verdict.OK
    swapped = {"api_certificate": str(key), "api_key": str(certificate)}
    assert one(cases.look_at_api(notices(api_listen="0.0.0.0:8443", **swapped), now)).verdict is Verdict.FAILED
    shield = replace(Settings().shield, listen="0.0.0.0:8900")
    assert one(cases.look_at_shield(replace(Settings(), shield=shield), now)).verdict is Verdict.FAILED
    shield = replace(shield, certificate=str(certificate), key=str(key))
    assert one(cases.look_at_shield(replace(Settings(), shield=shield), now)).verdict is Verdict.OK
    assert one(cases.look_at_shield(Settings(), now)).verdict is Verdict.OK


def test_what_the_vault_says() -> None:
    well = {"keys_missing": 0.0, "retractions_late": 0.0, "sending": 0.0, "retention_at": NOW}
    assert one(cases.judge_vault(well, live=False, now=NOW)).verdict is Verdict.OK
    bad = {"keys_missing": 2.0, "retractions_late": 1.0, "sending": 0.0, "retention_at": 0.0}
    found = cases.judge_vault(bad, live=True, now=NOW)
    assert [each.verdict for each in found] == [Verdict.FAILED, Verdict.FAILED, Verdict.WARNING, Verdict.WARNING]
