"""Accounts of people and providers: made, checked, revoked. Passwords are drawn here, told once, and kept as scrypt hashes."""

import asyncio
import contextlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b, scrypt
from typing import Any, Final

import asyncpg

from backends.postgres.connection import translated
from backends.postgres.rows import millis
from backends.postgres.vault_people import ask, done
from backends.postgres.vault_queries import QUERIES
from contracts.desk import Asked, Person
from contracts.errors import Unavailable, UsageError
from contracts.people import PERMISSIONS, ROLES, Account, Identity

PASSWORD_BYTES: Final = 32
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
COST: Final = 1 << 14
BLOCK: Final = 8
"""scrypt's N and r (RFC 7914): 16 MiB and about 40 ms a check. Passwords have 256 bits of chance, so that more would gain nothing."""
MOST_CHARS: Final = 200
"""Longest user and password that are looked at."""
NAME_CHARS: Final = 100
AT_A_TIME: Final = 2
WAITING: Final = 64
"""Checks that run, and wait, at a time; above it callers hear `Unavailable`, so that guessing costs bounded memory."""
KEPT: Final = 10_000
KEPT_SECONDS: Final = 60.0
"""Passwords that were right are recognised again for so long without scrypt; a revoked account serves as long at most."""
_NOBODY: Final = bytes(SALT_BYTES), bytes(HASH_BYTES)


class VaultAccounts:
    """Accounts over a pool or a connection of the notices role (any role of the vault may authenticate)."""

    def __init__(self, database: "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]") -> None:
        self._db = database
        self._turns = asyncio.Semaphore(AT_A_TIME)
        self._checks = 0
        self._secret = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()

    async def add(self, name: str, role: str, by: str, now: float, grants: Sequence[str] = ()) -> tuple[Account, str]:
        """A new account and its password, which nobody can ask for again. UsageError if the name is taken or says nothing, or
        there is no such role. Whether `by` may do that is the caller's to ask."""
        shown = " ".join(name.split())
        if not shown or len(shown) > NAME_CHARS or not shown.isprintable():
            raise UsageError(f"an account's name has 1 to {NAME_CHARS} printable characters")
        if role not in ROLES:
            raise UsageError(f"there is no role {role[:40]!r}; there are {', '.join(ROLES)}")
        password, salt = secrets.token_urlsafe(PASSWORD_BYTES), secrets.token_bytes(SALT_BYTES)
        hashed = await asyncio.to_thread(_hash, password, salt)
        rows = await self._fetch(
            "add_account", shown, role, _user(shown), salt, hashed, list(grants), by, millis(now)
        )  # fmt: skip
        if not rows:
            raise UsageError(f"there is an account of the name {shown!r}; revoke it first, or take another name")
        return _account(rows[0]), password

    @translated
    async def ask(self, act: str, subject: str, why: str, person: Person, now: float) -> Asked:
        """Ask for an act that takes two people; once it may be done, who asks for it again must ask two anew."""
        async with contextlib.AsyncExitStack() as stack:
            db = await stack.enter_async_context(self._db.acquire()) if isinstance(self._db, asyncpg.Pool) else self._db
            await stack.enter_async_context(db.transaction())
            asked = await ask(db, act, subject, why, person, now)
            if asked.done:
                await done(db, act, subject, now)
            return asked

    async def authenticate(self, user: str, password: str) -> Identity | None:
        """Who that is, or None. Takes as long for a user that there is as for one that there is not. Unavailable if too many ask."""
        if not (0 < len(user) <= MOST_CHARS and 0 < len(password) <= MOST_CHARS) or "\0" in user:
            return None
        asked = f"{len(user)} {user} {password}".encode("utf-8", "surrogatepass")
        mark, at = blake2b(asked, key=self._secret, digest_size=32).digest(), time.monotonic()
        kept = self._known.get(mark)
        if kept is not None and kept[0] > at:
            return kept[1]
        found = await self._check(user, password)
        self._known.pop(mark, None)
        if found is not None:
            self._known[mark] = at + KEPT_SECONDS, found
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found

    async def _check(self, user: str, password: str) -> Identity | None:
        if self._checks >= WAITING:
            raise Unavailable("too many passwords are being checked; try again in a moment")
        self._checks += 1
        try:
            rows = await self._fetch("account_of", user.encode("utf-8", "replace").decode())
            salt, wanted = (rows[0]["salt"], rows[0]["hash"]) if rows else _NOBODY
            async with self._turns:
                right = hmac.compare_digest(await asyncio.to_thread(_hash, password, salt), wanted)
        finally:
            self._checks -= 1
        if not right or not rows:
            return None
        row = rows[0]
        return Identity(row["name"], row["role"], row["account_id"], tuple(row["grants"]))

    async def revoke(self, which: str, by: str, now: float) -> Account:
        """The account with this user or name serves no more. UsageError if there is none that serves."""
        rows = await self._fetch("revoke_account", which[:MOST_CHARS].replace("\0", ""), millis(now), by)
        if not rows:
            raise UsageError(
                f"no account that serves has the user or name {which[:MOST_CHARS]!r}; see `crawlctl keys ls`"
            )
        self._known.clear()
        return _account(rows[0])

    async def all(self) -> list[Account]:
        """All accounts, revoked ones too, oldest first."""
        return [_account(row) for row in await self._fetch("accounts")]

    async def serving(self, roles: Sequence[str]) -> int:
        """How many accounts of these roles there are that are not revoked."""
        return int((await self._fetch("live_accounts", list(roles)))[0][0])

    async def adders(self) -> int:
        """How many may add accounts: with two of them, accounts of people take two people."""
        return await self.serving(PERMISSIONS["keys.add"])

    @translated
    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._db.fetch(QUERIES[name], *values)
        return rows


def _hash(password: str, salt: bytes) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return scrypt(data, salt=salt, n=COST, r=BLOCK, p=1, maxmem=4 * 128 * BLOCK * COST, dklen=HASH_BYTES)


def _user(name: str) -> str:
    """A user of that name: what Basic authentication (RFC 7617) can carry, and unlike any other."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24].strip("-")
    return f"{plain or 'key'}-{secrets.token_hex(4)}"


def _account(row: asyncpg.Record) -> Account:
    values = dict(row)
    values["grants"] = tuple(values["grants"])
    for when in ("created_at", "revoked_at"):
        values[when] /= 1000
    return Account(**values)
