"""The API of the notices role: who may do what, hostile requests, bounds; and verbs that go through it."""

import asyncio
import base64
import io
import json
import logging
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from contracts.errors import PisauraError, Unavailable, UsageError
from contracts.people import PEOPLE, PERMISSIONS, ROLES, Identity
from contracts.removal import Notices
from contracts.settings import Settings
from crawlctl.desk.remote import Remote
from crawlctl.desk.serving import serve
from crawlctl.identity import Credentials
from notices import api as apis
from notices.api import Api, Failures
from notices.desk.table import ACTS
from notices.desk.words import CaseAsked, Cases, CasesAsked, CaseShown
from notices.senders.providers import read_providers
from notices.senders.webhook import SIGNATURE, TIMESTAMP, signature
from tests.casework import KEYS
from tests.desks import OPERATOR, Desk, desks
from tests.postgres import Database

LISTEN = "127.0.0.1:0"


@asynccontextmanager
async def served(database: Database, **more: Any) -> AsyncIterator[tuple[Desk, str]]:
    """A desk, and the URL of its API."""
    settings = Settings(operator=OPERATOR, notices=Notices(api_listen=LISTEN, **more))
    async with desks(database, settings) as desk:
        api = await serve(settings, desk.work.pool, KEYS, desk.cases, lambda: desk.now)
        assert api is not None
        try:
            yield desk, f"http://127.0.0.1:{api.port}"
        finally:
            await api.stop()


async def account(desk: Desk, name: str, role: str) -> Credentials:
    made, password = await desk.accounts.add(name, role, "test", desk.now)
    return Credentials(made.user, password)


async def post(url: str, data: Any = b"{}", header: str = "", **more: Any) -> tuple[int, Any, Any]:
    headers = {"Authorization": header} if header else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=headers, **more) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None, answer.headers


# every act x every role
async def test_each_role_may_do_what_its_row_says_and_nothing_else(vault_database: Database) -> None:
    async with served(vault_database) as (desk, url):
        for role in ROLES:
            header = (await account(desk, f"the {role}", role)).header
            for name, act in ACTS.items():
                status, said, _ = await post(f"{url}/v1/{name}", b'{"none": 1}', header)
                if role in PERMISSIONS[act.permission]:
                    assert status == 400 and "does not fit" in said["detail"], (role, name)
                else:
                    assert status == 403 and f"the {role} is {role}" in said["detail"], (role, name)
        assert await desk.trail() == []


def test_every_act_has_a_row_of_permissions() -> None:
    assert {act.permission for act in ACTS.values()} <= PERMISSIONS.keys()
    assert all(set(PERMISSIONS[act.permission]) <= set(PEOPLE) for act in ACTS.values()), (
        "no provider comes to the desk"
    )


async def test_verbs_go_through_the_api_with_an_account(vault_database: Database) -> None:
    async with served(vault_database) as (desk, url):
        number = await desk.case(1)
        remote = Remote(Settings(notices=Notices(api=url + "/")), await account(desk, "anna", "analyst"))
        page = await remote.call("cases.ls", CasesAsked(), Cases)
        assert [line.case for line in page.cases] == [number]
        shown = await remote.call("cases.show", CaseAsked(number, "a purpose"), CaseShown)
        assert shown.place.url == "http://host.test/1.png" and shown.evidence[0].opinions == []
        assert [line[:3] for line in await desk.trail()] == [("anna", "cases.show", str(number))]
        with pytest.raises(UsageError, match="there is no case 77"):
            await remote.call("cases.show", CaseAsked(77), CaseShown)
        with pytest.raises(UsageError, match="who asks"):
            await Remote(Settings(notices=Notices(api=url)), Credentials("anna", "wrong")).call(
                "cases.ls", CasesAsked(), Cases
            )
        with pytest.raises(PisauraError, match="another version"):
            await remote.call("cases.ls", CasesAsked(), CaseShown)
    with pytest.raises(Unavailable, match="does not answer"):
        await remote.call("cases.ls", CasesAsked(), Cases)


