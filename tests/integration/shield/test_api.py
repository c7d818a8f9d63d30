"""Shield over HTTP: every answer has a request id and every error a detail; bodies are bounded in size, time and memory."""

import asyncio
import contextlib
import hashlib
import ssl
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

from backends.postgres.vault_shield import VaultShield
from contracts.errors import Unavailable, UsageError
from contracts.lists import ListSource
from contracts.settings import LimitSettings, Workers
from hasher.digests import media_digests
from shield import api, bodies
from tests import certificates
from tests.postgres import Database
from tests.shielding import SETTINGS, Provider, scene, served, until
from tests.vaults import entry, flipped

MEDIA = scene(1)
PDQ = media_digests(MEDIA).frames[0].forms[0]


async def raw(port: int, *parts: bytes, wanted: bytes = b"\r\n\r\n", seconds: float = 10.0) -> bytes:
    """What a server says to bytes that no client would send, until it has said `wanted`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        said = b""
        async with asyncio.timeout(seconds):
            while wanted not in said and (more := await reader.read(65536)):
                said += more
        return said
    finally:
        writer.close()


def head(provider: Provider, path: str = "/v1/media/", *fields: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: {provider.auth['Authorization']}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def test_digests_of_a_batch(vault_database: Database) -> None:
    """Exact: SHA-256, SHA-1, MD5 with a second fact; MD5 alone is near; a held or unknown one is nothing."""
    async with served(vault_database, batch=6) as bench:
        provider = await bench.provider("provider", "pdq")
        await bench.add(
            entry("a", ("sha256", b"\1" * 32)), entry("b", ("sha1", b"\2" * 20)), entry("c", ("md5", b"\3" * 16), size=4000),
            entry("d", ("md5", b"\4" * 16), ("sha1", b"\5" * 20)), entry("e", ("sha256", b"\6" * 32), held="featureless"),
            entry("f", ("pdq", PDQ)),
        )  # fmt: skip
        await bench.add(
            entry("g", ("sha256", b"\7" * 32)), source=ListSource("adults", kind="ncii-adult", uses=("shield",))
        )
        await bench.add(entry("h", ("sha256", b"\x08" * 32)), source=ListSource("no shield", uses=("match",)))
        items = [
            {"sha256": "01" * 32}, {"sha1": "02" * 20}, {"md5": "03" * 16, "size_bytes": 4000}, {"md5": "03" * 16},
            {"md5": "04" * 16}, {"md5": "04" * 16, "sha1": "05" * 20},
        ]  # fmt: skip
        status, said, _ = await provider.post("/v1/digests/", {"digests": items})
        assert (status, said["request_id"]) == (200, provider.request_ids[-1])
        assert [one["match_type"] for one in said["scanned_digests"]] == [
            "exact",
            "exact",
            "exact",
            "near",
            "near",
            "exact",
        ]
        items = [
            {"sha256": "06" * 32}, {"sha256": "07" * 32}, {"sha256": "08" * 32}, {"sha256": "09" * 32},
            {"sha256": "09" * 32, "pdq": flipped(PDQ, 9).hex()},
        ]  # fmt: skip
        _, said, _ = await provider.post("/v1/digests/", {"digests": items})
        told = [(one["classification"], one["match_type"], one["kind"]) for one in said["scanned_digests"]]
        nothing = ("no-known-match", None, "")
        assert told == [
            nothing, ("harmful-abusive-material", "exact", "ncii-adult"), nothing, nothing, ("csam", "near", "csam"),
        ]  # fmt: skip
        status, said, _ = await provider.post("/v1/digests/", {"digests": items + items})
        assert (status, said) == (413, {"detail": "10 digests are too many for one question; ask by 6 at most"})


async def test_exact_media_and_what_people_refused(vault_database: Database) -> None:
    async with served(vault_database) as bench:
        provider = await bench.provider()
        sha256 = hashlib.sha256(MEDIA).digest()
        await bench.add(entry("a", ("sha256", sha256)), entry("b", ("pdq", PDQ)))
        said = await provider.media(MEDIA)
        assert (said["match_type"], len(said["near_match_details"]), said["near_answers"]) == ("exact", 1, "given")
        nothing = await provider.media(b"no picture at all " * 100)
        assert (nothing["classification"], nothing["near_answers"]) == ("no-known-match", "not_decoded")
        await bench.add(entry("good", ("sha256", sha256)), source=ListSource("good", kind="known-good", uses=()))
        assert (await provider.media(MEDIA))["match_type"] is None, "known-good against known is never decided silently"


async def test_who_may_ask(vault_database: Database) -> None:
    """Providers ask; nobody else does, and only operators and viewers see metrics; a revoked key is seen within seconds."""
    async with served(vault_database) as bench:
        provider, analyst = await bench.provider(), await bench.provider("ann", role="analyst")
        operator = await bench.provider("olga", role="operator")
        wrong = replace(provider, password="x")
        for who, wanted in (
            (provider, 200),
            (analyst, 403),
            (wrong, 401),
            (replace(provider, user="nobody"), 401),
            (wrong, 401),
        ):
            status, said, headers = await who.post("/v1/media/", MEDIA)
            assert status == wanted
            assert (status == 200) != ("detail" in said)
            assert ("WWW-Authenticate" in headers) == (status == 401)
        for who, wanted in ((provider, 403), (operator, 200)):
            async with bench.session.get(bench.url + "/metrics", headers=who.auth) as answer:
                assert answer.status == wanted
                text = await answer.text()
        assert 'pisaura_shield_answers_total{answer="none"} 1.0' in text
        assert 'pisaura_shield_refusals_total{status="401"} 3.0' in text
        await bench.accounts.revoke("provider", "olga", 1_700_000_000.0)
        async with asyncio.timeout(8):
            while (await provider.post("/v1/media/", MEDIA))[0] == 200:
                await asyncio.sleep(0.05)
        assert (await provider.post("/v1/media/", MEDIA))[0] == 401


async def test_rates_and_quotas(vault_database: Database) -> None:
    async with served(vault_database, rate=0.01, burst=3, daily=100) as bench:
        one, other = await bench.provider("one", "pdq"), await bench.provider("other", "pdq")
        statuses = [(await one.post("/v1/digests/", {"digests": [{"md5": "00" * 16}]}))[0] for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        _, said, headers = await one.post("/v1/media/", MEDIA)
        assert "too fast" in said["detail"] and 1 <= int(headers["Retry-After"]) <= 100
        status, said, headers = await other.post("/v1/digests/", {"digests": [{"md5": "00" * 16}] * 101})
        assert (status, "today" in said["detail"], int(headers["Retry-After"]) >= 1) == (429, True, True)


async def test_what_is_used_of_a_day_outlives_the_process(vault_database: Database) -> None:
    async with served(vault_database, daily=100) as bench:
        provider = await bench.provider()
        for _ in range(3):
            assert (await provider.post("/v1/digests/", {"digests": [{"md5": "00" * 16}] * 30}))[0] == 200
    async with served(vault_database, daily=100) as bench:
        again = replace(provider, url=bench.url, session=bench.session)
        assert (await again.post("/v1/digests/", {"digests": [{"md5": "00" * 16}] * 30}))[0] == 429


async def test_feedback_is_an_opinion_and_never_more(vault_database: Database) -> None:
    """ "Providers can confirm or dispute (`POST v1/feedback`): an opinion"."""
    async with served(vault_database) as bench:
        provider, other = await bench.provider("Video Host"), await bench.provider("other")
        await bench.add(entry("a", ("sha256", hashlib.sha256(MEDIA).digest())), entry("b", ("pdq", PDQ)))
        said = await provider.media(MEDIA)
        (near,) = said["near_match_details"]
        about = {
            "request_id": said["request_id"],
            "verdict": "dispute",
            "reason": "adults",
            "sha256_hex": near["sha256_hex"],
        }
        assert (await other.post("/v1/feedback", about))[0] == 404, "only on what this key was told"
        status, answer, _ = await provider.post("/v1/feedback", about)
        assert (status, answer["entries"]) == (200, 1)
        standings = "SELECT standing FROM entries e ORDER BY member_entry_id"
        async with asyncio.timeout(10):
            while await bench.pool.fetch(standings) != [("unverified",), ("disputed",)]:
                await asyncio.sleep(0.05)
        row = await bench.pool.fetchrow("SELECT organisation, verdict, why, person FROM opinions")
        assert row is not None and tuple(row)[:3] == ("provider: Video Host", "dispute", "adults")
        for wrong in (
            {"verdict": "withdraw"},
            {"reason": "see https://a.example/"},
            {"verdict": 3},
            {"request_id": None},
        ):
            status, answer, _ = await provider.post("/v1/feedback", {**about, **wrong})
            assert status == 400 and "a.example" not in answer["detail"]
        status, _, _ = await provider.post("/v1/feedback", {**about, "verdict": "confirm", "sha256_hex": ""})
        assert status == 200
        async with asyncio.timeout(10):
            while await bench.pool.fetch(standings) != [("unverified",), ("unverified",)]:
                await asyncio.sleep(0.05)


@pytest.fixture
async def shared(vault_database: Database):  # type: ignore[no-untyped-def]
    async with served(vault_database) as bench:
        yield await bench.provider("provider", "pdq")


ERRORS = [
    ("/v1/media/", b"", 400, "empty"),
    ("/v1/nothing", b"{}", 404, "no such path"),
    ("/v1/pdq/", b"{", 400, "malformed"),
    ("/v1/pdq/", b'{"hashes": 3}', 400, "Expected `array`"),
    ("/v1/pdq/", b'{"hashes": []}', 400, "no hashes"),
    ("/v1/pdq/", b"\xff\xfe", 400, "JSON"),
    ("/v1/digests/", b"[" * 50_000, 400, "JSON"),
    ("/v1/digests/", b'{"digests": [{}]}', 400, "item 1 has no digest"),
    ("/v1/digests/", b'{"digests": [{"md5": "zz"}]}', 400, "32 hex digits"),
    ("/v1/digests/", b'{"digests": [{"md5": "' + b"00" * 16 + b'", "size_bytes": -1}]}', 400, "no size"),
    ("/v1/url/", b'{"url": "ftp://a/"}', 400, "scheme"),
    ("/v1/url/", b'{"url": "http://user:pw@a.example/x"}', 400, "credentials"),
    ("/v1/url/", b'{"url": "http://a.example/x"}', 403, "that host"),
]


async def test_errors(shared: Provider) -> None:
    for path, body, status, said in ERRORS:
        found, answer, headers = await shared.post(path, body)
        assert (found, list(answer)) == (status, ["detail"])
        assert said in answer["detail"]
        assert headers["Content-Type"] == "application/json"


async def test_bodies_are_bounded(vault_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """In size (said and actual), in time, and all of them together in memory."""
    monkeypatch.setattr(bodies, "GRACE", 0.3)
    settings = replace(SETTINGS, workers=Workers(digest=1, buffers=1 << 20), limits=LimitSettings(min_rate=1 << 20))
    async with served(vault_database, settings=settings, media_bytes=700_000) as bench:
        provider = await bench.provider()

        async def chunks(octets: int):  # type: ignore[no-untyped-def]
            for _ in range(octets // 50_000):
                yield bytes(50_000)

        assert (await provider.post("/v1/media/", bytes(600_000)))[0] == 200
        assert (await provider.post("/v1/media/", bytes(700_001)))[0] == 413
        assert (await provider.post("/v1/media/", chunks(600_000)))[0] == 200
        assert (await provider.post("/v1/media/", chunks(5_000_000)))[0] == 413
        port = bench.process.port
        said = await raw(port, head(provider, "/v1/media/", "Content-Length: 500000"), bytes(1000), wanted=b"slowly")
        assert b" 408 " in said and b"too slowly" in said
        holder = asyncio.create_task(raw(port, head(provider, "/v1/media/", "Content-Length: 699999"), bytes(10)))
        await until(lambda: bench.process.api is not None and bench.process.api.open == 1)
        status, answer, headers = await provider.post("/v1/media/", bytes(600_000))
        assert (status, headers["Retry-After"]) == (503, "1"), answer
        await holder
        assert (await provider.post("/v1/media/", bytes(600_000)))[0] == 200, "what is refused gives its room back"
        status, answer, _ = await provider.post("/v1/media/", b"x", **{"Content-Encoding": "gzip"})
        assert (status, "content coding" in answer["detail"]) == (415, True)
        expecting = head(provider, "/v1/media/", "Content-Length: 3", "Expect: 100-continue", "Connection: close")
        assert (await raw(port, expecting, b"abc", wanted=b"200 OK")).startswith(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"
        )
        for nonsense in (
            b"\x16\x03\x01\x02\x00 hello\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /v1/media/ HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n",
        ):
            said = await raw(port, nonsense, wanted=b"detail")
            assert said.startswith(b"HTTP/1.") and b"X-Request-Id: " in said and b'{"detail":' in said
        assert b" 400 " in await raw(port, b"POST /v1/media/ HTTP/1.1\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n")


async def test_who_does_not_end_a_head_is_sent_away(vault_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "KEEP_ALIVE", 0.2)
    async with served(vault_database, connections=1) as bench:
        assert await raw(bench.process.port, b"POST /v1/media/ HTTP/1.1\r\nHost:") == b""
        monkeypatch.setattr(api, "KEEP_ALIVE", 15.0)


async def test_connections_are_bounded(vault_database: Database) -> None:
    async with served(vault_database, connections=1) as bench:
        provider, port = await bench.provider(), bench.process.port
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        with contextlib.suppress(ConnectionError):
            assert await raw(port, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n") == b"", "one too many"
        writer = waiting[0][1]
        writer.write(head(provider, "/v1/media/", "Content-Length: 5"))
        await until(lambda: bench.process.api is not None and bench.process.api.open == 1)
        reader, other = waiting[1]
        other.write(head(provider, "/v1/media/", "Content-Length: 0"))
        assert b" 503 " in await reader.readuntil(b"\r\n"), "one question at a time here"
        writer.write(b"abcde")
        assert b" 200 " in await waiting[0][0].readuntil(b"\r\n")
        for _, one in waiting:
            one.close()


async def test_the_description_is_valid_and_names_every_path(shared: Provider) -> None:
    async with shared.session.get(shared.url + "/openapi.json") as answer:
        assert answer.status == 200 and len(answer.headers["X-Request-Id"]) == 32
        document = msgspec.json.decode(await answer.read())
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/v1/media/", "/v1/url/", "/v1/pdq/", "/v1/digests/", "/v1/feedback"}
    for path in ("/livez", "/readyz"):
        async with shared.session.get(shared.url + path) as answer:
            assert (answer.status, await answer.text()) == (
                200,
                f'{{"{path[1:-1].replace("livez", "live")}":true}}'.replace("readyz", "ready"),
            )
    async with shared.session.get(shared.url + "/v1/media/") as answer:
        assert answer.status == 405


async def test_urls_are_fetched_through_the_guard_and_followed_nowhere(vault_database: Database) -> None:
    """Only hosts of the key or of the settings, the crawler's address guard, no redirect, no more than the bound."""
    sites = {"/ok": (200, MEDIA, {}), "/gone": (404, b"", {}), "/away": (302, b"", {"Location": "http://127.0.0.1/"}),
             "/large": (200, bytes(800_000), {}), "/empty": (200, b"", {})}  # fmt: skip

    async def answer(request: web.BaseRequest) -> web.Response:
        status, body, headers = sites[request.path]
        return web.Response(status=status, body=body, headers=headers)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with served(vault_database, media_bytes=700_000) as bench:
        provider = await bench.provider("one", f"url:127.0.0.1:{port}", "url:10.*", "url:*.test")
        other = await bench.provider("other")

        async def ask(path: str, who: Provider = provider, host: str = f"127.0.0.1:{port}") -> tuple[int, str]:
            status, said, _ = await who.post("/v1/url/", {"url": f"http://{host}{path}"})
            return status, said.get("detail", said.get("classification"))

        assert await ask("/ok") == (200, "no-known-match")
        assert (await ask("/ok", other))[0] == 403, "the grant is one key's"
        for path, word in (("/gone", "404"), ("/away", "no redirect"), ("/large", "too large"), ("/empty", "empty")):
            status, said = await ask(path)
            assert status == 422 and word in said
        status, said = await ask("/", host="10.0.0.1")
        assert status == 422 and "address_not_global" in said
        assert (await ask("/", host="evil.example"))[0] == 403
    await runner.cleanup()


