"""What a provider runs: the published SDK, unchanged, in a process of its own. Reads what to ask on standard input, prints answers.

Its base URL comes from the environment (ARACHNID_SHIELD_URL), as the SDK reads it.
"""

import asyncio
import base64
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from arachnid_shield_sdk import (
    ArachnidShield,
    ArachnidShieldAsync,
    ArachnidShieldException,
    ScanMediaFromPdq,
)


def tried(work: Any) -> Any:
    try:
        return work()
    except ArachnidShieldException as error:
        return {"detail": error.detail.detail}


async def atried(work: Any) -> Any:
    try:
        return (await work).to_dict()
    except ArachnidShieldException as error:
        return {"detail": error.detail.detail}


def main() -> None:
    asked = json.load(sys.stdin)
    media = base64.b64decode(asked["media"])
    login = {"username": asked["user"], "password": asked["password"]}
    client = ArachnidShield(**login)
    answers: dict[str, Any] = {}
    scanned = client.scan_media_from_bytes(media, "image/png")
    answers["matches"] = scanned.matches_known_media
    answers["bytes"] = scanned.to_dict()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        file.write_bytes(media)
        answers["file"] = client.scan_media_from_file(file).to_dict()
    answers["url"] = tried(lambda: client.scan_media_from_url(asked["url"]).to_dict())
    answers["other url"] = tried(lambda: client.scan_media_from_url("http://127.0.0.9/x.png").to_dict())
    answers["pdq"] = client.scan_pdq_hashes(ScanMediaFromPdq(hashes=asked["pdq"])).to_dict()
    answers["no key"] = tried(
        lambda: ArachnidShield(username="x", password="y").scan_media_from_bytes(media, "image/png")
    )

    async def waiting() -> None:
        other = ArachnidShieldAsync(**login)
        answers["async bytes"] = await atried(other.scan_media_from_bytes(media, "image/png"))
        answers["async url"] = await atried(other.scan_media_from_url(asked["url"]))
        answers["async pdq"] = await atried(other.scan_pdq_hashes(ScanMediaFromPdq(hashes=asked["pdq"])))
        answers["async bad"] = await atried(other.scan_pdq_hashes(ScanMediaFromPdq(hashes=["AAAA"])))

    asyncio.run(waiting())
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
