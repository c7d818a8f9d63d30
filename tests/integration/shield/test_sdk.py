"""The published SDK works unchanged: `v1/media/`, `v1/url/`, `v1/pdq/`, Basic auth, its field names and errors; sync and async."""

import asyncio
import hashlib
import json
import os
import sys
from base64 import b32encode, b64encode
from typing import Any

from aiohttp import web

from hasher.digests import media_digests
from tests.postgres import Database
from tests.shielding import scene, served
from tests.vaults import entry, flipped

MEDIA = scene(1)
SHA256, SHA1 = hashlib.sha256(MEDIA).digest(), hashlib.sha1(MEDIA).digest()
SAID = {
    "sha256_hex": SHA256.hex(),
    "sha1_base32": b32encode(SHA1).decode(),
    "size_bytes": len(MEDIA),
    "classification": "csam",
    "match_type": "near",
}


async def ask(url: str, asked: dict[str, Any]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.shield.sdk",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "ARACHNID_SHIELD_URL": url + "/"},
    )  # fmt: skip
    out, err = await process.communicate(json.dumps(asked).encode())
    assert process.returncode == 0, err.decode()
    answers: dict[str, Any] = json.loads(out)
    return answers


async def hosting(body: bytes) -> tuple[web.ServerRunner, int]:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(body=body, content_type="image/png")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


async def test_the_sdk(vault_database: Database) -> None:
    pdq = media_digests(MEDIA).frames[0].forms[0]
    async with served(vault_database, url_hosts=["127.0.0.1:*"]) as bench:
        runner, port = await hosting(MEDIA)
        provider = await bench.provider("provider", "pdq")
        await bench.add(entry("near", ("pdq", flipped(pdq, 20))))
        hashes = [b64encode(flipped(pdq, bits, 2)).decode() for bits in (5, 120)]
        asked = {
            "user": provider.user, "password": provider.password, "media": b64encode(MEDIA).decode(),
            "url": f"http://127.0.0.1:{port}/picture.png", "pdq": hashes,
        }  # fmt: skip
        said = await ask(bench.url, asked)
        await runner.cleanup()
    assert said["matches"] is True
    for name in ("bytes", "file", "url", "async bytes", "async url"):
        (detail,) = said[name].pop("near_match_details")
        assert said[name] == SAID, name
        assert (detail["timestamp"], detail["classification"]) == (0.0, "csam")
        assert len(detail["sha1_base32"]) == 32 and len(detail["sha256_hex"]) == 64
    for name in ("pdq", "async pdq"):
        near, far = (said[name]["scanned_hashes"][one] for one in hashes)
        assert (near["classification"], near["match_type"]) == ("csam", "near")
        assert near["near_match_details"]["sha256_hex"] == detail["sha256_hex"], "the same entry by every way of asking"
        assert (far["classification"], far["match_type"], far["near_match_details"]) == ("no-known-match", None, None)
    assert "user and password" in said["no key"]["detail"]
    assert "may not have anything fetched" in said["other url"]["detail"]
    assert "hash 1 is not base64" in said["async bad"]["detail"]
