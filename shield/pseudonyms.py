"""Entries by names that mean something to one key only (docs/domain.md, section 4: "near details carry per-key HMAC pseudonyms
unless the source's terms allow more")."""

import hmac
from base64 import b32encode

from contracts.shielding import Finding


def pseudonym(secret: bytes, entry_id: int) -> tuple[str, str]:
    """What stands for an entry in SHA-1's and SHA-256's place: (base32 of 20 bytes, 64 hex digits). The same for the same key and
    entry, unlike any other; two keys cannot compare theirs, and no digest can be found by it."""
    name = b"%d" % entry_id
    short = hmac.digest(secret, b"sha1 " + name, "sha256")[:20]
    return b32encode(short).decode(), hmac.digest(secret, b"sha256 " + name, "sha256").hex()


def names(secret: bytes, finding: Finding) -> tuple[str, str]:
    """(sha1_base32, sha256_hex) of an entry: pseudonyms, or its own digests where its source's terms allow handing them on. What
    the source did not give stays a pseudonym."""
    sha1, sha256 = pseudonym(secret, finding.entry_id)
    return b32encode(finding.sha1).decode() if finding.sha1 else sha1, finding.sha256.hex() or sha256
