"""Decoding in processes that can be lost: a crash, a hang or a bomb costs that one item (issue 3, Digests; design, rule 11)."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

from contracts.errors import Unavailable
from contracts.messages import MediaDigests
from contracts.ports import Digester
from contracts.settings import Settings
from hasher.digests import media_digests
from hasher.sandbox import SandboxDigester
from tests.pictures import STILLS, animation, encode, picture, video

PNG = encode(picture(1, 64, 48), "PNG")


@asynccontextmanager
async def running(workers: int = 1, **options: float) -> AsyncIterator[SandboxDigester]:
    sandbox = SandboxDigester(workers, **options)  # type: ignore[arg-type]
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Look until it holds; a deadline, no waiting time."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.002)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_every_format_decodes_behind_the_lock() -> None:
    scenes = [picture(seed, 160, 120) for seed in range(3)]
    files = [encode(scenes[0], format) for format in STILLS]
    files += [encode(scenes[0].convert("CMYK"), "JPEG"), encode(scenes[0], "JPEG", progressive=True)]
    files += [encode(scenes[0], "TIFF", compression=name) for name in ("tiff_lzw", "tiff_adobe_deflate", "jpeg")]
    files += [animation(scenes, format) for format in ("GIF", "WEBP", "PNG", "AVIF")]
    files += [video(scenes, format) for format in ("MP4", "MOV", "MKV", "WEBM")]
    async with running(2) as sandbox:
        port: Digester = sandbox
        answers = await asyncio.gather(*(port.digest(data, "") for data in files))
        assert sandbox.seccomp is True
        assert sandbox.starts == 2  # nobody was lost
    assert answers == [media_digests(data) for data in files]


@pytest.mark.parametrize(
    ("codec", "container"), [("libvpx-vp9", "webm"), ("libsvtav1", "mp4"), ("libsvtav1", "webm"), ("libx265", "mp4")]
)
async def test_every_codec_that_likes_threads_decodes_with_one(codec: str, container: str) -> None:
    data = _clip(codec, container)
    async with running() as sandbox:
        media = await sandbox.digest(data, "")
        assert (media.why, len(media.frames), sandbox.starts) == ("", 1, 1)


def _clip(codec: str, container: str) -> bytes:
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=5)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        pixels = np.asarray(picture(3, 128, 96))
        file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    return out.getvalue()


async def test_bytes_of_any_kind_are_taken() -> None:
    async with running() as sandbox:
        for data in (PNG, bytearray(PNG), memoryview(PNG)):
            assert (await sandbox.digest(data, "image/png")).why == ""
        assert (await sandbox.digest(b"", "image/png")).why == "unsupported"
        assert (await sandbox.digest(b"<html>", "text/html")) == MediaDigests("text/html", why="unsupported")


async def test_a_killed_worker_costs_one_item() -> None:
    async with running() as sandbox:
        (first,) = sandbox.processes
        os.kill(first, signal.SIGSTOP)
        lost = asyncio.create_task(sandbox.digest(PNG, ""))
        kept = asyncio.create_task(sandbox.digest(PNG, ""))
        await until(lambda: sandbox.pending == 2)
        assert not sandbox.idle()
        os.kill(first, signal.SIGKILL)
        assert (await lost).why == "crashed"
        assert (await kept).why == ""
        assert sandbox.idle()
        assert sandbox.counts == {"crashed": 1, "ok": 1}
        assert first not in sandbox.processes and not alive(first)


async def test_a_worker_that_dies_while_idle_is_replaced() -> None:
    async with running() as sandbox:
        (first,) = sandbox.processes
        os.kill(first, signal.SIGKILL)
        answers = [(await sandbox.digest(PNG, "")).why for _ in range(3)]
        assert answers in (["crashed", "", ""], ["", "", ""])


async def test_a_hang_costs_one_item() -> None:
    async with running(decode_seconds=0.1) as sandbox:
        (first,) = sandbox.processes
        os.kill(first, signal.SIGSTOP)
        assert (await sandbox.digest(PNG, "")).why == "timed_out"
        assert (await sandbox.digest(PNG, "")).why == ""
        assert not alive(first)


async def test_a_bomb_costs_one_item() -> None:
    bomb = encode(Image.new("RGB", (9000, 9000)), "PNG", compress_level=1)
    async with running(decode_memory=128 << 20) as sandbox:
        assert (await sandbox.digest(bomb, "")).why == "out_of_memory"
        assert (await sandbox.digest(PNG, "")).why == ""
    async with running(max_pixels=80_000_000) as sandbox:
        assert (await sandbox.digest(bomb, "")).why == "too_many_pixels"
        assert sandbox.starts == 1


async def test_the_largest_picture_allowed_fits_into_the_default_memory() -> None:
    large = encode(Image.new("RGBA", (10_000, 10_000), (1, 2, 3, 200)), "PNG", compress_level=1)
    async with running(decode_seconds=120) as sandbox:
        assert (await sandbox.digest(large, "")).why == ""


async def test_more_bytes_than_the_memory_holds_are_refused() -> None:
    async with running(media_bytes=len(PNG)) as sandbox:
        assert (await sandbox.digest(PNG, "")).why == ""
        assert (await sandbox.digest(PNG + b"\0", "")).why == "too_large"


async def test_who_cancels_does_not_harm_the_next() -> None:
    async with running() as sandbox:
        (first,) = sandbox.processes
        os.kill(first, signal.SIGSTOP)
        running_one = asyncio.create_task(sandbox.digest(PNG, ""))
        waiting_one = asyncio.create_task(sandbox.digest(PNG, ""))
        await until(lambda: sandbox.pending == 2)
        running_one.cancel()
        waiting_one.cancel()
        os.kill(first, signal.SIGCONT)
        assert (await sandbox.digest(PNG, "")).why == ""
        assert sandbox.processes == [first]
        assert sandbox.idle()


async def test_stopping_ends_all_processes_and_answers_who_waits() -> None:
    sandbox = SandboxDigester(2)
    await sandbox.start()
    processes = sandbox.processes
    assert len(processes) == 2
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    waiting = [asyncio.create_task(sandbox.digest(PNG, "")) for _ in range(5)]
    await until(lambda: sandbox.pending == 5)
    await sandbox.stop()
    assert {media.why for media in await asyncio.gather(*waiting)} == {"stopped"}
    assert not any(alive(process) for process in processes)
    assert sandbox.processes == []
    assert (await sandbox.digest(PNG, "")).why == "stopped"
    await sandbox.stop()


async def test_a_worker_that_cannot_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/true")
    with pytest.raises(Unavailable, match="before it was ready"):
        await SandboxDigester(1).start()
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(Unavailable, match="could not be started"):
        await SandboxDigester(1).start()


async def test_settings_reach_the_workers() -> None:
    sandbox = SandboxDigester.from_settings(Settings())
    await sandbox.start()
    assert len(sandbox.processes) == Settings().workers.digest
    await sandbox.stop()


# Workers end with their parent, also when it is killed: the socket closes, and the kernel is asked to see to it.
async def test_workers_do_not_outlive_their_parent() -> None:
    script = "import asyncio, sys\nfrom hasher.sandbox import SandboxDigester\nasync def main():\n"
    script += (
        "    sandbox = SandboxDigester(1)\n    await sandbox.start()\n    print(sandbox.processes[0], flush=True)\n"
    )
    script += "    await asyncio.Event().wait()\nasyncio.run(main())\n"
    root = Path(__file__).parents[3]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=root, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    worker = int(await parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    await parent.wait()
    await until(lambda: not alive(worker) or Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z")


# Rule 11: not to disk, log, another service or an error message.
async def test_the_bytes_reach_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    canary = b"CANARY-77d0"
    answers = []
    async with running(decode_seconds=0.2) as sandbox:
        for data in (PNG[:60] + canary + PNG[60:], PNG + canary, b"\xff\xd8\xff" + canary * 9, b"GIF89a" + canary):
            answers.append(await sandbox.digest(data, "image/png"))
        os.kill(sandbox.processes[0], signal.SIGSTOP)
        answers.append(await sandbox.digest(PNG + canary, ""))
        answers.append(await sandbox.digest(PNG + canary, ""))
        for process in sandbox.processes:
            assert canary not in Path(f"/proc/{process}/cmdline").read_bytes()
    assert answers[-2].why == "timed_out"
    assert "CANARY" not in repr(answers) + caplog.text + "".join(capfd.readouterr())
    assert list(tmp_path.iterdir()) == []
