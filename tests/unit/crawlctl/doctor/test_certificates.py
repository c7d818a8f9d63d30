"""Certificates: the time for which they are good, and files that hold none."""

import time
from pathlib import Path

import pytest

from contracts.errors import UsageError
from contracts.options import DAY
from crawlctl.doctor.certificates import judge_lifetime, look_at_certificate
from crawlctl.doctor.findings import Verdict
from tests.fakeweb.tls import self_signed

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("begins", "ends", "verdict", "said"),
    [
        (-DAY, 90 * DAY, Verdict.OK, "2027-04-15"),
        (-DAY, 13 * DAY, Verdict.WARNING, "ends on 2027-01-28"),
        (-DAY, -1.0, Verdict.FAILED, "ended on 2027-01-15"),
        (1.0, 90 * DAY, Verdict.FAILED, "not good yet"),
    ],
)
def test_a_lifetime(begins: float, ends: float, verdict: Verdict, said: str) -> None:
    found = judge_lifetime("api", NOW + begins, NOW + ends, NOW)
    assert found.verdict is verdict and said in found.found


def test_a_file(tmp_path: Path) -> None:
    certificate, key = self_signed()
    file = tmp_path / "tls.crt"
    file.write_bytes(certificate)
    assert look_at_certificate("api", str(file), time.time()).verdict is Verdict.OK
    assert look_at_certificate("api", str(file), time.time() + 20 * DAY).verdict is Verdict.WARNING
    file.write_bytes(key)
    with pytest.raises(UsageError, match="no certificate"):
        look_at_certificate("api", str(file), NOW)
    with pytest.raises(UsageError, match="cannot be read"):
        look_at_certificate("api", str(tmp_path / "none"), NOW)
