"""The desk's API as the notices role serves it: who asks is known by accounts of the vault, or by tokens of an issuer."""

import time
from typing import Any

from backends.postgres.vault_accounts import VaultAccounts
from contracts.people import Identity
from contracts.ports import Clock
from contracts.seal import Keys
from contracts.settings import Settings
from crawlctl.desk.offices import office
from crawlctl.identity import authenticate, of_header
from crawlctl.tokens import Tokens
from notices.api import Api, Hook, tls
from notices.desk.office import Changes


class Doors:
    """Who may come in."""

    def __init__(self, accounts: VaultAccounts, tokens: Tokens) -> None:
        self._accounts, self._tokens = accounts, tokens

    async def who(self, header: str) -> Identity | None:
        """Whose the value of a field Authorization is; None if nobody's."""
        shown = of_header(header)
        return None if shown is None else await authenticate(shown, self._accounts, self._tokens)


async def serve(
    settings: Settings, pool: Any, keys: Keys, cases: Changes, clock: Clock, hook: Hook | None = None
) -> Api | None:
    """Serve the desk where `notices.api_listen` says; None if nowhere. UsageError if what is set cannot be used."""
    wanted = settings.notices
    if not wanted.api_listen:
        return None
    accounts = VaultAccounts(pool)
    doors = Doors(accounts, Tokens.from_settings(settings))
    api = Api(
        office(pool, keys, settings, accounts, cases), doors.who, clock, time.monotonic, hook, wanted.hook_secret
    )  # fmt: skip
    address, _, port = wanted.api_listen.rpartition(":")
    await api.start(address.strip("[]"), int(port), tls(wanted.api_certificate, wanted.api_key))
    return api
