"""hasher.sources.client: verified TLS, bounds, no other host, named failures, nothing secret in any of them."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contracts.errors import PisauraError, UsageError
from contracts.settings import Lists
from hasher.exchange.retry import TABLE, Trouble
from hasher.sources.client import Client, Failed, Rejected, check, http_date, retry_after
from hasher.sources.credentials import Credentials
from tests import certificates
from tests.exchange.truth import Time

LOGIN = Credentials("the-file", {"Authorization": "Bearer s3cret"})
Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """Answers each request with the next of its answers, the last one again and again."""

    answers: list[Answer]
    heads: list[str] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        else:
            await answer(writer)
        writer.close()


def answer(status: int, body: bytes = b"", *fields: str) -> bytes:
    head = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", "Connection: close", *fields]
    return "\r\n".join([*head, "", ""]).encode() + body


@asynccontextmanager
async def site(*answers: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    made = Site(list(answers))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.url = f"http{'s' if context else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def client(folder: Path, context: ssl.SSLContext | None = None, **more: object) -> AsyncIterator[Client]:
    time = Time()
    settings = Lists(**{"timeout": 5.0, **more})  # type: ignore[arg-type]
    async with Client(settings, folder, time, sleep=time.sleep, context=context) as made:
        yield made


async def test_an_answer_with_its_date(tmp_path: Path) -> None:
    good = answer(200, b"body", "Date: Tue, 14 Nov 2023 22:13:20 GMT", 'ETag: "e"', "Last-Modified: then")
    async with site(good) as at, client(tmp_path) as asking:
        facts, body = await asking.page(at.url + "/x?y=1", LOGIN)
    assert (facts.status, facts.date, facts.etag, facts.modified, body) == (
        200,
        1_700_000_000.0,
        '"e"',
        "then",
        b"body",
    )
    assert "Authorization: Bearer s3cret" in at.heads[0]


@pytest.mark.parametrize(
    ("status", "fields", "error", "trouble"),
    [
        (401, (), UsageError, None),
        (403, (), UsageError, None),
        (404, (), Rejected, None),
        (400, (), Rejected, None),
        (206, (), Rejected, None),
        (304, (), Rejected, None),
        (429, ("Retry-After: 7",), Failed, Trouble.BUSY),
        (503, ("Retry-After: 7",), Failed, Trouble.DOWN),
        (500, (), Failed, Trouble.DOWN),
        (408, (), Failed, Trouble.DOWN),
    ],
)
async def test_a_status_is_named(
    tmp_path: Path, status: int, fields: tuple[str, ...], error: type[PisauraError], trouble: Trouble | None
) -> None:
    async with (
        site(answer(status, b"" if status == 304 else b"s3cret in the body", *fields)) as at,
        client(tmp_path) as asking,
    ):
        with pytest.raises(error) as raised:
            await asking.page(at.url + "/?private=1", LOGIN)
    text = str(raised.value)
    assert "s3cret" not in text and "private" not in text
    assert status not in (401, 403) or "the-file" in text
    if isinstance(raised.value, Failed):
        assert raised.value.trouble == trouble and raised.value.retry_after == (7.0 if fields else 0.0)


async def test_redirects_stay_at_home(tmp_path: Path) -> None:
    async with site(answer(200, b"elsewhere")) as other:
        for target in (other.url + "/", "//evil.example/", "https://127.0.0.1/", "", "http://"):
            async with site(answer(302, b"", f"Location: {target}")) as at, client(tmp_path) as asking:
                with pytest.raises(UsageError, match="another host"):
                    await asking.page(at.url, LOGIN)
        assert other.heads == []
    async with site(answer(307, b"", "Location: /b"), answer(200, b"b")) as at, client(tmp_path) as asking:
        assert (await asking.page(at.url + "/a", LOGIN))[1] == b"b" and at.heads[1].startswith("GET /b ")
    async with site(answer(302, b"", "Location: /")) as at, client(tmp_path) as asking:
        with pytest.raises(UsageError, match="more than 5 times"):
            await asking.page(at.url, LOGIN)


async def test_bodies_are_bounded_unpacked_too(tmp_path: Path) -> None:
    packed = gzip.compress(bytes(8 << 20))
    for body, fields in ((bytes(2 << 20), ()), (packed, ("Content-Encoding: gzip",))):
        async with site(answer(200, body, *fields)) as at, client(tmp_path, page_bytes=1 << 20) as asking:
            with pytest.raises(Failed) as raised:
                await asking.page(at.url, LOGIN)
            assert raised.value.trouble == Trouble.GARBLED


async def test_what_is_cut_off_slow_or_not_there_is_unreached(tmp_path: Path) -> None:
    async def half(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, bytes(1000))[:-1])
        await writer.drain()

    async with site(half) as at, client(tmp_path) as asking:
        with pytest.raises(Failed) as raised:
            await asking.page(at.url, LOGIN)
    assert raised.value.trouble == Trouble.UNREACHED
    with pytest.raises(Failed, match="no whole answer"):
        async with client(tmp_path) as asking:
            await asking.page(at.url, LOGIN)


async def test_time_is_bounded(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        await released.wait()

    async with site(slow) as at, client(tmp_path, timeout=0.05) as asking:
        with pytest.raises(Failed, match=r"0\.05 s"):
            await asking.page(at.url, LOGIN)
        released.set()


async def test_tls_is_verified(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(files.broker)
    async with site(answer(200, b"ok"), context=serving) as at:
        async with client(tmp_path) as asking:
            with pytest.raises(UsageError, match="certificate"):
                await asking.page(at.url, LOGIN)
        async with client(tmp_path, ssl.create_default_context(cafile=str(files.authority))) as asking:
            assert (await asking.page(at.url, LOGIN))[1] == b"ok"
    assert len(at.heads) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://source.example/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "https://u:p@127.0.0.1/",
        "file:///etc/passwd",
        "x",
    ],
)
def test_only_https_leaves_the_machine(url: str) -> None:
    with pytest.raises(UsageError):
        check(url)


@pytest.mark.parametrize(
    "url", ["https://source.example/x", "http://127.0.0.1:1/", "http://localhost/", "http://[::1]/"]
)
def test_loopback_may_be_plain(url: str) -> None:
    assert url.startswith(check(url))


async def test_one_table_says_what_is_tried_again(tmp_path: Path) -> None:
    async with (
        site(answer(503), answer(429, b"", "Retry-After: 40"), answer(200, b"ok")) as at,
        client(tmp_path) as asking,
    ):
        time = asking._clock()
        _, body = await asking.persist(lambda: asking.page(at.url, LOGIN), lambda: 1.0)
        assert body == b"ok" and asking._clock() - time == TABLE[Trouble.DOWN].first + 40.0
    async with site(answer(503)) as at, client(tmp_path) as asking:
        with pytest.raises(Failed, match="503"):
            await asking.persist(lambda: asking.page(at.url, LOGIN), lambda: 1.0)
        assert len(at.heads) == TABLE[Trouble.DOWN].tries


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120.0), ("", 0.0), ("-5", 0.0), ("soon", 0.0), ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
     ("Tue, 14 Nov 2023 22:12:20 GMT", 0.0), ("Tue, 14 Nov 2023 22:14:20 +0900", 0.0), ("9" * 400, 999_999_999.0)],
)  # fmt: skip
def test_retry_after(text: str, seconds: float) -> None:
    assert retry_after(text, 1_700_000_000.0) == seconds
    assert http_date("Tue, 99 Nov 2023 22:14:20 GMT") == 0.0
