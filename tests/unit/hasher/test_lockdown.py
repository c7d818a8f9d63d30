"""A locked process has no files, no network, no children and no memory without end: tried from inside, in a child."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

PROLOGUE = """
import ctypes, json, os, resource, signal, socket, sys
from hasher.lockdown import lock
results = {{}}
def attempt(name, deed):
    try:
        deed()
        results[name] = "done"
    except BaseException as error:
        results[name] = type(error).__name__
secret = os.open(sys.argv[1], os.O_RDONLY)
server = socket.create_server(("127.0.0.1", 0))
place = server.getsockname()
early = socket.socket()
parent = os.getppid()
locked = lock(200 << 20, {writer}, filtered={filtered})
"""

ATTEMPTS = """
attempt("nothing", lambda: None)
attempt("open", lambda: open(sys.argv[1]))
attempt("create", lambda: os.open("/tmp/pisaura-leak", os.O_CREAT | os.O_WRONLY))
attempt("read what was open", lambda: os.read(secret, 1))
attempt("list", lambda: os.listdir("/"))
attempt("memory file", lambda: os.memfd_create("x"))
attempt("pipe", lambda: os.pipe())
attempt("duplicate", lambda: os.dup(1))
attempt("socket", lambda: socket.socket())
attempt("datagram", lambda: socket.socket(type=socket.SOCK_DGRAM))
attempt("connect", lambda: early.connect(place))
attempt("more files", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)))
attempt("memory", lambda: bytearray(400 << 20))
attempt("some memory", lambda: bytearray(50 << 20))
"""

FILTERED_ATTEMPTS = """
attempt("fork", os.fork)
attempt("execute", lambda: os.execv("/bin/true", ["true"]))
attempt("thread", lambda: __import__("_thread").start_new_thread(print, ()))
attempt("kill parent", lambda: os.kill(parent, 0))
attempt("stat", lambda: os.stat("/"))
attempt("remove", lambda: os.unlink(sys.argv[1]))
attempt("environment of another", lambda: os.readlink("/proc/1/exe"))
"""

LIMITS = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC")


def inside(tmp_path: Path, filtered: bool) -> tuple[bool, dict[str, str], dict[str, int]]:
    """Lock a child process and let it try; its answer comes over the one descriptor that it may keep."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    reader, writer = os.pipe()
    script = PROLOGUE.format(filtered=filtered, writer=writer) + ATTEMPTS + (FILTERED_ATTEMPTS if filtered else "")
    script += (
        f"limits = {{}} if locked.seccomp else {{n: resource.getrlimit(getattr(resource, n))[1] for n in {LIMITS}}}\n"
    )
    script += f"os.write({writer}, json.dumps([locked.seccomp, results, limits]).encode())\n"
    with os.fdopen(reader) as answers:
        child = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script, str(secret)],
            cwd=ROOT,
            pass_fds=(writer,),
            capture_output=True,
            timeout=60,
            check=False,
        )
        os.close(writer)
        text = answers.read()
    assert text, child.stderr.decode()
    seccomp, results, limits = json.loads(text)
    assert secret.read_text() == "secret"
    return seccomp, results, limits


@pytest.mark.parametrize("filtered", [True, False])
def test_no_files_no_network_no_memory(tmp_path: Path, filtered: bool) -> None:
    seccomp, results, limits = inside(tmp_path, filtered)
    assert seccomp is filtered
    for name in ("nothing", "some memory"):
        assert results.pop(name) == "done"
    assert results.pop("memory") == "MemoryError"
    assert set(results.values()) <= {
        "OSError",
        "PermissionError",
        "ValueError",
        "BlockingIOError",
        "RuntimeError",
        "error",
    }
    assert set(limits.values()) <= {0}
    assert not Path("/tmp/pisaura-leak").exists()
