"""`make run`: the synthetic web as a process of its own, crawled to the end by `crawlctl run` on the terminal.

Everything lies in `.demo/`, made afresh each time: the web's seeds, known list, truth and log, the settings, the state.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec

REPOSITORY = Path(__file__).parents[1]
FOLDER = Path(".demo")
SETTINGS = """\
user_agent = "Pisaura/1.0 (+https://hotline.example/bot)"
[politeness]
delay = "50ms"        # everything is on this machine; on the web the default is a second
backoff = "90s"       # hosts that are dead by design do not hold up the end
[addresses]
allow = ["127.0.0.0/8"]
deny = ["127.66.0.0/16"]
nameservers = ["{nameserver}"]
"""
GRACE = 30


def start_web() -> tuple["subprocess.Popen[str]", str]:
    """The web, and its name server as `ip:port`. It has a session of its own: Ctrl-C is for the crawler first."""
    web = subprocess.Popen(
        [sys.executable, "-m", "tests.fakeweb", "--world", "demo", "--write", str(FOLDER / "web"), "--log",
         str(FOLDER / "web.jsonl")],
        stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, start_new_session=True,
    )  # fmt: skip
    assert web.stdout is not None
    line = web.stdout.readline()
    if not line:
        raise SystemExit(f"the synthetic web did not start (exit code {web.wait(GRACE)})")
    return web, msgspec.json.decode(line)["nameserver"]


def crawl() -> int:
    """`crawlctl run` in the foreground; Ctrl-C reaches it from the terminal, and we wait for its orderly end."""
    command = [sys.executable, "-m", "crawlctl", "run", "--seeds", str(FOLDER / "web" / "seeds.txt")]
    command += ["--known", str(FOLDER / "web" / "known.csv"), "--state", str(FOLDER / "state")]
    command += ["--settings", str(FOLDER / "settings.toml"), "--until-idle"]
    print("$ crawlctl", *command[3:], flush=True)
    crawler = subprocess.Popen(command, cwd=REPOSITORY)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _pass_on(crawler))
    return crawler.wait()


def _pass_on(crawler: "subprocess.Popen[bytes]") -> None:
    """A signal that reached only us reaches the crawler too; twice does no harm."""
    with contextlib.suppress(ProcessLookupError):
        crawler.send_signal(signal.SIGINT)


def main() -> int:
    """Exit code of `crawlctl run`."""
    os.chdir(REPOSITORY)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    web, nameserver = start_web()
    try:
        (FOLDER / "settings.toml").write_text(SETTINGS.format(nameserver=nameserver))
        return crawl()
    finally:
        web.terminate()
        web.wait(GRACE)


if __name__ == "__main__":
    sys.exit(main())
