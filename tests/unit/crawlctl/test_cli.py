"""Issue: "answers bad arguments, a missing or malformed file ..., a wrong setting ... with one readable message and exit
code 2; never a traceback"."""

import errno
import logging
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from contracts.errors import PisauraError, StateInUse, Unavailable, UsageError
from crawlctl import cli
from tests.unit.crawlctl.conftest import Crawlctl

ENTRY = Path(sys.executable).parent / "crawlctl"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command line sets up logging for its process; here others live on in it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["which command", "run", "crawlctl --help"]),
        (["statsu"], ["no command 'statsu'", "did you mean 'status'"]),
        (["\x1b[31m"], ["no command"]),
        (["settings", "--jsno"], ["--jsno", "did you mean --json?", "crawlctl settings --help"]),
        (["settings", "--json", "--example"], ["not allowed with"]),
        (["settings", "more"], ["unknown argument 'more'"]),
        (["settings", "--settings"], ["--settings", "expected one argument"]),
        (["settings", "--settings", "/no/such/file.toml"], ["/no/such/file.toml", "No such file"]),
        (["--settings", "/no/such/file.toml", "settings"], ["/no/such/file.toml", "No such file"]),
        (["--frob", "settings"], ["--frob"]),
        (["try"], ["required", "crawlctl try --help"]),
        (["try", "ulr"], ["invalid choice", "'url'"]),
        (["run", "--max-time", "1x", "--state", "s"], ["--max-time", "'1x'", "a duration"]),
        (["run"], ["--state"]),
    ],
)
def test_bad_arguments_are_one_line_and_two(crawlctl: Crawlctl, arguments: list[str], words: list[str]) -> None:
    ran = crawlctl(*arguments)
    assert ran.code == 2
    assert ran.err.count("\n") == 1 and ran.err.removesuffix("\n").isprintable()
    assert all(word in ran.err for word in words), ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    "arguments",
    [[], ["run"], ["settings"], ["try"], *(["try", one] for one in ("url", "links", "robots", "policy", "digest", "match"))],
)  # fmt: skip
def test_help_has_examples(crawlctl: Crawlctl, arguments: list[str]) -> None:
    ran = crawlctl(*arguments, "--help")
    assert ran.code == 0
    assert "examples:\n  crawlctl" in ran.out
    assert "--settings FILE" in ran.out


def test_version(crawlctl: Crawlctl) -> None:
    ran = crawlctl("--version")
    assert ran.code == 0
    assert ran.out.startswith("crawlctl ")


