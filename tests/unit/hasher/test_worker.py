"""The decoding process as a program: it serves one request after the other, and says why if it cannot start."""

import mmap
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from contracts.messages import MediaDigests
from hasher.talk import PREFIX, Ready, Request, Task, packed
from hasher.worker import warm_up
from tests.pictures import encode, picture

ROOT = Path(__file__).parents[3]


def receive(ours: socket.socket) -> bytes:
    prefix = ours.recv(PREFIX, socket.MSG_WAITALL)
    return ours.recv(int.from_bytes(prefix), socket.MSG_WAITALL)


def started(task: Task, *descriptors: int) -> subprocess.Popen[bytes]:
    argument = msgspec.json.encode(task).decode()
    return subprocess.Popen(
        [sys.executable, "-m", "hasher.worker", argument],
        cwd=ROOT,
        pass_fds=descriptors,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_serves_until_its_parent_hangs_up() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    shared = os.memfd_create("test")
    os.ftruncate(shared, 1 << 20)
    task = Task(theirs.fileno(), shared, 1 << 20, 8, 10**6, 200 << 20, 20.0)
    with started(task, theirs.fileno(), shared) as worker, mmap.mmap(shared, 1 << 20) as memory:
        os.close(shared)
        theirs.close()
        ready = msgspec.msgpack.decode(receive(ours), type=Ready)
        assert ready.lock is not None and ready.error == ""
        assert ready.lock.user != 0
        for seed in (1, 2):
            data = encode(picture(seed, 64, 48), "PNG")
            memory[: len(data)] = data
            ours.sendall(packed(Request(len(data), "image/png")))
            media = msgspec.msgpack.decode(receive(ours), type=MediaDigests)
            assert (media.why, media.width, media.height, len(media.frames)) == ("", 64, 48, 1)
        ours.close()
        out, complaints = worker.communicate(timeout=60)
        assert (worker.returncode, out, complaints) == (0, b"", b"")


def test_says_why_it_cannot_start() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    task = Task(theirs.fileno(), 4000, 1 << 20, 8, 10**6, 200 << 20, 20.0)
    with started(task, theirs.fileno()) as worker:
        theirs.close()
        ready = msgspec.msgpack.decode(receive(ours), type=Ready)
        assert ready.lock is None
        assert ready.error.startswith("OSError")
        worker.communicate(timeout=60)
    ours.close()


def test_warming_up_touches_every_decoder() -> None:
    warm_up(8, 100)
