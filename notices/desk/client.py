"""Hands a file to the assessment tool: into its folder, or to its webhook over verified TLS."""

import asyncio
import os
import ssl
from pathlib import Path
from typing import Final

import aiohttp

from contracts.errors import Unavailable, UsageError
from notices.desk.handoff import Tool

TIMEOUT: Final = 30.0
TYPE: Final = "application/octet-stream"


async def hand_over(tool: Tool, name: str, data: bytes) -> str:
    """Put it there; where that is. UsageError for what must be set right, Unavailable for what may pass. The same file may be handed
    over again under its name: it takes the place of the first."""
    if tool.folder:
        return await asyncio.to_thread(_into, Path(tool.folder), name, data)
    return await _post(tool, name, data)


def _into(folder: Path, name: str, data: bytes) -> str:
    """A whole file or none: written beside, made lasting, renamed."""
    path, beside = folder / name, folder / f".{name}.{os.getpid()}"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{folder}: the hand-off cannot be written: {error.strerror}") from error
    return str(path)


async def _post(tool: Tool, name: str, data: bytes) -> str:
    try:
        context = ssl.create_default_context(cafile=tool.ca or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"review.handoff: ca: {tool.ca} cannot be used ({type(error).__name__})") from None
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session,
            session.post(
                tool.webhook, data=data, ssl=context, allow_redirects=False,
                headers={"Content-Type": TYPE, "X-Pisaura-Name": name},
            ) as answer,
        ):  # fmt: skip
            status = answer.status
    except aiohttp.ClientSSLError as error:
        raise UsageError(f"the assessment tool's certificate is not to be trusted ({type(error).__name__})") from None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Unavailable(f"the assessment tool does not answer ({type(error).__name__}); try again") from None
    if status >= 500 or status == 429:
        raise Unavailable(f"the assessment tool answers {status}; try again")
    if not 200 <= status < 300:
        raise UsageError(f"the assessment tool refuses the hand-off: it answers {status}")
    return tool.webhook
