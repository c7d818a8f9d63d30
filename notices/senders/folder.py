"""The dry run: each notice is written to a folder as it would be sent, and nothing leaves the machine.

A notice has one file, whatever happens in between: a message (`.eml`) or what a provider's API would get (`.json`). It is written
aside, flushed and renamed, readable by its owner alone; written again it has the same name and the same bytes.
"""

import asyncio
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from contracts.errors import Unavailable
from contracts.notices import Delivery, Notice
from contracts.recipients import WEBHOOK
from contracts.removal import Operator
from notices.compose import mail
from notices.compose.whole import compose, payload

_SAFE: Final = re.compile(r"[A-Za-z0-9@._-]{1,150}")


class Folder:
    """`contracts.notices.Sender` that sends nothing. The folder is made when it is first needed. `most`: places of a notice."""

    def __init__(self, folder: Path, operator: Operator, sender: str = "", most: int = 200) -> None:
        self.folder = folder
        self._operator, self._sender, self._most = operator, sender, most

    async def send(self, notice: Notice) -> Delivery:
        """Write it. Unfit if it may not be composed, Unavailable if it cannot be written now."""
        composed = compose(notice, self._operator, self._most)
        if notice.recipient.channel == WEBHOOK:
            data, suffix = payload(notice, composed, self._operator), ".json"
        else:
            data, suffix = mail.message(notice, composed, self._operator, self._sender, dry=True), ".eml"
        name = name_of(notice) + suffix
        try:
            await asyncio.to_thread(_write, self.folder, name, data)
        except OSError as error:
            raise Unavailable(
                f"notice {notice.notice_id} cannot be written to {self.folder}: {error.strerror}; make room there, or name "
                "another folder by notices.folder"
            ) from error
        return Delivery(False, f"written to {name}", dry=True)


def name_of(notice: Notice) -> str:
    """A notice's file without its suffix: its number and its Message-ID, or a digest of one that no file can be called by."""
    safe = _SAFE.fullmatch(notice.message_id) is not None
    named = notice.message_id if safe else sha256(notice.message_id.encode("utf-8", "replace")).hexdigest()
    return f"{notice.notice_id:08}-{named}"


def _write(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = folder / f".{name}.new"
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(folder / name)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
