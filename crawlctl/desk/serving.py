"""The desk's API as the notices role serves it: who asks is known by accounts of the vault, or by tokens of an issuer."""

import time
from collections.abc import Mapping
from typing import Any

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_replies import VaultReplies
from contracts.errors import Corrupt, UsageError
from contracts.notices import Replies
from contracts.people import Identity
from contracts.ports import Clock
from contracts.seal import Keys, Sealer
from contracts.settings import Settings
from crawlctl.desk.offices import office
from crawlctl.identity import authenticate, of_header
from crawlctl.tokens import Tokens
from notices.api import Api, Hooks, tls
from notices.desk.office import Changes, Denied
from notices.replies.reading import read_message
from notices.senders.inbox import Inbox, Unsigned
from notices.senders.providers import read_providers


class Doors:
    """Who may come in."""

    def __init__(self, accounts: VaultAccounts, tokens: Tokens) -> None:
        self._accounts, self._tokens = accounts, tokens

    async def who(self, header: str) -> Identity | None:
        """Whose the value of a field Authorization is; None if nobody's."""
        shown = of_header(header)
        return None if shown is None else await authenticate(shown, self._accounts, self._tokens)


class Letters:
    """Keeps what is posted about notices."""

    def __init__(self, replies: Replies, inbox: Inbox, clock: Clock) -> None:
        self._replies, self._inbox, self._clock = replies, inbox, clock

    async def mail(self, body: bytes) -> int:
        """A bounce or a reply; its number."""
        now = self._clock()
        return await self._replies.keep(read_message([body], now), now)

    async def answer(self, provider: str, fields: Mapping[str, str], body: bytes) -> int:
        """What a provider's API answers; its number. Denied if it is not signed, UsageError if it is no answer."""
        try:
            return await self._inbox.take(provider, fields, body)
        except Unsigned as error:
            raise Denied(str(error)) from None
        except Corrupt as error:
            raise UsageError(str(error)) from None


async def serve(settings: Settings, pool: Any, keys: Keys, cases: Changes, clock: Clock) -> Api | None:
    """Serve the desk where `notices.api_listen` says; None if nowhere. UsageError if what is set cannot be used."""
    wanted = settings.notices
    if not wanted.api_listen:
        return None
    accounts = VaultAccounts(pool)
    doors = Doors(accounts, Tokens.from_settings(settings))
    providers = read_providers(wanted.webhooks)
    replies = VaultReplies(pool, Sealer(keys.public, keys.place_key), clock)
    letters = Letters(replies, Inbox(providers, replies, clock), clock)
    hooks = Hooks(letters.mail, wanted.hook_secret, letters.answer if providers else None)
    api = Api(office(pool, keys, settings, accounts, cases), doors.who, clock, time.monotonic, hooks)
    address, _, port = wanted.api_listen.rpartition(":")
    await api.start(address.strip("[]"), int(port), tls(wanted.api_certificate, wanted.api_key))
    return api
