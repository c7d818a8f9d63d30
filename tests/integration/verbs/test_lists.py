"""`crawlctl lists`: the simple way, and a list's whole life: added, synchronised, judged, held, released by two, exported."""

import asyncio
import contextlib
import json
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from contracts.desk import Person
from crawlctl.lists import people
from hasher.formats.format import About
from hasher.formats.table import FORMATS
from tests.exchange.faults import Weather
from tests.exchange.server import FILES, Source
from tests.exchange.truth import Time, Truth
from tests.integration.verbs.conftest import Crawled, Verb, execute

ANN, BOB = Person("ann", 1001, "desk1"), Person("bob", 1002, "desk2")


def digest(verb: Verb, number: int, size: int = 20) -> str:
    """One that no other test has, nor the other way of asking."""
    return bytes([number, verb.clustered, *range(size - 2)]).hex()


def name(verb: Verb, what: str) -> str:
    return f"{what}-{'c' if verb.clustered else 'b'}"


@pytest.fixture
def who(monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """The person who asks: the last one."""
    asks = [ANN]
    monkeypatch.setattr(people, "person", lambda: asks[-1])
    return asks


def test_lists(verb: Verb, tmp_path: Path) -> None:
    file, own = tmp_path / "extra.csv", "ab" if verb.clustered else "ba"
    file.write_text(
        f"algorithm,digest,category\nsha1,{own * 20},A\nsha1,zz,A\nmd5,d41d8cd98f00b204e9800998ecf8427e,A\n"
    )
    report = verb.one("lists", "import", str(file), "--name", "extra list")
    assert (report["name"], report["added"], sum(report["bad"].values())) == ("extra list", 1, 2)
    assert [bad["line"] for bad in report["bad_lines"]] == [3, 4]
    lists = {row["name"]: row for row in verb.all("lists", "ls")}
    assert lists.keys() >= {"known", "extra list"}
    assert (lists["extra list"]["kind"], lists["extra list"]["trust"]) == ("csam", "unverified")
    assert [row["line"] for row in verb.all("lists", "ls", "--bad", "extra list")] == [3, 4]
    assert verb("lists", "ls", "--bad", "none").code == 2
    assert verb("lists", "import", str(tmp_path / "none.csv")).code == 2
    assert verb("lists", "import", str(file), "--name", "a\nb").code == 2
    file.write_text("nonsense\n")
    ran = verb("lists", "import", str(file), "--name", "broken")
    assert ran.code == 2 and str(file) in ran.err


@pytest.mark.parametrize(("share", "held"), [(None, {"mass_deletion": 1}), ("1.0", {})])
def test_guards_go_by_the_settings(verb: Verb, tmp_path: Path, share: str | None, held: dict[str, int]) -> None:
    """Domain, section 1: "any sync that [...] deletes more than 1 % of a list"; the number is a setting's default."""
    ours, file, given = name(verb, f"guarded-{share}"), tmp_path / "g.csv", tmp_path / "guards.toml"
    given.write_text(f"[lists]\ndelete_share = {share}\n")
    more = () if share is None else ("--settings", str(given))
    shas = [digest(verb, 90 + 2 * n + (share is None)) for n in range(2)]
    for deleted in ("", "true"):
        file.write_text(f"sha1,deleted\n{shas[0]},{deleted}\n{shas[1]},\n")
        assert verb.one("lists", "import", str(file), "--name", ours, *more)["bad"] == {}
    status = {row["name"]: row for row in verb.all("lists", "status")}[ours]
    assert (status["deleted"], status["held"], status["entries"]) == (1, held, 2 if held else 1)


def test_the_life_of_a_list(verb: Verb, tmp_path: Path, who: list[Person]) -> None:
    ours, file = name(verb, "life"), tmp_path / "l.csv"
    shas = [digest(verb, n) for n in (1, 2, 3)]
    blank = "00" * 31 + ("03" if verb.clustered else "01")  # says nothing about a picture: held
    rows = "".join(f"sha1,{sha},A,Org {n % 2},,secret note\n" for n, sha in enumerate(shas))
    file.write_text(f"algorithm,digest,category,source,series,note\n{rows}pdq,{blank},A,Org 0,,\nsha1,zz,,,,\n")

    added = verb.one(
        "lists", "add", ours, "--format", "csv", "--from", str(file), "--kind", "csam", "--uses", "match,export"
    )
    assert (added["done"], added["uses"]) == (True, ["match", "export"])
    assert f"crawlctl lists sync {ours}" in verb("lists", "add", ours, "--format", "csv", "--from", str(file), "--kind", "csam", "--uses", "match,export").out  # fmt: skip

    synced = verb.one("lists", "sync", ours)
    assert (synced["name"], synced["added"], synced["quarantined"]) == (ours, 4, {"bad_digest": 1})
    again = verb.one("lists", "sync", ours)
    assert (again["added"], again["changed"]) == (0, 0)

    status = {row["name"]: row for row in verb.all("lists", "status")}[ours]
    assert (status["entries"], status["held"], status["error"]) == (4, {"featureless": 1}, "")
    assert status["quarantined"] == {"bad_digest": 1}
    assert 0 <= status["lag"] < 300
    assert [row["reason"] for row in verb.all("lists", "status", "--quarantined", ours)] == ["bad_digest"]
    assert ours in verb("lists", "status").out

    entries = verb.all("lists", "entries", ours)
    assert [row["digests"][0]["digest"] for row in entries] == [*shas, blank]
    assert "secret" not in json.dumps(entries)
    (one,) = verb.all("lists", "entries", ours, "--digest", shas[1].upper())
    assert one["standing"] == "unverified"

    said = verb.one("lists", "opinion", shas[1], "--verdict", "dispute", "--by", "Org 7", "--why", "a logo")
    assert (said["number"], said["before"], said["standing"]) == (one["number"], "unverified", "disputed")
    (one,) = verb.all("lists", "entries", ours, "--digest", shas[1])
    assert one["opinions"] == [{"by": "Org 7", "verdict": "dispute", "why": "a logo"}]
    proposed = {row["number"]: row for row in verb.all("lists", "propose")}[one["number"]]
    assert (proposed["verdict"], proposed["by"], proposed["lists"]) == ("dispute", "Org 7", [ours])

    happened = verb.all("lists", "history", str(one["number"]))
    assert ("dispute", "Org 7", "a logo") in [(row["what"], row["organisation"], row["why"]) for row in happened]

    withdrawn = verb.one("lists", "withdraw", str(entries[2]["number"]), "--why", "a banner")
    assert withdrawn["standing"] == "withdrawn"

    held = next(row for row in verb.all("lists", "held") if row["entry"] == entries[3]["entry"])
    assert held["held"] == "featureless"
    first = verb.one("lists", "release", str(held["number"]), "--why", "looked at")
    assert (first["done"], first["by"]) == (False, ["ann"])
    assert not verb.one("lists", "release", str(held["number"]), "--why", "once more")["done"], (
        "nobody approves their own act"
    )
    who.append(BOB)
    second = verb.one("lists", "release", held["entry"], "--why", "me too")
    assert (second["done"], sorted(second["by"])) == (True, ["ann", "bob"])
    assert held["number"] not in {row["number"] for row in verb.all("lists", "held")}

    out = tmp_path / "out.csv"
    export = ("lists", "export", ours, "--format", "csv")
    assert not verb.one(*export, "--to", str(out))["done"]
    assert not out.exists()
    who.append(ANN)
    before = len(verb.audit())
    told = verb.one(*export, "--to", str(out), "--purpose", "for a partner")
    assert (told["done"], told["entries"]) == (True, 3)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    lines = verb.audit()[before:]
    assert [line["verb"] for line in lines] == ["lists export"] * 2
    assert f"list '{ours}', 3 entries" in lines[-1]["purpose"] and "for a partner" in lines[-1]["purpose"]
    assert {"note", "held"} <= set(told["loses"]) and "series" not in told["loses"]
    text = out.read_bytes().decode()
    assert shas[0] in text and shas[2] not in text and "secret" not in text
    assert verb(*export, "--to", str(out)).code == 2, "never overwritten without --force"
    shown = verb(*export)
    assert (shown.code, shown.out) == (0, text)

    copy = name(verb, "copy")
    assert verb.one("lists", "add", copy, "--format", "csv", "--from", str(out), "--kind", "csam")["done"]
    assert verb.one("lists", "sync", copy)["added"] == 0, "they are the same entries"
    same = verb.all("lists", "entries", copy)
    live = [row for row in verb.all("lists", "entries", ours) if row["standing"] != "withdrawn"]
    assert [row["entry"] for row in same] == [row["entry"] for row in live]
    assert all(row["lists"] == sorted([copy, ours]) for row in same)


@pytest.mark.parametrize("format_", ["vics", "threatexchange"])
def test_what_is_exported_in_other_formats_has_the_same_digests(
    verb: Verb, tmp_path: Path, who: list[Person], format_: str
) -> None:
    ours, file, out = name(verb, f"out-{format_}"), tmp_path / "l.csv", tmp_path / "out"
    shas = [digest(verb, n) for n in (40, 41, 42)]
    file.write_text("algorithm,digest,category\n" + "".join(f"sha1,{sha},A\n" for sha in shas))
    add = ("lists", "add", ours, "--format", "csv", "--from", str(file), "--kind", "csam", "--uses", "export")
    assert verb.one(*add)["done"]
    verb.one("lists", "sync", ours)
    export = ("lists", "export", ours, "--format", format_, "--to", str(out))
    assert not verb.one(*export)["done"]
    who.append(BOB)
    assert verb.one(*export)["entries"] == 3
    batches = FORMATS[format_].read([out.read_bytes()], About("out", "out"))
    read = [value.hex() for batch in batches for entry in batch.entries for _, value in entry.digests]
    assert sorted(read) == shas


def test_a_list_that_is_to_be_trusted_takes_two_people(verb: Verb, tmp_path: Path, who: list[Person]) -> None:
    """Domain, section 1: "`may_notify` is a flag per list, off by default, set by two people, audited"."""
    ours, file = name(verb, "trusted"), tmp_path / "l.csv"
    file.write_text(f"algorithm,digest\nsha1,{digest(verb, 20)}\n")
    ask = [*f"lists add {ours} --format csv --kind csam --uses match,notify --trust verified --from".split(), str(file)]
    ran = verb(*ask)
    assert ran.code == 0
    assert "takes two people; asked for by ann; another person must ask for the same within 7 days" in ran.out
    lists = {row["name"]: row for row in verb.all("lists", "status")}
    assert (lists[ours]["trust"], lists[ours]["may_notify"], lists[ours]["uses"]) == ("unverified", False, ["match"])
    assert not verb.one(*ask)["done"]
    who.append(BOB)
    assert verb.one(*ask)["done"]
    lists = {row["name"]: row for row in verb.all("lists", "status")}
    assert (lists[ours]["trust"], lists[ours]["may_notify"]) == ("verified", True)


def test_what_one_reason_holds_of_a_list_is_released_at_once_by_two(
    verb: Verb, tmp_path: Path, who: list[Person]
) -> None:
    ours, file = name(verb, "whole"), tmp_path / "l.csv"
    blanks = [f"{(1 << n) + verb.clustered * (1 << 200):064x}" for n in (3, 4, 5)]
    file.write_text("algorithm,digest\n" + "".join(f"pdq,{blank}\n" for blank in blanks))
    assert verb.one("lists", "import", str(file), "--name", ours)["held"] == 3
    ask = ("lists", "release", "--list", ours, "--reason", "featureless", "--why", "asked them")
    assert verb.one(*ask) == {"name": ours, "reason": "featureless", "done": False, "by": ["ann"]}
    who.append(BOB)
    assert verb.one(*ask)["done"]
    assert {row["held"] for row in verb.all("lists", "entries", ours)} == {""}
    for wrong in (["4711", "--list", ours], ["--list", ours], ["--reason", "x"], []):
        assert verb("lists", "release", "--why", "x", *wrong).code == 2


def test_what_cannot_be_meant(verb: Verb, tmp_path: Path) -> None:
    for arguments in (
        ("add", "x", "--format", "csv"),
        ("entries", "no such list"),
        ("sync", "no such list"),
        ("export", "known", "--format", "csv", "--to", str(tmp_path / "x")),  # its uses do not name export
        ("opinion", "ef" * 20, "--verdict", "confirm", "--by", "us", "--why", "x"),
        ("release", "999999999", "--why", "x"),
        ("withdraw", "1", "--why", " "),
        ("sync", "--every", "0"),
    ):
        ran = verb("lists", *arguments)
        assert ran.code == 2, (arguments, ran.err)
        assert "efef" not in ran.err


class Server(HTTPServer):
    body = b""
    asked = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked += 1
        self.send_response(200 if server.body else 404)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


def test_a_list_at_a_url_and_errors_of_one_stop_no_other(verb: Verb, server: Server, tmp_path: Path) -> None:
    good, bad, url = name(verb, "good"), name(verb, "bad"), f"http://127.0.0.1:{server.server_port}/l.csv"
    server.body = f"algorithm,digest\nsha1,{digest(verb, 30)}\n".encode()
    gone = tmp_path / "gone.csv"
    gone.write_text("algorithm,digest\n")
    assert verb.one("lists", "add", bad, "--format", "csv", "--from", str(gone), "--kind", "csam")["done"]
    assert verb.one("lists", "add", good, "--format", "csv", "--from", url, "--kind", "csam")["done"]
    gone.unlink()
    ran = verb("lists", "sync", "--json")
    assert ran.code == 1
    assert f"list '{bad}'" in ran.err and "lists failed; each says why" in ran.err
    rows = {row["name"]: row for row in ran.answers}
    assert (rows[good]["added"], rows[good]["error"]) == (1, "")
    assert str(gone) in rows[bad]["error"]
    execute_clean(verb, bad)


def execute_clean(verb: Verb, bad: str) -> None:
    """Later tests sync all lists: without those that cannot be read any more."""
    execute(
        verb.state,
        f"UPDATE list_sources SET location = '' WHERE name = '{bad}' OR location LIKE '/%' OR location LIKE 'http%'",
    )


class Simulator(threading.Thread):
    """A source that answers in pages, in a thread of its own."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.truth = Truth(kind, 7, Time())
        self.truth.fill(45)
        self.ready, self.loop, self.stopping = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
        self.location = ""

    def run(self) -> None:
        self.loop.run_until_complete(self._serve())
        self.loop.close()

    async def _serve(self) -> None:
        async with Source(self.truth, Weather(7, 0.0)) as source:
            self.location = source.location
            self.ready.set()
            await self.stopping.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.join()


@pytest.mark.parametrize("kind", ["ncmec", "stopncii", "threatexchange"])
def test_a_source_that_answers_in_pages(beside: Verb, tmp_path: Path, kind: str) -> None:
    login = tmp_path / "login"
    login.write_text(FILES[kind])
    login.chmod(0o600)
    source = Simulator(kind)
    source.start()
    try:
        assert source.ready.wait(30)
        add = ["--format", kind, "--from", source.location, "--credentials", str(login)]
        add += ["--kind", {"ncmec": "csam", "stopncii": "ncii-adult", "threatexchange": "other"}[kind]]
        assert beside.one("lists", "add", f"paged-{kind}", *add)["done"]
        synced = beside.one("lists", "sync", f"paged-{kind}")
        login.write_text("wrong:login\n")
        refused = beside("lists", "sync", f"paged-{kind}")
    finally:
        source.stop()
        execute_clean(beside, f"paged-{kind}")
    assert synced["added"] > 0
    status = {row["name"]: row for row in beside.all("lists", "status")}[f"paged-{kind}"]
    assert status["entries"] == len(beside.all("lists", "entries", f"paged-{kind}")) > 0
    assert refused.code == 1 and f"list 'paged-{kind}'" in refused.err
    assert "wrong" not in refused.err and status["error"] != "" and "wrong" not in json.dumps(status)


def test_every_keeps_going_until_sigterm(crawled: Crawled, server: Server, tmp_path: Path) -> None:
    """Issue: "`lists sync --every 5m` keeps going (for a pod: SIGTERM ends it in order)"."""
    command = [sys.executable, "-m", "crawlctl", "lists"]
    url = f"http://127.0.0.1:{server.server_port}/l.csv"
    server.body = b"algorithm,digest\nsha1," + b"c7" * 20 + b"\n"
    state = ["--state", str(crawled.state)]
    add = [*command, "add", "pod", "--format", "csv", "--from", url, "--kind", "csam", *state]
    assert subprocess.run(add, capture_output=True, check=False).returncode == 0
    with subprocess.Popen(
        [*command, "sync", "pod", "--every", "1s", "--json", *state], stdout=subprocess.PIPE
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while server.asked < 3 and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    assert server.asked >= 3
    assert process.returncode == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["added"] for row in rows][:2] == [1, 0]