HOSTILE = [
    b"", b"[]", b"null", b'{"case": 0}', b'{"case": -1}', b'{"case": 1e400}', b'{"case": "1"}', b'{"case": true}', b"{" * 50_000,
    b"[" * 100_000, b"\xff\xfe\x00", b'{"case": 1, "purpose": "\\ud800"}', b'{"case": 99999999999999999999999999}',
    b'{"case": 1, "purpose": "' + b"x" * 501 + b'"}', b'{"case": 1, "more": 2}', b'{"case": 1, "purpose": "\\u0000"}',
    b'{"case": 4611686018427387904}',
]  # fmt: skip


async def test_hostile_bodies_have_an_answer(vault_database: Database, caplog: pytest.LogCaptureFixture) -> None:
    async with served(vault_database) as (desk, url):
        header = (await account(desk, "sue", "supervisor")).header
        for name in ("cases.show", "cases.ls", "review.decide", "review.take", "review.release_match"):
            for body in HOSTILE:
                status, said, headers = await post(f"{url}/v1/{name}", body, header)
                assert status == 200 if (name, body) == ("cases.ls", b"") else status == 400, (name, body[:40], said)
                assert len(headers["X-Request-Id"]) == 16 and headers["Cache-Control"] == "no-store"
                assert status == 200 or set(said) == {"detail"}
        big = b'{"purpose": "' + b"x" * apis.BODY + b'"}'
        assert (await post(f"{url}/v1/cases.show", big, header))[0] == 413
        for path, wanted in (("/v1/none", 404), ("/", 404), ("/v1/cases.show/x", 404), ("/hooks/mail", 404)):
            status, said, _ = await post(url + path, b"{}", header)
            assert (status, set(said)) == (wanted, {"detail"})
        async with aiohttp.ClientSession() as session, session.get(f"{url}/v1/cases.ls") as answer:
            assert (answer.status, set(await answer.json())) == (405, {"detail"})
        assert await desk.trail() == []
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR], "nothing was a fault of ours"


async def test_log_ins_that_fail_are_bounded_and_told_alike(vault_database: Database) -> None:
    async with served(vault_database) as (desk, url):
        good = await account(desk, "anna", "analyst")
        headers = ["", "Basic", "Basic !!!", "Bearer x.y.z", f"Basic {base64.b64encode(b'anna').decode()}", "Digest a"]
        told = {
            (status, said["detail"])
            for status, said, _ in [await post(f"{url}/v1/cases.ls", b"{}", one) for one in headers]
        }
        assert len(told) == 1 and {status for status, _ in told} == {401}
        statuses = [
            (await post(f"{url}/v1/cases.ls", b"{}", Credentials(good.user, "wrong").header))[0] for _ in range(7)
        ]
        assert statuses[:5] == [401] * 5 and statuses[-1] == 429
        status, _, answered = await post(f"{url}/v1/cases.ls", b"{}", good.header)
        assert status == 429 and int(answered["Retry-After"]) > 0, "not even the right one is looked at now"


def test_failures_are_counted_by_address_and_in_all() -> None:
    now = [0.0]
    failures = Failures(lambda: now[0])
    for _ in range(apis.FAILURES):
        assert failures.wait("a") == 0.0
        failures.add("a")
    assert failures.wait("a") == apis.WINDOW and failures.wait("b") == 0.0
    now[0] = apis.WINDOW + 1
    assert failures.wait("a") == 0.0
    for number in range(apis.ALL_FAILURES):
        failures.add(str(number))
    assert failures.wait("new") > 0.0
    for number in range(2 * apis.ADDRESSES):
        failures.add(str(number))
    assert len(failures._by) <= apis.ADDRESSES


async def test_bounces_and_replies_are_posted_with_the_secret(vault_database: Database) -> None:
    message = b"From: abuse@host.test\r\nMessage-ID: <1@host.test>\r\nSubject: re\r\n\r\nIt is removed.\r\n"
    async with served(vault_database, hook_secret="s3cret") as (desk, url):
        for header in ("", "Bearer wrong", "Basic s3cret", "Bearer s3cret\x80"):
            assert (await post(f"{url}/hooks/mail", message, header))[0] == 401
        first, again = [await post(f"{url}/hooks/mail", message, "Bearer s3cret") for _ in range(2)]
        assert first[:2] == again[:2] and first[0] == 200 and first[1]["kept"] > 0, "kept once"
        assert (await post(f"{url}/hooks/mail", b"", "Bearer s3cret"))[0] == 200
        assert (await post(f"{url}/hooks/mail", io.BytesIO(b"x" * (apis.HOOK_BODY + 1)), "Bearer s3cret"))[0] == 413
        assert await desk.work.pool.fetchval("SELECT count(*) FROM replies") == 2