def verb(monkeypatch: pytest.MonkeyPatch, error: BaseException | None = None, log: bool = False) -> None:
    """Puts a module in the place of `crawlctl settings`."""
    module = ModuleType("fake")

    def run(*_: object) -> int:
        if log:
            logging.getLogger("a").info("told")
            logging.getLogger("a").warning("first\nsecond")
            try:
                raise ValueError("inner\nmore")
            except ValueError:
                logging.getLogger("a").exception("failed")
            warnings.warn("old", stacklevel=1)
        if error is not None:
            raise error
        return 0

    module.__dict__.update(add_arguments=lambda parser: None, run=run)
    monkeypatch.setattr(cli, "import_module", lambda name: module)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("bad file"), 2, "crawlctl: bad file\n"),
        (StateInUse("in use"), 2, "crawlctl: in use\n"),
        (Unavailable("away"), 1, "crawlctl: away\n"),
        (PisauraError(), 1, "crawlctl: PisauraError\n"),
        (
            KeyError("x"),
            70,
            "crawlctl: unexpected error: KeyError: 'x'; set PISAURA_DEBUG=1 for a traceback\n",
        ),
        (
            ValueError("a\nb\udcff"),
            70,
            "crawlctl: unexpected error: ValueError: a\\nb\\udcff; set PISAURA_DEBUG=1 for a traceback\n",
        ),
        (MemoryError(), 70, "crawlctl: unexpected error: MemoryError; set PISAURA_DEBUG=1 for a traceback\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "crawlctl: cannot write: No space left on device\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_failures_by_what_they_are(
    crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    verb(monkeypatch, error)
    ran = crawlctl("settings")
    assert (ran.code, ran.err) == (code, said)


def test_a_traceback_for_those_who_ask(crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    verb(monkeypatch, KeyError("x"))
    monkeypatch.setenv("PISAURA_DEBUG", "1")
    with pytest.raises(KeyError):
        crawlctl("settings")
    ended = PisauraError("a part of the crawler failed")
    ended.__cause__ = KeyError("x")
    verb(monkeypatch, ended)
    with pytest.raises(PisauraError):
        crawlctl("settings")


@pytest.mark.parametrize(("verbose", "info"), [([], 0), (["-v"], 1), (["--verbose", "--verbose"], 1)])
def test_warnings_are_one_line_each(
    crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch, verbose: list[str], info: int
) -> None:
    verb(monkeypatch, log=True)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        lines = crawlctl("settings", *verbose).err.splitlines()
    assert "crawlctl: warning: first\\nsecond" in lines
    assert "crawlctl: error: failed (ValueError: inner\\nmore)" in lines
    assert all(line.startswith("crawlctl: ") for line in lines)
    assert lines.count("crawlctl: info: told") == info
    assert len(lines) == 3 + info


# The real entry point, in a process of its own.


def test_a_reader_who_goes_away_is_no_error(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.write_bytes(b"http://example.org/\n" * 100_000)
    with cases.open("rb") as lines:
        process = subprocess.Popen([ENTRY, "try", "url"], stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.parametrize("what", ["url", "digest"])
def test_ctrl_c_is_quiet(what: str) -> None:
    with subprocess.Popen([ENTRY, "try", what, "--json"], stdin=-1, stdout=-1, stderr=-1) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"x\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"{")  # it runs, and waits for the next line
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == b""


@pytest.mark.parametrize("redirect", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(redirect: str) -> None:
    ran = subprocess.run(f"{ENTRY} try url http://a/ {redirect}", shell=True, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run([ENTRY, "try", "url", "http://a/"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (1, b"crawlctl: cannot write: No space left on device\n")


def test_a_terminal_that_knows_only_ascii_gets_escapes() -> None:
    environ = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run([ENTRY, "try", "url", "é\udcff"], capture_output=True, env=environ, check=False)
    assert ran.returncode == 0
    assert ran.stdout.isascii()
    assert ran.stderr == b""


def test_a_wrong_setting_in_the_environment_is_told_before_anything_is_done() -> None:
    environ = {**os.environ, "PISAURA_POLITENESS_DELAY": "1x"}
    ran = subprocess.run([ENTRY, "try", "url", "http://a/"], capture_output=True, env=environ, check=False)
    assert ran.returncode == 2
    assert b"politeness.delay" in ran.stderr and ran.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["try", "url", "http://a/"],
        ["try", "robots", "/dev/null", "/"],
        ["try", "policy", "http://a/"],
        ["try", "links", "/dev/null", "--base", "http://a/"],
        ["settings"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_what_needs_no_state_loads_no_driver(arguments: list[str]) -> None:
    """Start-up time counts."""
    heavy = {"asyncpg", "numpy", "aiohttp", "asyncio", "numba", "PIL", "rich", "av", "uvloop", "aiodns"}
    if "links" in arguments:
        heavy -= {"numpy"}  # which reads pages
    code = (
        "import sys; from crawlctl.cli import main; main(sys.argv[1:]);"
        f"sys.stderr.write(','.join(sorted({heavy!r} & set(sys.modules))))"
    )
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True)
    assert ran.stderr == b""


@pytest.mark.parametrize("module", ["verbs.lists", "lists.status", "verbs.series"])
def test_what_shows_lists_and_series_loads_no_numpy(module: str) -> None:
    """Start-up time counts."""
    code = f"import sys, crawlctl.{module}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
