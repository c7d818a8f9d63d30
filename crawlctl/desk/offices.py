"""What the acts of the desk are given, from a pool of the vault: the same in the notices role and over a state."""

import tomllib
from pathlib import Path
from typing import Any, Final

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_audit import VaultAudit
from backends.postgres.vault_desk import PostgresDesk
from backends.postgres.vault_review import PostgresCaseDesk
from contracts.auditing import Act, audit_key
from contracts.errors import UsageError
from contracts.people import Identity
from contracts.seal import Keys
from contracts.settings import Settings
from notices.desk import handoff
from notices.desk.client import hand_over
from notices.desk.office import Changes, Office

TOOL_BYTES: Final = 64 * 1024


class ChainTrail:
    """`contracts.casedesk.Trail` over the audit's chain."""

    def __init__(self, chain: VaultAudit, daily: int) -> None:
        self._chain, self._daily = chain, daily

    async def acted(self, who: Identity, act: str, subject: str, purpose: str, places: int, now: float) -> None:
        """A line; UsageError, and none, if the person would see more places today than `daily`."""
        done = Act(who.name, act, who.account, who.role, purpose, places, subject)
        if places:
            await self._chain.may_reveal(done, self._daily)
        else:
            await self._chain.add(done)


class Serving:
    """Finds people by the names of their accounts."""

    def __init__(self, accounts: VaultAccounts) -> None:
        self._accounts = accounts

    async def named(self, name: str) -> Identity | None:
        """Whose account has this name and serves; None if nobody's."""
        for one in await self._accounts.all():
            if one.name == name and not one.revoked_at:
                return Identity(one.name, one.role, one.account_id, one.grants)
        return None


def office(pool: Any, keys: Keys, settings: Settings, accounts: VaultAccounts, cases: Changes) -> Office:
    """All that acts need. UsageError if the file of `review.handoff` cannot be used."""
    chain = VaultAudit(pool, audit_key(keys.series_key))
    return Office(
        store=PostgresCaseDesk(pool),
        cases=cases,
        opinions=PostgresDesk(pool),
        trail=ChainTrail(chain, settings.review.daily_places),
        keys=keys,
        hand_over=hand_over,
        accounts=Serving(accounts).named,
        operator=settings.operator,
        tool=read_tool(settings.review.handoff),
    )


def read_tool(name: str) -> handoff.Tool | None:
    """The assessment tool of a TOML file; None for no file. UsageError if it cannot be used."""
    if not name:
        return None
    try:
        with Path(name).open("rb") as file:
            data = file.read(TOOL_BYTES)
        return handoff.tool(tomllib.loads(data.decode()))
    except OSError as error:
        raise UsageError(f"review.handoff: {name}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise UsageError(f"review.handoff: {name}: is no TOML") from None
