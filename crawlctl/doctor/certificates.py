"""Certificates that roles of ours serve with: whether they can be used, and for how long."""

from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from contracts.errors import UsageError
from contracts.options import DAY
from crawlctl.doctor.findings import Finding, failed, ok, warning

SOON: Final = 14 * DAY
BYTES: Final = 1 << 20


def judge_lifetime(check: str, begins: float, ends: float, now: float) -> Finding:
    """When a certificate is good (unix seconds): roles read it when they start, and go on with an old one until then."""
    day = f"{datetime.fromtimestamp(ends).date()}"
    if now >= ends:
        return failed(
            check,
            f"the certificate ended on {day}: nobody connects any more",
            "put a new one there, and restart the role",
        )
    if now < begins:
        return failed(check, "the certificate is not good yet: nobody connects", "look at the clock, or wait")
    if ends - now < SOON:
        return warning(check, f"the certificate ends on {day}", "put a new one there, and restart the role")
    return ok(check, f"served with a certificate that is good until {day}")


def look_at_certificate(check: str, path: str, now: float) -> Finding:
    """The first certificate of a PEM file. UsageError if it holds none."""
    try:
        with Path(path).open("rb") as file:
            (first, *_) = x509.load_pem_x509_certificates(file.read(BYTES))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path}: holds no certificate in PEM") from None
    return judge_lifetime(check, first.not_valid_before_utc.timestamp(), first.not_valid_after_utc.timestamp(), now)
