"""How a verb comes to the desk: over the state that --state names, else through the API that `notices.api` names."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from msgspec import Struct

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.desk.remote import Remote
from crawlctl.identity import credentials

A = TypeVar("A", bound=Struct)


class Desk(Protocol):
    """Does acts as whoever runs the verb."""

    async def call(self, name: str, asked: Struct, answers: type[A]) -> A:
        """Do an act of `notices.desk.table`. UsageError for what is not possible or not allowed, Unavailable for what may pass."""


@asynccontextmanager
async def at_desk(arguments: argparse.Namespace, settings: Settings) -> AsyncIterator[Desk]:
    """The desk. UsageError if neither a state nor an API is named: in a cluster no verb goes straight to Postgres with cases."""
    if arguments.state is not None:
        from crawlctl.desk.local import local  # brings all that the acts need

        async with local(arguments, settings) as desk:
            yield desk
        return
    if not settings.notices.api:
        raise UsageError(
            "which cases? give --state DIR, or --settings FILE of a cluster with notices.api, the URL of the notices role's API"
        )
    yield Remote(settings, credentials(arguments))
