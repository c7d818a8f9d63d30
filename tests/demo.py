"""`make run`: the synthetic web as a process of its own, crawled to the end by `crawlctl run` on the terminal; then its cases are
followed until hosts that heard of a notice have removed what it named, in days of two seconds.

Everything lies in `.demo/`, made afresh each time: the web's seeds, known list, truth and log, the settings, the state with its
notices, the keys files of five people. Nothing is sent: notices are written to a folder, where the hosts read them.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from crawlctl.settings import load
from tests import hotline
from tests.fakeweb.removal import abuse_of
from tests.integration.crawls import merged, toml

REPOSITORY = Path(__file__).parents[1]
FOLDER = Path(".demo")
SETTINGS: dict[str, dict[str, Any]] = {
    "politeness": {"delay": "50ms", "backoff": "90s"},  # all is on this machine; dead hosts do not hold up the end
    "addresses": {"allow": ["127.0.0.0/8"], "deny": ["127.66.0.0/16"]},
}
FOLLOW = "15s"
"""How long cases are followed, in days of two seconds."""
GRACE = 30
SHOWN = ("removes", "ignores")
"""Hosts whose cases are shown, by their manners."""


def start_web() -> tuple["subprocess.Popen[str]", str]:
    """The web, and its name server as `ip:port`. It has a session of its own: Ctrl-C is for the crawler first."""
    web = subprocess.Popen(
        [sys.executable, "-m", "tests.fakeweb", "--world", "demo", "--write", str(FOLDER / "web"), "--log",
         str(FOLDER / "web.jsonl"), "--notices", str(FOLDER / "state" / "notices")],
        stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, start_new_session=True,
    )  # fmt: skip
    assert web.stdout is not None
    line = web.stdout.readline()
    if not line:
        raise SystemExit(f"the synthetic web did not start (exit code {web.wait(GRACE)})")
    return web, msgspec.json.decode(line)["nameserver"]


def crawlctl(*arguments: str) -> int:
    """`crawlctl` in the foreground; Ctrl-C reaches it from the terminal, and we wait for its orderly end."""
    print("$ crawlctl", *arguments, flush=True)
    running = subprocess.Popen([sys.executable, "-m", "crawlctl", *arguments], cwd=REPOSITORY)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _pass_on(running))
    return running.wait()


def prepare(nameserver: str) -> None:
    """The settings, once with days as they are and once with short ones; a state with a list that may lead to notices."""
    short = merged(hotline.settings(FOLDER), SETTINGS, {"addresses": {"nameservers": [nameserver]}})
    long = merged(short, {"rechecks": {"every": "1d", "apart": "1d", "day": "1d"}, "notices": {"remind": "3d"}})
    (FOLDER / "settings.toml").write_text(toml(long))
    (FOLDER / "short-days.toml").write_text(toml(short))
    given = load(FOLDER / "settings.toml").settings
    asyncio.run(hotline.made(FOLDER / "state", FOLDER / "web" / "known.csv", given, FOLDER))
    print(
        f"anna and bert have added the list {hotline.LIST} as verified; it may lead to notices, which go to a folder only",
        flush=True,
    )


def crawl() -> int:
    """Crawl to the end, follow the cases for some short days, show what became of them."""
    at = ("--state", str(FOLDER / "state"), "--settings", str(FOLDER / "settings.toml"))
    short = ("--state", str(FOLDER / "state"), "--settings", str(FOLDER / "short-days.toml"))
    key = ("--key", str(FOLDER / "carol.key"))
    seeds = str(FOLDER / "web" / "seeds.txt")
    verbs = (
        ("run", "--seeds", seeds, *at, "--until-idle"),
        ("run", *short, "--max-time", FOLLOW, "--quiet"),
        *(("cases", "ls", *at, *key, "--recipient", f"email:{abuse_of(manner)}") for manner in SHOWN),
        ("cases", "ls", *at, *key, "--counts"),
    )
    return next((code for verb in verbs if (code := crawlctl(*verb))), 0)


def _pass_on(crawler: "subprocess.Popen[bytes]") -> None:
    """A signal that reached only us reaches the crawler too; twice does no harm."""
    with contextlib.suppress(ProcessLookupError):
        crawler.send_signal(signal.SIGINT)


def main() -> int:
    """The first exit code that is not 0."""
    os.chdir(REPOSITORY)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    web, nameserver = start_web()
    try:
        prepare(nameserver)
        return crawl()
    finally:
        web.terminate()
        web.wait(GRACE)


if __name__ == "__main__":
    sys.exit(main())
