"""Providers' APIs: a real server on loopback, over TLS of a throwaway authority."""

import asyncio
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web

from contracts.errors import Unavailable, UsageError
from contracts.notices import Later, Refused, Unfit, Withheld
from contracts.removal import Operator
from notices.senders.providers import Provider
from notices.senders.webhook import KEY, SIGNATURE, TIMESTAMP, Webhook
from tests import certificates
from tests.notices import NOW, OPERATOR, PROVIDER, notice, place

SECRET = b"0123456789abcdef"
Answer = Callable[[web.Request], web.StreamResponse]


class Api:
    """A provider's API that answers as it is told, and keeps what it got."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.port = answer, 0
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.stalls = False

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        if self.stalls:
            await asyncio.Event().wait()
        return self.answer(request)


@asynccontextmanager
async def serving(folder: Path, answer: Answer, addresses: tuple[str, ...] = ("127.0.0.1",)) -> AsyncIterator[Api]:
    files = certificates.make(folder, addresses)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.broker)
    api = Api(answer)
    app = web.Application()
    app.router.add_post("/notices", api.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    api.port = runner.addresses[0][1]
    try:
        yield api
    finally:
        await runner.cleanup()


def sender(folder: Path, port: int, authority: str = "ca.pem", seconds: float = 20.0) -> Webhook:
    context = ssl.create_default_context(cafile=folder / authority if authority else None)
    provider = Provider("host", f"https://127.0.0.1:{port}/notices", SECRET, context)
    return Webhook({"host": provider}, OPERATOR, lambda: NOW + 0.5, seconds=seconds)


ONE = notice(recipient=PROVIDER)


async def test_a_notice_is_posted_signed_under_its_key(tmp_path: Path) -> None:
    async with serving(tmp_path, lambda _: web.json_response({"ticket": 5}, status=202)) as api:
        done = await sender(tmp_path, api.port).send(ONE)
        assert done.accepted and not done.dry and done.said == '202 {"ticket": 5}'
        await sender(tmp_path, api.port).send(ONE)
    (fields, body), again = api.got
    assert again == (fields, body)
    assert json.loads(body)["places"][0]["url"] == place().url
    assert (fields[KEY], fields[TIMESTAMP]) == (ONE.idempotency_key, str(int(NOW)))
    assert fields[SIGNATURE] == "v1=" + hmac.new(SECRET, fields[TIMESTAMP].encode() + b"." + body, "sha256").hexdigest()
    assert fields["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 204, 409])
async def test_taken(tmp_path: Path, status: int) -> None:
    """409: it has one with this key."""
    async with serving(tmp_path, lambda _: web.Response(status=status)) as api:
        assert (await sender(tmp_path, api.port).send(ONE)).accepted


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422])
async def test_refused_for_good(tmp_path: Path, status: int) -> None:
    said = "no: https://media.example/files/1.jpg\r\nis\x1b not ours"
    async with serving(tmp_path, lambda _: web.Response(status=status, text=said)) as api:
        with pytest.raises(Refused, match="host answers") as error:
            await sender(tmp_path, api.port).send(ONE)
    assert "media.example" not in str(error.value) and "\x1b" not in str(error.value)


@pytest.mark.parametrize("status", [301, 302, 401, 403])
async def test_what_the_operator_must_put_right(tmp_path: Path, status: int) -> None:
    moved = {"Location": "/elsewhere"}
    async with serving(tmp_path, lambda _: web.Response(status=status, headers=moved)) as api:
        with pytest.raises(Unavailable, match="url and secret"):
            await sender(tmp_path, api.port).send(ONE)
        assert len(api.got) == 1


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "120", 120.0),
        (503, formatdate(int(NOW) + 600, usegmt=True), 599.5),
        (503, formatdate(int(NOW) - 600, usegmt=True), 0.0),
        (503, "9" * 40, 86_400.0),
        (500, "", 0.0),
        (502, "soon", 0.0),
        (503, "-5", 0.0),
        (503, "Mon, 99 Foo 99999 99:99:99 GMT", 0.0),
    ],
)
async def test_asked_to_wait(tmp_path: Path, status: int, said: str, wait: float) -> None:
    async with serving(tmp_path, lambda _: web.Response(status=status, headers={"Retry-After": said})) as api:
        with pytest.raises(Later) as error:
            await sender(tmp_path, api.port).send(ONE)
    assert error.value.retry_after == wait


async def test_nothing_is_sent_where_tls_cannot_be_verified(tmp_path: Path) -> None:
    async with serving(tmp_path, lambda _: web.Response()) as api:
        with pytest.raises(Withheld, match="cannot be verified"):
            await sender(tmp_path, api.port, authority="").send(ONE)
        assert not api.got
    async with serving(tmp_path, lambda _: web.Response(), addresses=("127.0.0.9",)) as api:
        with pytest.raises(Withheld):
            await sender(tmp_path, api.port).send(ONE)
        assert not api.got


async def test_a_server_that_stalls_or_is_away(tmp_path: Path) -> None:
    async with serving(tmp_path, lambda _: web.Response()) as api:
        api.stalls = True
        with pytest.raises(Unavailable, match="stopped answering"):
            await sender(tmp_path, api.port, seconds=0.3).send(ONE)
        port = api.port
    with pytest.raises(Unavailable):
        await sender(tmp_path, port).send(ONE)


async def test_a_long_answer_is_cut(tmp_path: Path) -> None:
    async with serving(tmp_path, lambda _: web.Response(body=b"x " * (1 << 20))) as api:
        assert len((await sender(tmp_path, api.port).send(ONE)).said) <= 500


async def test_a_provider_that_is_in_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match=r"notices\.webhooks"):
        await Webhook({}, OPERATOR, lambda: NOW).send(ONE)


def test_it_refuses_to_start_without_the_operators_name() -> None:
    with pytest.raises(UsageError, match=r"operator\.name"):
        Webhook({}, Operator(), lambda: NOW)
