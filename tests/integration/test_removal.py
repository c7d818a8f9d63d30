"""From match to removal: a crawl finds, notices really leave by mail and by a provider's API, hosts react each in their manner, and
every case ends where it must; also while the process that does it is killed at random."""

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from backends.postgres.connection import connect
from backends.postgres.supervisor import Supervisor
from contracts.cases import CaseState
from crawlctl.settings import load
from tests import hotline
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import World
from tests.fakeweb.removal import MANNERS, PICTURES, Reactions, abuse_of, build_removal, exact_text
from tests.fakeweb.web import free_ports
from tests.integration.crawls import STORAGE, Running, Scene
from tests.smtpd import MailServer, mail_server

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
ENDS = {
    "removes": {"gone"},
    "replaces": {"gone"},
    "ignores": {"notified"},
    "returns": {"back"},
    "blocks": {"unverifiable"},
    "bounces": {"held"},
    "moves": {"closed", "notified"},
}
"""States in which the cases of each manner may be at the end."""


class Providers:
    """The mail server and the provider's API, and the hosts that hear of what they take."""

    def __init__(self, reactions: Reactions, mail: MailServer) -> None:
        self.reactions, self.mail = reactions, mail
        self.posted: list[tuple[str, bytes]] = []
        self._heard = 0

    def hear(self) -> None:
        """Mail that has come is read by its providers; a bounced one by nobody."""
        for one in self.mail.received[self._heard :]:
            self._heard += 1
            if abuse_of("bounces") not in one.recipients:
                self.reactions.told_of(exact_text(one.data))

    async def post(self, request: web.Request) -> web.Response:
        """The provider's API."""
        body = await request.read()
        self.posted.append((request.headers["Idempotency-Key"], body))
        self.reactions.told_of(body.decode())
        return web.json_response({"ok": True}, status=202)