async def test_answers_of_providers_are_signed(vault_database: Database, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x" * 40)
    (tmp_path / "secret").chmod(0o600)
    file = tmp_path / "providers.toml"
    file.write_text(f'[host]\nurl = "https://127.0.0.1/in"\nsecret = "{tmp_path / "secret"}"\n')
    body = b'{"id": "1", "notice": "P1-AAAAAAAA", "kind": "removed", "text": "gone"}'
    secret = read_providers(str(file))["host"].secret
    async with served(vault_database, webhooks=str(file)) as (desk, url):
        stamp = str(int(desk.now))

        def fields(data: bytes) -> dict[str, str]:
            return {TIMESTAMP: stamp, SIGNATURE: signature(secret, stamp, data)}

        async with aiohttp.ClientSession() as session:
            for provider, data, headers, wanted in (
                ("host", body, {}, 403),
                ("host", body, fields(b"other"), 403),
                ("other", body, fields(body), 403),
                ("host", b"{}", fields(b"{}"), 400),
                ("host", body, fields(body), 200),
            ):
                async with session.post(f"{url}/hooks/answers/{provider}", data=data, headers=headers) as answer:
                    assert answer.status == wanted, (provider, data, await answer.text())
        assert await desk.work.pool.fetchval("SELECT count(*) FROM replies") == 1


async def test_what_nobody_foresaw_tells_nothing(
    vault_database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(vault_database) as (desk, url):
        header = (await account(desk, "anna", "analyst")).header

        async def broken(*_: object) -> None:
            raise RuntimeError("http://host.test/secret.png")

        monkeypatch.setattr(type(desk.office.store), "lines", broken)
        status, said, headers = await post(f"{url}/v1/cases.ls", b"{}", header)
        assert (status, headers["X-Request-Id"] in said["detail"]) == (500, True)
        assert "secret" not in str(said) + caplog.text and "RuntimeError in" in caplog.text


async def test_without_tls_only_loopback_is_served() -> None:
    async def nobody(_: str) -> Identity | None:
        return None

    api = Api(None, nobody, time.time, time.monotonic)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="on loopback only"):
        await api.start("192.0.2.1", 0)
    with pytest.raises(UsageError, match="cannot listen"):
        await api.start("192.0.2.1", 0, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    assert apis.tls("", "") is None
    with pytest.raises(UsageError, match=r"api_certificate.*cannot be used"):
        apis.tls("none.pem", "none.key")
    for url in (
        "http://notices.example",
        "ftp://127.0.0.1",
        "https://",
        "https://user:secret@h",
        "https://h/?q",
        "https://[::1",
    ):
        with pytest.raises(UsageError, match=r"notices\.api"):
            Remote(Settings(notices=Notices(api=url)), Credentials("a", "b"))
    with pytest.raises(UsageError, match="api_ca"):
        Remote(Settings(notices=Notices(api="https://h", api_ca="none.pem")), Credentials("a", "b"))


async def test_too_many_requests_at_a_time_are_refused(
    vault_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apis, "AT_A_TIME", 2)
    async with served(vault_database) as (desk, url):
        header = (await account(desk, "anna", "analyst")).header
        await post(f"{url}/v1/cases.ls", b"{}", header)  # the password is known from now on
        waits = asyncio.Event()

        async def slow(*_: object) -> list[Any]:
            await waits.wait()
            return []

        monkeypatch.setattr(type(desk.office.store), "lines", slow)
        asked = [asyncio.ensure_future(post(f"{url}/v1/cases.ls", b"{}", header)) for _ in range(4)]
        done, _ = await asyncio.wait(asked, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        while sum(one.done() for one in asked) < 2:
            await asyncio.wait(
                [one for one in asked if not one.done()], timeout=10, return_when=asyncio.FIRST_COMPLETED
            )
        waits.set()
        assert sorted(status for status, _, _ in await asyncio.gather(*asked)) == [200, 200, 503, 503]
        assert done
