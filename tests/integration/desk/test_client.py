"""Hand-offs that are put into a folder, or posted over TLS."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from contracts.errors import Unavailable, UsageError
from notices.desk.client import hand_over
from notices.desk.handoff import Tool
from tests import certificates


def tool(**more: str) -> Tool:
    return Tool("ab" * 32, "cd" * 32, **more)


async def test_into_a_folder_whole_or_not_at_all(tmp_path: Path) -> None:
    where = await hand_over(tool(folder=str(tmp_path)), "case-1.handoff", b"sealed")
    assert Path(where).read_bytes() == b"sealed" and Path(where).stat().st_mode & 0o777 == 0o600
    assert await hand_over(tool(folder=str(tmp_path)), "case-1.handoff", b"again") == where
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"again"]
    with pytest.raises(UsageError, match="cannot be written"):
        await hand_over(tool(folder=str(tmp_path / "none")), "x", b"")


async def test_to_a_webhook_over_verified_tls(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    got: list[tuple[str, bytes]] = []
    answers = [204, 500, 403, 302]

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers["X-Pisaura-Name"], await request.read()))
        return web.Response(status=answers.pop(0), headers={"Location": "https://127.0.0.1/"})

    app = web.Application()
    app.router.add_post("/in", take)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.broker)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}/in"
    try:
        trusted = tool(webhook=url, ca=str(files.authority))
        assert await hand_over(trusted, "case-1.handoff", b"sealed") == url
        assert got == [("case-1.handoff", b"sealed")]
        with pytest.raises(Unavailable, match="answers 500"):
            await hand_over(trusted, "x", b"")
        for status in (403, 302):
            with pytest.raises(UsageError, match=f"answers {status}"):
                await hand_over(trusted, "x", b"")
        with pytest.raises(UsageError, match="not to be trusted"):
            await hand_over(tool(webhook=url), "x", b"")
        with pytest.raises(UsageError, match="ca:"):
            await hand_over(tool(webhook=url, ca="none.pem"), "x", b"")
    finally:
        await runner.cleanup()
    with pytest.raises(Unavailable, match="does not answer"):
        await hand_over(trusted, "x", b"")