@asynccontextmanager
async def api(providers: Providers) -> AsyncIterator[str]:
    """The provider's API on loopback; its URL."""
    app = web.Application()
    app.router.add_post("/notices", providers.post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        server = site._server
        assert isinstance(server, asyncio.Server)
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/notices"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def followed(folder: Path) -> AsyncIterator[tuple[Scene, Providers]]:
    """A web of hosts with manners, a hotline that is told by two people to send, and servers that take its notices."""
    world = World(5, free_ports())
    reactions = build_removal(world, Gallery(world))
    reactions.back_after = float("inf")  # until it is seen to be gone
    async with mail_server(folder) as mail:
        providers = Providers(reactions, mail)
        async with api(providers) as url:
            (folder / "secret").write_text("0123456789abcdef0123456789abcdef")
            (folder / "secret").chmod(0o600)
            (folder / "webhooks.toml").write_text(f'[replaces]\nurl = "{url}"\nsecret = "secret"\n')
            groups = hotline.settings(
                folder, {"replaces": "replaces"}, sender="live", smtp_host="127.0.0.1", smtp_port=mail.port,
                smtp_ca=str(folder / "ca.pem"), webhooks=str(folder / "webhooks.toml"),
            )  # fmt: skip
            async with Scene(folder, world, groups) as scene:
                given = load(scene.settings).settings
                await hotline.made(scene.state, scene.known, given, folder)
                yield scene, providers


async def say(scene: Scene, *arguments: str, key: str) -> str:
    """A verb as somebody with an account; it must succeed."""
    ended = await scene.verb(*arguments, "--key", str(scene.folder / f"{key}.key"))
    assert ended.code == 0, ended.err
    return ended.out


async def switched_on(scene: Scene) -> None:
    """Two people switch on that notices are sent, and that exact cases need no release."""
    for more in ([], ["--auto"]):
        for who in ("anna", "bert"):
            await say(scene, "notices", "send", "--confirm", *more, "--why", "tested", key=who)


async def cases(scene: Scene, reactions: Reactions) -> dict[str, list[dict[str, Any]]]:
    """Cases by the manner of their host."""
    rows = json.loads(f"[{','.join((await say(scene, 'cases', 'ls', '--json', key='carol')).splitlines())}]")
    found: dict[str, list[dict[str, Any]]] = {manner: [] for manner in MANNERS}
    for row in rows:
        found[row["recipient"].removesuffix("-hosting.example").rpartition("@")[2].rpartition(":")[2]].append(row)
    return found


async def states(server: Supervisor) -> Counter[tuple[str, str]]:
    """(recipient, state) of all cases; one that was gone and came back counts as `back` wherever it is by now."""
    connection = await connect(server.dsn("vault", "pisaura_notices"))
    try:
        rows = await connection.fetch(
            "SELECT recipient, CASE WHEN back_at IS NULL THEN state ELSE 'back' END, count(*) FROM cases GROUP BY 1, 2"
        )
        return Counter({(row[0], row[1]): row[2] for row in rows})
    finally:
        await connection.close()


def ended(found: Counter[tuple[str, str]]) -> list[str]:
    """Manners whose cases are not where they must be."""
    wrong = []
    for manner, allowed in ENDS.items():
        key = "webhook:replaces" if manner == "replaces" else f"email:{abuse_of(manner)}"
        here = {state: count for (recipient, state), count in found.items() if recipient == key}
        if here.keys() != allowed or sum(here.values()) < PICTURES:
            wrong.append(f"{manner}: {here}")
    return wrong


async def follow(scene: Scene, providers: Providers, running: Running, seconds: float = 90.0) -> None:
    """Until all cases are where they must be."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    async with Supervisor(scene.state, STORAGE) as server:
        while wrong := ended(found := await states(server)):
            providers.hear()
            if found[f"email:{abuse_of('returns')}", CaseState.GONE] == PICTURES:
                providers.reactions.back_after = 0.0
            assert running.process.returncode is None, running.complaint()
            assert loop.time() < deadline, f"{wrong}\n{running.complaint()}"
            await asyncio.sleep(0.2)


async def test_every_case_ends_where_it_must(tmp_path: Path) -> None:
    async with followed(tmp_path) as (scene, providers):
        providers.mail.refused.add(abuse_of("bounces"))
        await switched_on(scene)
        running = await scene.run(known=False)
        await follow(scene, providers, running)
        running.send(signal.SIGTERM)
        assert (await running.ended()).code == 0
        assert scene.complaints() == []
        rows = await cases(scene, providers.reactions)
        for row in rows["removes"]:
            assert row["found_at"] <= row["notified_at"] <= row["gone_at"]
        mails = [message_from_bytes(one.data, policy=default) for one in providers.mail.received]
        assert all(one.secured for one in providers.mail.received)
        assert len({mail["Message-ID"] for mail in mails}) == len(mails)
        assert not any(part.get_content_maintype() in ("image", "video") for mail in mails for part in mail.walk())
        assert len({key for key, _ in providers.posted}) == len(providers.posted) >= 1
        assert not any(
            url in mail.as_string().partition("\n\n")[0] for mail in mails for url in providers.reactions.items
        )
        report = await say(
            scene, "report", "--from", TODAY, "--to", TODAY, "--format", "json", "--by", "provider", key="carol"
        )
        made = json.loads(report)
        assert made["all"]["cases"] >= len(MANNERS) * PICTURES
        assert made["all"]["removed"] >= 2 * PICTURES
        assert made["all"]["back"] >= 1


@pytest.mark.parametrize("seed", [1])
async def test_so_it_does_when_the_process_is_killed_at_random(tmp_path: Path, seed: int) -> None:
    """ "also with kill -9 of the notices role at random" """
    chance = random.Random(seed)
    async with followed(tmp_path) as (scene, providers):
        providers.mail.refused.add(abuse_of("bounces"))
        await switched_on(scene)
        kills = 0
        for _ in range(4):
            running = await scene.run(known=False)
            await asyncio.sleep(2.0 + 3.0 * chance.random())
            providers.hear()
            await running.killed()
            kills += 1
        running = await scene.run(known=False)
        await follow(scene, providers, running)
        running.send(signal.SIGTERM)
        assert (await running.ended()).code == 0
        counts = Counter(message_from_bytes(one.data, policy=default)["Message-ID"] for one in providers.mail.received)
        assert sum(counts.values()) - len(counts) <= kills, "at most one resend per kill"
        for number in {key for key, _ in providers.posted}:
            assert len({body for key, body in providers.posted if key == number}) == 1


def test_the_table_of_ends_names_states_that_there_are() -> None:
    assert {state for allowed in ENDS.values() for state in allowed} <= set(CaseState)
    assert ENDS.keys() == set(MANNERS)
