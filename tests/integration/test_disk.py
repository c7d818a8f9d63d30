"""A full disk: nothing ends, nothing is lost, and it says what to do. Budget: 30 s on 2 cores."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.crawls import Scene, plain_world, until

pytestmark = pytest.mark.timeout(300)
SIZE = "160m"


def may_mount() -> bool:
    """Whether we are root and may mount here (containers often may not); in a namespace of its own, so it leaves no trace."""
    command = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]
    try:
        return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until there is no room left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            return


@pytest.mark.skipif(not may_mount(), reason="needs root and the right to mount; the error's name has a unit test")
async def test_full_disk_is_waited_for(disk: Path) -> None:
    async with Scene(disk, plain_world(6, 100, pictures=True)) as scene:
        running = await scene.run("--until-idle", "-v")
        await until(lambda: len(scene.requests()) > 100, "some pages")
        fill(disk / "ballast")
        await until(lambda: "no room left on its disk" in running.complaint(), "the crawl to notice")
        assert running.process.returncode is None
        (disk / "ballast").unlink()
        ended = await running.ended()
        assert ended.code == 0, ended.err
        assert "no room left on its disk" in ended.err and "make room" in ended.err
        assert scene.coverage() == ({}, set(), {})
        assert scene.complaints() == []
        assert set(await scene.matches()) == scene.world.expected_matches()