async def test_tls_off_loopback(vault_database: Database, tmp_path: Path) -> None:
    """ "TLS off loopback": refused without a certificate, served with one."""
    files = certificates.make(tmp_path, ("127.0.0.1",))
    with pytest.raises(UsageError, match=r"0\.0\.0\.0 is not loopback.*shield\.certificate"):
        async with served(vault_database, host="0.0.0.0"):
            pass
    async with served(vault_database, certificate=str(files.broker)) as bench:
        provider = await bench.provider()
        context = ssl.create_default_context(cafile=str(files.authority))
        async with bench.session.post(
            f"https://127.0.0.1:{bench.process.port}/v1/media/", data=MEDIA, headers=provider.auth, ssl=context
        ) as answer:
            assert answer.status == 200
    with pytest.raises(UsageError, match="cannot be used"):
        async with served(vault_database, certificate=str(files.client)):
            pass


async def test_a_vault_that_is_away(vault_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is told that could not be kept; with no news of revoked keys for long nobody is answered."""
    async with served(vault_database) as bench:
        provider = await bench.provider()
        await bench.add(entry("b", ("pdq", PDQ)))
        await provider.media(MEDIA)

        async def away(*_: object) -> None:
            raise Unavailable("the vault is away")

        monkeypatch.setattr(VaultShield, "told", away)
        status, said, _ = await provider.post("/v1/media/", MEDIA)
        assert (status, "near" in str(said)) == (503, False)
        monkeypatch.undo()
        monkeypatch.setattr(VaultShield, "suspended", away)
        shield = bench.process.shield
        assert shield is not None
        shield._looked_at -= 60
        status, said, headers = await provider.post("/v1/media/", MEDIA)
        assert (status, headers["Retry-After"]) == (503, "2")
        async with bench.session.get(bench.url + "/readyz") as answer:
            assert answer.status == 503


async def test_a_stop_lets_what_is_under_way_finish(vault_database: Database) -> None:
    async with served(vault_database) as bench:
        provider = await bench.provider()
        await provider.media(MEDIA)
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.process.port)
        writer.write(head(provider, "/v1/media/", f"Content-Length: {len(MEDIA)}"))
        await until(lambda: bench.process.api is not None and bench.process.api.open == 1)
        stopping = asyncio.create_task(bench.process.stop())
        await asyncio.sleep(0)
        writer.write(MEDIA)
        said = await reader.read(65536)
        assert said.startswith(b"HTTP/1.1 200 OK")
        writer.close()
        await stopping
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", bench.process.port)
