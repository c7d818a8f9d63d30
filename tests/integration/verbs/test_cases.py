"""`crawlctl cases`, `review` and `notices`: over a state, and through the API of the notices role, with the same answers."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_cases import VaultCases
from backends.postgres.vault_store import open_pool
from contracts.caserows import NewCase
from contracts.cases import Case, CaseState, Evidence, Presence, Target
from contracts.removal import Notices, Operator, Review
from contracts.seal import from_bytes
from contracts.settings import Settings
from crawlctl.desk.local import changes
from crawlctl.desk.serving import serve
from crawlctl.state import KEYS
from notices import events
from notices.api import Api
from notices.service.sealed import CaseKeys
from tests.desks import HOST
from tests.integration.verbs.conftest import Crawled, execute
from tests.postgres import by_tcp
from tests.unit.crawlctl.conftest import Crawlctl, Ran

NOW = 1_700_000_000.0
PEOPLE = {"anna": "analyst", "bert": "analyst", "sue": "supervisor", "sam": "supervisor", "opal": "operator"}
SECRET, SIGN = PrivateKey.generate(), SigningKey.generate()
BY_CASE = (
    "case_keys", "case_entries", "case_events", "rechecks", "tells", "case_tasks", "notice_cases", "review_claims", "review_skips",
    "review_decisions", "handoffs", "cases",
)  # fmt: skip
"""Tables whose rows of our cases go when these tests are over: other tests see the same state."""


class Served:
    """A vault with an API in a thread of its own."""

    def __init__(self, crawled: Crawled, tool: Path) -> None:
        self.keys = from_bytes((crawled.state / KEYS).read_bytes())
        self.dsn = by_tcp(crawled.address, "vault", "pisaura_notices")
        self.settings = Settings(
            operator=Operator("Hotline", "NL", "By law.", "desk@hotline.test", "https://hotline.test/appeal"),
            notices=Notices(api_listen="127.0.0.1:0"), review=Review(handoff=str(tool)),
        )  # fmt: skip
        self.up: Future[tuple[Api, dict[str, str]]] = Future()
        self._end = asyncio.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.pool = await open_pool(self.dsn, most=2)
        try:
            cases = changes(self.pool, self.keys, self.settings)
            api = await serve(self.settings, self.pool, self.keys, cases, time.time)
            assert api is not None
            accounts, made = VaultAccounts(self.pool), dict[str, str]()
            for name, role in PEOPLE.items():
                account, password = await accounts.add(name, role, "desk test", NOW)
                made[name] = json.dumps({"user": account.user, "password": password})
            self.up.set_result((api, made))
            await self._end.wait()
            await api.stop()
        except BaseException as error:
            if not self.up.done():
                self.up.set_exception(error)
            raise
        finally:
            await self.pool.close()

    def case(self, seed: int, *, near: bool = True, address: str = "192.0.2.7") -> int:
        """A case in review, or ready."""
        return asyncio.run_coroutine_threadsafe(self._case(seed, near, address), self._loop).result(30)

    async def _case(self, seed: int, near: bool, address: str) -> int:
        url, sha256 = f"http://host.test/{seed}.png", seed.to_bytes(32)
        entry = await self.pool.fetchval("SELECT min(entry_id) FROM list_entries WHERE state = 0")
        wrapped, sealed = CaseKeys(self.keys).new(url, address, ["http://pages.test/a"])
        new = NewCase(Case(0, sha256, sha256, CaseState.FOUND, NOW), b"s" * 16, b"h" * 16, wrapped, sealed)
        algorithm = "pdq" if near else "sha256"
        evidence = (
            Evidence(entry, near, algorithm, 7 * near, "verified", legality="baseline", category="A", notify=True),
        )
        async with VaultCases(self.pool).work() as work:
            (number,) = (await work.open([new])).values()
            await work.explained([(number, entry)], NOW)
            await work.keep_recipients([HOST], NOW)
        cases = changes(self.pool, self.keys, self.settings)
        for event in (
            events.Opened(evidence, NOW), events.LookedUp((Target(HOST.key, "host"),), "NL", NOW),
            events.Checked(Presence.PRESENT, NOW, same=True),
        ):  # fmt: skip
            await cases.apply(number, event)
        return number

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self.thread.join(30)


@pytest.fixture(scope="module")
def served(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    folder = tmp_path_factory.mktemp("desk")
    tool = folder / "tool.toml"
    tool.write_text(
        f'public_key = "{bytes(SECRET.public_key).hex()}"\nverify_key = "{SIGN.verify_key.encode().hex()}"\nfolder = "{folder}"\n'
    )
    at = Served(crawled, tool)
    at.thread.start()
    api, made = at.up.result(60)
    for name, key in made.items():
        (folder / f"{name}.key").write_text(key)
        (folder / f"{name}.key").chmod(0o600)
    settings = f'[review]\nhandoff = "{tool}"\n[operator]\nname = "Hotline"\ncountry = "NL"\nmandate = "By law."\ncontact = "d@h.test"\n'
    (folder / "here.toml").write_text(settings + 'appeal = "d@h.test"\n')
    (folder / "cluster.toml").write_text(
        settings + f'appeal = "d@h.test"\n[notices]\napi = "http://127.0.0.1:{api.port}"\n'
    )
    try:
        yield at, folder
    finally:
        at.stop()
        for table in BY_CASE:
            execute(
                crawled.state,
                f"DELETE FROM {table} WHERE case_id IN (SELECT case_id FROM cases WHERE site = 'ssssssssssssssss')",
            )
        execute(crawled.state, "DELETE FROM switches")
        execute(crawled.state, "DELETE FROM accounts WHERE created_by = 'desk test'")


@pytest.fixture(params=["over a state", "through the API"])
def run(
    request: pytest.FixtureRequest,
    crawlctl: Crawlctl,
    crawled: Crawled,
    served: tuple[Served, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Ran]:
    """Runs a verb as somebody."""
    folder, through = served[1], request.param == "through the API"
    monkeypatch.setenv("PISAURA_USER_AGENT", "Pisaura/1.0 (+https://hotline.example/bot)")
    where = ("--settings", str(folder / "cluster.toml")) if through else (
        "--state", str(crawled.state), "--settings", str(folder / "here.toml")
    )  # fmt: skip

    def runs(who: str, *words: str) -> Ran:
        return crawlctl(*words, *where, "--key", str(folder / f"{who}.key"))

    return runs


@pytest.fixture(scope="module")
def seeds() -> Iterator[int]:
    return iter(range(1, 1000))


def one(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    (answer,) = ran.answers
    return dict(answer)


def test_a_case_from_review_to_its_preview(run: Any, served: tuple[Served, Path], seeds: Iterator[int]) -> None:
    seed = next(seeds)
    number = str(served[0].case(seed))
    (row,) = [r for r in run("sue", "cases", "ls", "--in", "in_review", "--json").answers if r["case"] == int(number)]
    assert (row["state"], row["match"], row["country"], row["found_at"]) == (
        "in_review",
        "near",
        "NL",
        "2023-11-14T22:13:20Z",
    )
    table = run("sue", "cases", "ls").out
    assert "cases\n" in table and ".png" not in table
    assert run("sue", "cases", "ls", "--csv").out.splitlines()[0].startswith("case,state,since,kind,match")
    assert one(run("sue", "cases", "ls", "--counts", "--json"))["in_review"] >= 1

    shown = run("anna", "cases", "show", number).out
    assert "sealed; say why you need it with --purpose" in shown and f"/{seed}.png" not in shown and "evidence" in shown
    shown = run("anna", "cases", "show", number, "--purpose", "asked by the host").out
    assert f"http://host.test/{seed}.png" in shown and "\x1b" not in shown, "plain text: no link of the terminal"
    record = one(run("anna", "review", "next", "--json"))
    assert not record["place"]["shown"] and record["line"]["state"] == "in_review"
    assert "put before others" in run("anna", "review", "skip", str(record["line"]["case"])).out

    word = ("review", "decide", number, "release", "--basis", "assessed-in-hotline-tool", "--why", "assessed")
    assert "it is in_review" in run("anna", *word).out
    refused = run("anna", *word)
    assert refused.code == 2 and "you have decided" in refused.err
    assert run("bert", *word, "--json").answers[0]["state"] == "released"
    sums = run("sue", "review", "stats").out
    assert "release: " in sums and "anna" not in sums

    preview = run("sue", "notices", "preview", number).out
    assert "Hotline" in preview and f"{seed}.png" not in preview and "http://" not in preview
    assert f"{seed}[.]png" in run("sue", "notices", "preview", number, "--purpose", "a look before").out
    assert run("sue", "notices", "ls", "--json").code == 0
    assert "closed" in run("sue", "cases", "close", number, "--why", "a test").out


@pytest.mark.parametrize("run", ["through the API"], indirect=True)
def test_exact_cases_are_counted_and_released(run: Any, served: tuple[Served, Path], seeds: Iterator[int]) -> None:
    served[0].case(next(seeds), near=False)
    (line,) = [one for one in run("sue", "review", "release", "--json").answers if one["recipient"] == HOST.key]
    assert line["cases"] == 1
    assert "recipient" in run("sue", "review", "release").out
    asked = (
        "review",
        "release",
        "--list",
        line["list"],
        "--recipient",
        HOST.key,
        "--cases",
        "1",
        "--why",
        "daily round",
    )
    assert run("sue", *asked[:-2]).code == 2
    assert "that takes two people" in run("sue", *asked).out
    assert "1 cases are released" in run("sam", *asked).out
    assert run("anna", *asked).code == 2


@pytest.mark.parametrize("run", ["through the API"], indirect=True)
def test_acts_of_two_and_refusals(run: Any, served: tuple[Served, Path], seeds: Iterator[int]) -> None:
    number = str(served[0].case(next(seeds), address="127.0.0.1"))
    assert "http://host.test/" in run("sue", "cases", "show", number).out, "on loopback it is shown plainly"
    assert "is held" in run("sue", "cases", "stop", number, "--why", "wait").out
    assert "another person must ask" in run("sue", "cases", "resume", number, "--why", "go on").out
    assert "it is in_review" in run("sam", "cases", "resume", number, "--why", "go on").out
    assert run("sue", "cases", "hold", number, "--authority", "Police 12/34").code == 0
    assert "Police 12/34" in run("sue", "cases", "show", number).out
    assert run("sue", "cases", "unhold", number, "--why", "over").code == 0
    for who, words, said in (
        ("opal", ("cases", "show", number), "opal is operator"),
        ("anna", ("cases", "close", number, "--why", "x"), "anna is analyst"),
        ("sue", ("cases", "show", "99999"), "there is no case 99999"),
        ("sue", ("cases", "ls", "--in", "lost"), "there is no state"),
        ("sue", ("notices", "ls", "--in", "lost"), "there is no state"),
        (
            "sue",
            ("cases", "tell", number, "--recipient", "x", "--class", "site-operator", "--why", "x"),
            "told nothing",
        ),
        ("sue", ("notices", "appeal", number, "--why", "x"), "nobody was told"),
        ("sue", ("notices", "retry", "99"), "none that failed"),
        ("sue", ("notices", "send"), "say which"),
        ("sue", ("notices", "send", "--confirm"), "--why"),
        ("sue", ("review", "handoff"), "which CASE"),
        ("sue", ("review", "take", "none.bin"), "cannot be read"),
        ("sue", ("review", "release-match", "0" * 64, "1", "--why", "x"), "does not match"),
    ):
        ran = run(who, *words)
        assert ran.code == 2 and said in ran.err, (words, ran.err)
    assert one(run("sue", "notices", "send", "--confirm", "--why", "tested", "--json"))["done"] is False
    assert "sending is on" in run("opal", "notices", "send", "--confirm", "--why", "tested").out
    assert "sending is off" in run("sam", "notices", "send", "--off").out
    assert "0 notices" in run("opal", "notices", "retry").out
    assert run("anna", "review", "matches").code == 0
    assert len(one(run("anna", "review", "handoff", "--keys"))["verify"]) == 64
    assert one(run("anna", "review", "handoff", number, "--json"))["case"] == int(number)
    run("sue", "cases", "close", number, "--why", "a test")


def test_a_cluster_needs_the_api_and_who_asks(
    crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch, crawled: Crawled
) -> None:
    """ "In a cluster the case verbs go through the notices role's own API, never straight to Postgres" """
    for name, value in crawled.environ().items():
        monkeypatch.setenv(name, value)
    ran = crawlctl("cases", "ls")
    assert ran.code == 2 and "notices.api" in ran.err
    monkeypatch.setenv("PISAURA_NOTICES_API", "https://notices.example")
    ran = crawlctl("cases", "ls")
    assert ran.code == 2 and "who asks?" in ran.err
