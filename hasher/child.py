"""One digest worker as its parent sees it: a process, a socket and a piece of memory. Part of `hasher.sandbox`."""

import asyncio
import ctypes
import mmap
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from contracts.errors import Unavailable
from contracts.messages import MediaDigests
from hasher.lockdown import Lock
from hasher.talk import PREFIX, Ready, Request, Task, believed, longest_answer, packed

_START: Final = 60.0
"""Seconds that a worker may take from its start until it is locked, on a busy machine."""

_LOOK: Final = 0.002  # seconds between looks whether a killed process has ended
_LOOKS: Final = 2500
_CHUNK: Final = 4 << 20
_WIPE_BY_HAND: Final = 8 << 20
_GRACE: Final = 1.0
"""Seconds that the wall clock gives beyond `Task.seconds` before the worker is killed."""


class Gone(Exception):
    """The worker was lost over an item; `why` names how, and is all that this says."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Child:
    """Starts a process at once; raises OSError if the machine has none to give."""

    def __init__(self, task: Task) -> None:
        ours, theirs = socket.socketpair()
        shared = os.memfd_create("media", os.MFD_CLOEXEC)
        try:
            os.ftruncate(shared, task.size)
            self.memory = mmap.mmap(shared, task.size)
            given = msgspec.structs.replace(task, control=theirs.fileno(), shared=shared)
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-s",
                    "-P",
                    "-B",
                    "-W",
                    "ignore",
                    "-m",
                    "hasher.worker",
                    msgspec.json.encode(given).decode(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(given.control, shared),
                env=_environment(),
                cwd="/",
                start_new_session=True,  # a Ctrl-C at the terminal is the parent's business
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(shared)
        ours.setblocking(False)
        self._socket = ours
        self._task = task
        self._start: ctypes.Array[ctypes.c_char] | None = (ctypes.c_char * 0).from_buffer(self.memory)
        self.gone = False

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def ready(self) -> Lock:
        """Wait until the worker is locked. Raises Unavailable with the reason if it will not be."""
        try:
            async with asyncio.timeout(_START):
                answer = msgspec.msgpack.decode(await self._receive(1 << 16), type=Ready)
        except (OSError, EOFError, TimeoutError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self.gone = True
            raise Unavailable(f"a digest worker ended before it was ready ({type(error).__name__})") from None
        if answer.lock is None:
            self.gone = True
            raise Unavailable(f"a digest worker could not start: {answer.error}")
        return answer.lock

    async def digest(self, data: bytes | bytearray | memoryview, kind: str) -> MediaDigests:
        """Have `data` digested. Raises Gone if the worker crashed, took too long or answered nonsense: end it then."""
        size = len(data)
        try:
            async with asyncio.timeout(self._task.seconds + _GRACE):
                for at in range(0, size, _CHUNK):
                    self.memory[at : min(at + _CHUNK, size)] = data[at : at + _CHUNK]
                    if size > _CHUNK:
                        await asyncio.sleep(0)
                await asyncio.get_running_loop().sock_sendall(self._socket, packed(Request(size, kind)))
                answer = await self._receive(longest_answer(self._task.frames))
        except TimeoutError:
            self._kill()
            raise Gone("timed_out") from None
        except (OSError, EOFError):
            self._kill()
            raise Gone("crashed") from None
        except BaseException:
            self._kill()
            raise
        finally:
            self._wipe(size)
        media = believed(answer, kind, self._task.frames)
        if media is None:
            self._kill()
            raise Gone("crashed")
        return media

    async def end(self) -> None:
        """Kill the process, wait for its end and give everything back; at most a few seconds."""
        self._kill()
        for _ in range(_LOOKS):
            if self._process.poll() is not None:
                break
            await asyncio.sleep(_LOOK)
        self._socket.close()
        self._start = None
        self.memory.close()

    def _kill(self) -> None:
        self.gone = True
        if self._process.poll() is None:
            self._process.kill()

    def _wipe(self, size: int) -> None:
        """Zero the bytes of the last item; those of a large one go back to the machine."""
        if size > _WIPE_BY_HAND:
            self.memory.madvise(mmap.MADV_REMOVE)
        else:
            assert self._start is not None
            ctypes.memset(ctypes.addressof(self._start), 0, size)

    async def _receive(self, most: int) -> bytes:
        """One message. Raises EOFError or OSError if the worker is gone, or says more than it may."""
        loop = asyncio.get_running_loop()
        found = bytearray()
        size = PREFIX
        while len(found) < size:
            part = await loop.sock_recv(self._socket, 1 << 16)
            if not part:
                raise EOFError
            found += part
            if size == PREFIX and len(found) >= PREFIX:
                size += int.from_bytes(found[:PREFIX])
            if size > most or len(found) > size:
                raise EOFError
        return bytes(found[PREFIX:])


def _environment() -> dict[str, str]:
    """Little more than where our code is: one thread for every library, and a heap that keeps its pages between items."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PATH") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "LC_ALL": "C.UTF-8",
    }
