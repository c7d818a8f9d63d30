"""`crawlctl try digest`: the digests of picture and video files, decoded in the same locked workers as in a crawl."""

import argparse
import asyncio
import sys
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import CancelledError
from hashlib import md5, sha1, sha256
from itertools import chain
from typing import Any, Final

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.output import input_lines, write_json, write_record
from crawlctl.tries.files import Unreadable, chunks
from hasher.sandbox import SandboxDigester

AHEAD: Final = 16
"""Names that are read ahead."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per file. UsageError, after all answers, if a file named as an argument cannot be read."""
    return asyncio.run(_run(arguments, settings))


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    digester = SandboxDigester.from_settings(settings)
    await digester.start()
    most = settings.limits.media_bytes
    unreadable = 0
    names = _names(arguments.files)
    window: deque[asyncio.Task[dict[str, Any]]] = deque()  # files at work, in the order of their answers
    upcoming: asyncio.Task[str | None] | None = asyncio.create_task(names.get())
    try:
        while window or upcoming:
            waits: set[asyncio.Task[Any]] = {window[0]} if window else set()
            if upcoming is not None and len(window) < settings.workers.digest:
                waits.add(upcoming)
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if window and window[0] in done:
                answer = window.popleft().result()
                unreadable += answer["sha256"] is None
                _show(answer, arguments.json)
            if upcoming is not None and upcoming in done:
                name = upcoming.result()
                upcoming = None
                if name is not None:
                    window.append(asyncio.create_task(_answer(name.rstrip("\r"), digester, most)))
                    upcoming = asyncio.create_task(names.get())
    finally:
        for task in (*window, *((upcoming,) if upcoming else ())):
            task.cancel()
        await digester.stop()
    if unreadable and arguments.files:
        raise UsageError(f"{unreadable} of {len(arguments.files)} files could not be read; see above")
    return 0


def _names(arguments: Sequence[str]) -> asyncio.Queue[str | None]:
    """The files to digest, None after the last. Whoever pipes names in may wait for an answer before the next one, so
    they are read beside the loop; in a thread that does not keep a stopped program alive."""
    loop = asyncio.get_running_loop()
    names: asyncio.Queue[str | None] = asyncio.Queue(AHEAD)

    def feed() -> None:
        for name in (*arguments, None) if arguments else chain(input_lines(), (None,)):
            try:
                asyncio.run_coroutine_threadsafe(names.put(name), loop).result()
            except (RuntimeError, CancelledError):  # the loop has ended before us
                return

    threading.Thread(target=feed, daemon=True, name="names").start()
    return names


async def _answer(name: str, digester: SandboxDigester, most: int) -> dict[str, Any]:
    """All keys are always there; what is not known is None."""
    answer: dict[str, Any] = {
        "file": name, "md5": None, "sha1": None, "sha256": None, "size": None, "pdq": None, "quality": None,
        "width": None, "height": None, "media_type": None, "duration": None, "frames": [], "why": None,
    }  # fmt: skip
    try:
        data = await asyncio.to_thread(_read, name, most, answer)
    except Unreadable as error:
        return answer | {"why": str(error)}
    if data is None:
        return answer | {"why": "too_large"}
    media = await digester.digest(data, "")
    answer |= {"media_type": media.media_type or None, "why": media.why or None}
    if media.frames:
        first = media.frames[0]
        answer |= {
            "pdq": first.forms[0].hex(),
            "quality": first.quality,
            "width": media.width,
            "height": media.height,
            "duration": media.duration or None,
            "frames": [
                {"at": frame.at, "pdq": frame.forms[0].hex(), "quality": frame.quality} for frame in media.frames
            ],
        }
    return answer


def _read(name: str, most: int, answer: dict[str, Any]) -> bytearray | None:
    """The bytes, None if they are more than `most`; their cryptographic digests go into the answer either way."""
    if not name:
        raise Unreadable("cannot be read: there is no name")
    hashes = (md5(usedforsecurity=False), sha1(usedforsecurity=False), sha256())
    data: bytearray | None = bytearray()
    size = 0
    for chunk in chunks(name):
        size += len(chunk)
        for each in hashes:
            each.update(chunk)
        if data is not None:
            data += chunk
            if size > most:
                data = None
    for each in hashes:
        answer[each.name] = each.hexdigest()
    answer["size"] = size
    return data


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(answer)
    else:
        record = {name: value for name, value in answer.items() if name not in ("file", "frames")}
        if len(answer["frames"]) > 1:
            record["frames"] = [
                f"{frame['at']:g} s {frame['pdq']} (quality {frame['quality']})" for frame in answer["frames"]
            ]
        write_record(answer["file"], record)
    sys.stdout.flush()
