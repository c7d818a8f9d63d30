"""`crawlctl shield --state DIR --listen 127.0.0.1:0`: alone over an existing state, and ended in order by SIGTERM."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import aiohttp
import pytest

from contracts.settings import Settings, Storage
from crawlctl.state import State
from tests.shielding import scene

SETTINGS = "[storage]\nfsync = false\n[workers]\ndigest = 1\n"


def crawlctl(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "crawlctl", *arguments, "--state", str(folder / "state")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(20):
        return await process.wait()


async def test_alone_over_a_state(tmp_path: Path) -> None:
    (tmp_path / "pisaura.toml").write_text(SETTINGS)
    known = tmp_path / "known.csv"
    known.write_text(f"algorithm,digest,category\nsha256,{'ab' * 32},A\n")
    async with State(tmp_path / "state", Settings(storage=Storage(fsync=False)), create=True):
        added = await asyncio.to_thread(crawlctl, tmp_path, "lists", "import", str(known), "--json")
        assert added.returncode == 0, added.stderr
        made = await asyncio.to_thread(crawlctl, tmp_path, "keys", "add", "Video Host", "--role", "provider")
        assert made.returncode == 0, made.stderr
        key = json.loads(made.stdout)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crawlctl", "shield", "--state", str(tmp_path / "state"), "--listen", "127.0.0.1:0",
            "--metrics", "127.0.0.1:0", "--settings", str(tmp_path / "pisaura.toml"), "-v",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        port, said = 0, ""
        async with asyncio.timeout(30):
            while not port and (line := (await process.stderr.readline()).decode()):
                said += line
                found = re.search(r"listens on 127\.0\.0\.1:(\d+)", line)
                port = int(found[1]) if found else 0
        assert port, said
        auth = {"Authorization": "Basic " + b64encode(f"{key['user']}:{key['password']}".encode()).decode()}
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(headers=auth) as session:
            async with session.post(f"{url}/v1/digests/", json={"digests": [{"sha256": "ab" * 32}]}) as answer:
                assert (await answer.json())["scanned_digests"][0]["match_type"] == "exact"
            async with session.post(f"{url}/v1/media/", data=scene(1)) as answer:
                assert (await answer.json())["classification"] == "no-known-match"
        shown = await asyncio.to_thread(crawlctl, tmp_path, "shield", "--suspensions", "--json")
        assert (shown.returncode, shown.stdout) == (0, "")
        lifted = await asyncio.to_thread(crawlctl, tmp_path, "shield", "--lift", "Video Host", "--why", "a film")
        assert lifted.returncode == 2 and "is suspended" in lifted.stderr
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0
        rest = said + (await process.stderr.read()).decode()
        assert key["password"] not in rest and key["user"] not in rest
        assert [path.name for path in (tmp_path / "state" / "index" / "shield").iterdir()] == ["index.snapshot"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:8900"], "TLS|certificate"),
        (["--listen", "nonsense"], "--listen: 'nonsense' must be an address and a port"),
        (["--lift", "x"], "say --why"),
    ],
)
def test_usage(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = crawlctl(tmp_path, "shield", *arguments)
    assert done.returncode == 2
    assert re.search(said, done.stderr) or "no such state" in done.stderr


def test_a_cluster_needs_a_vault(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "crawlctl", "shield"], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, "postgres.vault" in done.stderr) == (2, True)
