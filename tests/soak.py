"""`make soak`: a long crawl of the bench world whose processes must not grow. Prints JSON lines; exit 1 if memory grows.

`SOAK_MINUTES` (10) bounds it, `SOAK_HOSTS` (200) and `SOAK_DELAY` (50ms) shape it. Each line holds the resident memory of every
role in MiB (`crawlctl` is frontier and fetcher together), pages so far and pages a second. The verdict compares the last
third with the second one, since caches fill in the first: each role may have grown by a tenth and 16 MiB.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import psutil

REPOSITORY = Path(__file__).parents[1]
EVERY = 5.0
SHARE, SLACK = 1.1, 16.0
SETTINGS = """\
user_agent = "Pisaura/1.0 (+https://hotline.example/bot)"
[politeness]
delay = "{delay}"
[addresses]
allow = ["127.0.0.0/8"]
nameservers = ["{nameserver}"]
[workers]
seen = 200_000        # small caches, so that they are full early
hosts = 10_000
[traps]
unproductive_pages = 1_000_000   # the bench world never shows a picture
"""


def start_web(folder: Path, hosts: int) -> tuple["subprocess.Popen[str]", str]:
    """The bench world without a log, and its name server."""
    command = [sys.executable, "-m", "tests.fakeweb", "--world", "bench", "--sites", str(hosts), "--pages", "1000000"]
    web = subprocess.Popen(
        [*command, "--no-log", "--write", str(folder / "web")], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert web.stdout is not None
    return web, msgspec.json.decode(web.stdout.readline())["nameserver"]


def role_of(process: psutil.Process, crawler: int) -> str:
    """The role that a process plays, from its command line."""
    if process.pid == crawler:
        return "crawlctl"
    words = " ".join(process.cmdline())
    if "hasher.worker" in words:
        return "digest workers"
    if "multiprocessing" in words:
        return "parse workers"
    return "postgres"


def memory(crawler: int, state: Path) -> dict[str, float]:
    """Memory of each role in MiB: resident for ours, without what is shared for Postgres' many processes."""
    sums: dict[str, float] = {}
    processes = [psutil.Process(crawler), *psutil.Process(crawler).children(recursive=True)]
    with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
        server = psutil.Process(int((state / "postgres/data/postmaster.pid").read_text().split("\n")[0]))
        processes += [each for each in (server, *server.children()) if each not in processes]
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            role, used = role_of(process, crawler), process.memory_info()
            octets = used.rss - used.shared if role == "postgres" else used.rss
            sums[role] = sums.get(role, 0.0) + octets / 2**20
    return sums


def grown(samples: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """Roles whose memory in the last third is above that of the second one by more than they may, with both figures."""
    third = len(samples) // 3
    found = {}
    for role in {role for sample in samples for role in sample}:
        before = median(sample.get(role, 0.0) for sample in samples[third : 2 * third])
        after = median(sample.get(role, 0.0) for sample in samples[2 * third :])
        if after > before * SHARE + SLACK:
            found[role] = (round(before, 1), round(after, 1))
    return found


def pages_of(folder: Path) -> int:
    """Pages fetched so far, from `crawlctl status`."""
    done = subprocess.run(
        [sys.executable, "-m", "crawlctl", "status", "--json", "--state", str(folder / "state")],
        capture_output=True, text=True, cwd=REPOSITORY, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return 0
    status: dict[str, Any] = msgspec.json.decode(done.stdout)
    return int(status["urls"].get("fetched", 0))


def tell(**values: object) -> None:
    """One JSON line."""
    print(msgspec.json.encode(values).decode(), flush=True)


def soak(folder: Path, minutes: float, crawler: "subprocess.Popen[bytes]") -> list[dict[str, float]]:
    """Sample until the time is over or the crawler has ended."""
    samples: list[dict[str, float]] = []
    ends_at, last, before = time.monotonic() + 60 * minutes, time.monotonic(), 0
    while time.monotonic() < ends_at and crawler.poll() is None:
        time.sleep(EVERY)
        with contextlib.suppress(psutil.NoSuchProcess):
            samples.append(memory(crawler.pid, folder / "state"))
            pages, now = pages_of(folder), time.monotonic()
            tell(
                name="soak",
                pages=pages,
                pages_per_second=round((pages - before) / (now - last), 1),
                mib={role: round(value, 1) for role, value in sorted(samples[-1].items())},
            )
            last, before = now, pages
    return samples


def main() -> int:
    """0: memory stayed flat; 1: it grew, or the crawler failed."""
    minutes = float(os.environ.get("SOAK_MINUTES", "10"))
    folder = Path(tempfile.mkdtemp(prefix="pisaura-soak-"))
    web, nameserver = start_web(folder, int(os.environ.get("SOAK_HOSTS", "200")))
    delay = os.environ.get("SOAK_DELAY", "50ms")
    (folder / "settings.toml").write_text(SETTINGS.format(nameserver=nameserver, delay=delay))
    command = [sys.executable, "-m", "crawlctl", "run", "--quiet", "--seeds", str(folder / "web" / "seeds.txt")]
    command += ["--state", str(folder / "state"), "--settings", str(folder / "settings.toml")]
    crawler = subprocess.Popen(command, cwd=REPOSITORY)
    try:
        samples = soak(folder, minutes, crawler)
        crawler.send_signal(signal.SIGINT)
        code = crawler.wait(30)
        found = grown(samples)
        tell(name="soak_verdict", exit_code=code, samples=len(samples), grown=found)
        return 1 if code or found or len(samples) < 3 else 0
    finally:
        for process in (crawler, web):
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
