"""What tests and benches of Shield share: a process of it over a vault, lists in that vault, keys of providers."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import aiohttp
import asyncpg
import msgspec
from PIL import Image

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_store import open_pool
from contracts.lists import ImportStep, ListSource, NewEntry
from contracts.removal import Shield as ShieldSettings
from contracts.settings import Addresses, Settings, Workers
from crawlctl.roles.shield import ShieldProcess
from tests.office import NOW, Office, office
from tests.pictures import picture
from tests.postgres import Database

SETTINGS = Settings(workers=Workers(digest=1), addresses=Addresses(allow=["127.0.0.0/8"]))
SHIELD = ListSource("known", uses=("match", "shield"))


@dataclass
class Provider:
    """A key, and the answers that it gets."""

    user: str
    password: str
    account: int
    url: str
    session: aiohttp.ClientSession
    request_ids: list[str] = field(default_factory=list)

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()}

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
        """(status, answer, headers) to bytes or JSON."""
        data = body if isinstance(body, bytes) or hasattr(body, "__aiter__") else msgspec.json.encode(body)
        async with self.session.post(self.url + path, data=data, headers={**self.auth, **headers}) as answer:
            said = msgspec.json.decode(await answer.read())
            assert len(answer.headers["X-Request-Id"]) == 32
            self.request_ids.append(answer.headers["X-Request-Id"])
            return answer.status, said, answer.headers

    async def media(self, body: bytes) -> Any:
        status, said, _ = await self.post("/v1/media/", body, **{"Content-Type": "image/png"})
        assert status == 200, said
        return said

    async def pdq(self, *hashes: bytes) -> list[Any]:
        """One answer a hash."""
        given = [b64encode(one).decode() for one in hashes]
        status, said, _ = await self.post("/v1/pdq/", {"hashes": given})
        assert status == 200, said
        return [said["scanned_hashes"][one] for one in given]


@dataclass
class Bench:
    """A process of Shield, and the office behind it."""

    office: Office
    process: ShieldProcess
    accounts: VaultAccounts
    session: aiohttp.ClientSession
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.process.port}"

    @property
    def pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        return self.office.pool

    async def provider(self, name: str = "provider", *grants: str, role: str = "provider") -> Provider:
        """A new key."""
        account, password = await self.accounts.add(name, role, "test", NOW, grants)
        return Provider(account.user, password, account.account_id, self.url, self.session)

    async def add(self, *entries: NewEntry, source: ListSource = SHIELD) -> None:
        """Entries of a list, known to the process when this returns."""
        number = await self.office.lists.begin_import(source, "known.csv", NOW)
        await self.office.lists.add_entries(number, entries, ImportStep(0, len(entries), {}, []), NOW)
        await self.office.lists.end_import(number, NOW)
        await self.learnt()

    async def learnt(self) -> None:
        """Wait until the process knows all changes of entries."""
        seq = await self.office.seq()
        await until(lambda: self.process.keeper.index.seq >= seq)


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def served(database: Database, *, settings: Settings = SETTINGS, **shield: Any) -> AsyncIterator[Bench]:
    """Shield over a vault, as its own database role; `shield` are its settings that differ."""
    host = shield.pop("host", "127.0.0.1")
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(office(database))
        keys = await open_pool(database.dsn("pisaura_notices"), most=1)
        stack.push_async_callback(keys.close)
        chosen = replace(settings, shield=replace(ShieldSettings(), **shield))
        process = ShieldProcess(
            chosen, database.dsn("pisaura_shield"), (host, 0), None, None, database.dsn("pisaura_hasher")
        )
        stack.push_async_callback(process.stop)
        await process.start()
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Bench(desk, process, VaultAccounts(keys), session, stack)
        assert process.failed() is None


def png(image: Image.Image) -> bytes:
    """A picture as a file."""
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def scene(seed: int) -> bytes:
    """A harmless generated picture as a file."""
    return png(picture(seed))
