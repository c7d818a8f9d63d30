"""Who asks: Basic authentication (RFC 7617), and passwords that were right a moment ago (pure: `now` and the secret are arguments).

Checking a password costs 40 ms on purpose; one that was right is known again by a keyed hash. It serves for as long as its
account is seen not to be revoked, which is looked up every two seconds (`Keyring.keep`).
"""

from base64 import b64decode
from collections import OrderedDict
from collections.abc import Set
from hashlib import blake2b
from typing import Final

from contracts.people import Identity

MOST_HEADER: Final = 1_024
"""Longest Authorization header that is looked at."""
KEPT: Final = 10_000
KEPT_SECONDS: Final = 600.0
WRONG_SECONDS: Final = 5.0
"""For so long one password that was wrong is refused without checking it again."""
CHALLENGE: Final = 'Basic realm="shield", charset="UTF-8"'


def basic(header: str | None) -> tuple[str, str] | None:
    """User and password of an Authorization header, None if it has none."""
    if header is None or len(header) > MOST_HEADER or not header.isascii():
        return None
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(rest.strip(), validate=True).decode()
    except ValueError:
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


class Keyring:
    """Passwords that were right or wrong lately, as keyed hashes. `secret`: 32 bytes of chance of this process."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._right: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()
        self._wrong: OrderedDict[bytes, float] = OrderedDict()

    def mark(self, user: str, password: str) -> bytes:
        """What a password is known again by."""
        asked = f"{len(user)} {user} {password}".encode("utf-8", "surrogatepass")
        return blake2b(asked, key=self._secret, digest_size=32).digest()

    def find(self, mark: bytes, now: float) -> Identity | None:
        """Who that is, if it is known."""
        known = self._right.get(mark)
        return known[1] if known is not None and now < known[0] else None

    def is_wrong(self, mark: bytes, now: float) -> bool:
        """Whether it was wrong a moment ago."""
        return now < self._wrong.get(mark, now)

    def learn(self, mark: bytes, identity: Identity | None, now: float) -> None:
        """It was right, or (None) wrong. What was learnt first makes room."""
        if identity is None:
            self._wrong[mark] = now + WRONG_SECONDS
            while len(self._wrong) > KEPT:
                self._wrong.popitem(last=False)
            return
        self._wrong.pop(mark, None)
        self._right[mark] = now + KEPT_SECONDS, identity
        while len(self._right) > KEPT:
            self._right.popitem(last=False)

    def accounts(self) -> list[int]:
        """Accounts of the passwords that are known."""
        return sorted({identity.account for _, identity in self._right.values()})

    def keep(self, serving: Set[int]) -> None:
        """Forget the passwords of accounts that serve no more."""
        gone = [mark for mark, (_, identity) in self._right.items() if identity.account not in serving]
        for mark in gone:
            del self._right[mark]
