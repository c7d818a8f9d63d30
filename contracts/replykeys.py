"""One key per reply: sender, subject and text are sealed under it, and the key itself to the notices role.

The key lies apart from all else, and goes when the key of any case that the reply is about goes (docs/domain.md, section 4): a reply
may quote a place.
"""

import msgspec

from contracts.casekeys import new_case_key, open_with, seal_for
from contracts.errors import Corrupt
from contracts.notices import Reply
from contracts.seal import Opener, Sealer


def seal_reply(reply: Reply, sealer: Sealer) -> tuple[bytes, bytes]:
    """The key as it is stored, and the reply under it; different each time."""
    key = new_case_key()
    return sealer.seal_bytes(key), seal_for(key, msgspec.json.encode(reply).decode())


def open_reply(wrapped: bytes, sealed: bytes, opener: Opener) -> Reply:
    """The reply; `Corrupt` if it was changed, or its key was destroyed (empty)."""
    text = open_with(opener.open_bytes(wrapped), sealed)
    try:
        return msgspec.json.decode(text, type=Reply)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Corrupt("a sealed reply holds no reply; it was changed") from error
