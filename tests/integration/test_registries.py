"""backends.registries: registries on loopback that redirect, want to be left alone, say nothing, or nonsense."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from backends.postgres.vault_recipients import VaultRecipients
from backends.postgres.vault_store import open_pool
from backends.registries import LONGEST_PAUSE, NOT_FOUND_AGE, OLDEST, REDIRECTS, Registries
from backends.registry_http import RegistryHttp
from contracts.errors import Corrupt, Unavailable
from contracts.removal import Notices
from contracts.seal import new_keys
from fetchers.addresses import Guard
from tests.fakeweb.registry import Registry, Says
from tests.postgres import Database, Server

DAY = 86_400.0
ASK = Callable[..., Awaitable[Any]]


@dataclass
class Time:
    """A clock that sleeping moves."""

    now: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def read(body: bytes) -> str:
    if not body.startswith(b"ok"):
        raise Corrupt("the registry's answer is no network")
    return body.decode("utf-8", "replace")


@dataclass
class Scene:
    """Registries over a real vault; `made` makes another process over the same one."""

    registry: Registry
    other: Registry
    time: Time
    made: Callable[..., Registries]
    pool: Any

    @property
    def registries(self) -> Registries:
        return self.made()

    async def ask(
        self, path: str = "ip/192.0.2.7", registries: Registries | None = None
    ) -> tuple[str | None, list[str]]:
        said = await (registries or self.registries).ask((self.registry.url,), path, read)
        return said.found, [one.said for one in said.steps]


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[Database]:
    """One for all tests of this module: each begins without answers and turns."""
    with postgres_server.database("vault") as made:
        yield made


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with at_scene(database) as made:
        yield made


@asynccontextmanager
async def at_scene(database: Database, **settings: Any) -> AsyncIterator[Scene]:
    pool = await open_pool(database.dsn("pisaura_notices"), most=2)
    for table in ("rdap_answers", "rdap_servers"):
        await pool.execute(f"DELETE FROM {table}")
    time, keys = Time(), new_keys()
    guard = Guard(["127.0.0.0/8"], []).check
    async with Registry() as one, Registry("127.0.0.2") as two, RegistryHttp(guard, "Pisaura", seconds=0.3) as http:

        def made(**more: Any) -> Registries:
            return Registries(
                Notices(**settings), VaultRecipients(pool), http, more.get("keys", keys), time, time.sleep
            )

        yield Scene(one, two, time, made, pool)
    await pool.close()


async def test_an_answer_is_kept_with_its_age(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", b"ok 1", b"ok 2")
    assert await scene.ask() == ("ok 1", ["answered"])
    scene.time.now += 2 * DAY
    assert await scene.ask() == ("ok 1", ["answered 2 d ago, kept"])
    scene.time.now += 6 * DAY
    assert await scene.ask() == ("ok 2", ["answered"])
    assert len(scene.registry.asked) == 2


async def test_that_nothing_is_known_is_believed_for_less(scene: Scene) -> None:
    assert await scene.ask() == (None, ["knows nothing of it (status 404)"])
    scene.registry.say("ip/192.0.2.7", b"ok")
    scene.time.now += NOT_FOUND_AGE - 1
    assert (await scene.ask())[0] is None
    scene.time.now += 2
    assert (await scene.ask())[0] == "ok"


async def test_redirects_between_registries(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", Says(302, headers={"Location": scene.other.url + "ip/192.0.2.7"}))
    scene.other.say("ip/192.0.2.7", b"ok")
    found, steps = await scene.ask()
    assert (found, steps) == ("ok", [f"redirects to {scene.other.authority}", "answered"])
    assert scene.other.asked == ["ip/192.0.2.7"]


async def test_redirects_end(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", Says(301, headers={"Location": scene.registry.url + "ip/192.0.2.7"}))
    with pytest.raises(Unavailable, match="more than 5 redirects"):
        await scene.ask()
    assert len(scene.registry.asked) == REDIRECTS + 1


@pytest.mark.parametrize(
    "to", ["https://10.0.0.1/ip/x", "http://registry.example/ip/x", "file:///etc/passwd", "https://[::1]/", ""]
)
async def test_redirects_lead_nowhere_else(scene: Scene, to: str) -> None:
    scene.registry.say("ip/192.0.2.7", Says(302, headers={"Location": to}))
    with pytest.raises(Unavailable):
        await scene.ask()


async def test_a_server_is_asked_at_its_rate(database: Database) -> None:
    async with at_scene(database, rdap_rate=0.5) as scene:
        for number in range(4):
            scene.registry.say(f"ip/192.0.2.{number}", b"ok")
            await scene.ask(f"ip/192.0.2.{number}")
        assert scene.time.slept == [2.0, 2.0, 2.0]


async def test_429_is_obeyed_by_all_processes(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", Says(429, headers={"Retry-After": "600"}), b"ok")
    with pytest.raises(Unavailable, match=r"answers with status 429"):
        await scene.ask()
    scene.time.now += 300
    for path in ("ip/192.0.2.7", "ip/192.0.2.8"):
        with pytest.raises(Unavailable, match="wants to be left alone"):
            await scene.ask(path, scene.made())
    assert len(scene.registry.asked) == 1
    scene.time.now += 301
    assert (await scene.ask())[0] == "ok"


@pytest.mark.parametrize("bad", [500, 502, 503, 403, 401, 501, Says(stall=True), b"nonsense", Says(302)])
async def test_a_registry_that_is_away(scene: Scene, bad: Any) -> None:
    """Stale answers serve with their age told; without one it is Unavailable, and asked again after a pause."""
    scene.registry.say("ip/192.0.2.7", b"ok", bad)
    await scene.ask()
    scene.time.now += 30 * DAY
    found, steps = await scene.ask()
    assert found == "ok" and steps[-1] == "answered 30 d ago, kept" and len(steps) == 2
    assert len(scene.registry.asked) == 2
    scene.time.now += OLDEST
    with pytest.raises(Unavailable, match="no registry can be asked now"):
        await scene.ask()


async def test_pauses_grow(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", 500)
    for _ in range(30):
        with pytest.raises(Unavailable):
            await scene.ask()
        scene.time.now += 60
    assert len(scene.registry.asked) < 15
    assert await scene.pool.fetchval("SELECT max(next_at) FROM rdap_servers") / 1000 <= scene.time.now + LONGEST_PAUSE


async def test_the_second_server_is_asked_if_the_first_is_away(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", 500)
    scene.other.say("ip/192.0.2.7", b"ok")
    said = await scene.registries.ask((scene.registry.url, scene.other.url), "ip/192.0.2.7", read)
    assert said.found == "ok"
    assert [one.said for one in said.steps] == [f"{scene.registry.authority} answers with status 500", "answered"]


async def test_one_question_is_asked_once_at_a_time(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", b"ok")
    registries = scene.registries
    found = await asyncio.gather(*(scene.ask(registries=registries) for _ in range(20)))
    assert {one for one, _ in found} == {"ok"} and len(scene.registry.asked) == 1


async def test_nothing_kept_leads_to_a_place(scene: Scene) -> None:
    """Domain, section 4: rows carry "nothing else that leads to it"."""
    scene.registry.say("ip/192.0.2.7", b"ok network 192.0.2.0 of hoster.example")
    await scene.ask()
    (row,) = await scene.pool.fetch("SELECT r::text AS whole, * FROM rdap_answers r")
    raw = row["whole"].encode() + row["question"] + row["sealed"]
    assert b"192.0.2" not in raw and b"hoster" not in raw
    for plain in (b"192.0.2", b"hoster"):
        assert plain.hex().encode() not in raw


async def test_answers_kept_under_other_keys_are_asked_for_again(scene: Scene) -> None:
    scene.registry.say("ip/192.0.2.7", b"ok \xff\xfe")
    assert (await scene.ask())[0] == "ok \ufffd\ufffd" == (await scene.ask())[0]
    await scene.ask(registries=scene.made(keys=new_keys()))
    assert len(scene.registry.asked) == 2
    await scene.pool.execute("UPDATE rdap_answers SET sealed = 'changed'")
    await scene.ask()
    assert len(scene.registry.asked) == 3


async def test_urls_that_are_none(scene: Scene) -> None:
    for server in ("ftp://x.example/", "https://user@x.example/", "x"):
        with pytest.raises(Unavailable, match="URL is none that can be asked"):
            await scene.registries.ask((server,), "ip/x", read)


async def test_files(scene: Scene) -> None:
    scene.registry.say("old.json", Says(301, headers={"Location": scene.other.url + "new.json"}))
    scene.other.say("new.json", b"{}")
    assert await scene.registries.file(scene.registry.url + "old.json", 100) == b"{}"
    scene.other.say("new.json", b"x" * 101)
    with pytest.raises(Unavailable, match="more than 100 bytes"):
        await scene.registries.file(scene.registry.url + "old.json", 100)
    with pytest.raises(Unavailable, match="status 404"):
        await scene.registries.file(scene.registry.url + "none.json", 100)
    with pytest.raises(Unavailable, match="cannot be asked"):
        await scene.registries.file("nonsense", 100)
    scene.registry.say("old.json", Says(301, headers={"Location": scene.registry.url + "old.json"}))
    with pytest.raises(Unavailable, match="redirects"):
        await scene.registries.file(scene.registry.url + "old.json", 100)
