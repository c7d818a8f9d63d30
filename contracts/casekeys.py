"""One key per case: what is known of its places is sealed with it, so that who destroys the key empties the backups too.

XSalsa20-Poly1305 (libsodium secretbox) over the text, padded as sealed places are. The key itself is stored sealed to the public
key of the notices role, apart from all else (docs/domain.md, section 4).
"""

from typing import Final

from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from contracts.errors import Corrupt
from contracts.seal import PADDING

KEY_BYTES: Final = SecretBox.KEY_SIZE


def new_case_key() -> bytes:
    """A fresh key, 32 bytes from the system's random source."""
    return random(KEY_BYTES)


def seal_for(key: bytes, text: str) -> bytes:
    """The text under a case's key: 40 bytes more than the padded text, different each time."""
    return bytes(SecretBox(key).encrypt(sodium_pad(text.encode("utf-8", "surrogatepass"), PADDING)))


def open_with(key: bytes, sealed: bytes) -> str:
    """The text; `Corrupt` if it was sealed with another key or changed, or if the key was destroyed (empty)."""
    try:
        return sodium_unpad(SecretBox(key).decrypt(sealed), PADDING).decode("utf-8", "surrogatepass")
    except (CryptoError, ValueError, TypeError) as error:
        raise Corrupt("a case's sealed text cannot be opened: its key was destroyed, or it was changed") from error
