"""DKIM signatures (RFC 6376), relaxed/relaxed with RSA and SHA-256. The key never leaves this object."""

from pathlib import Path
from typing import Final

import dkim

from contracts.errors import UsageError
from notices.senders.secret import read_secret

_SETTING: Final = "notices.dkim_key"
_FIELDS: Final = (
    b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"mime-version", b"content-type",
    b"auto-submitted",
)  # fmt: skip
_PROBE: Final = b"From: a@b.example\r\nSubject: probe\r\n\r\nprobe\r\n"


class Signer:
    """Signs for one domain. UsageError if the key in `path` cannot sign."""

    def __init__(self, path: Path, selector: str, domain: str) -> None:
        self._key = read_secret(path, _SETTING)
        self._selector, self._domain = selector.encode(), domain.encode()
        try:
            self.sign(_PROBE)
        except Exception as error:  # the library raises whatever its parser of keys meets
            raise UsageError(f"{_SETTING}: {path} is no RSA private key in PEM that can sign") from error

    def sign(self, message: bytes) -> bytes:
        """The message with its DKIM-Signature before it."""
        signature = dkim.sign(
            message,
            self._selector,
            self._domain,
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=_FIELDS,
        )
        return bytes(signature) + message
