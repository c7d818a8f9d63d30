"""Issue: "`crawlctl recipients lookup URL|ADDRESS` # who would be told, and why", stops of authorities, and `partners ls|add`."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from backends.postgres.databases import ADMIN
from backends.postgres.supervisor import Supervisor
from contracts.settings import Settings
from crawlctl.state import KEYS, State
from notices.recipients.bootstrap import FILES
from tests.fakeweb import registry
from tests.fakeweb.registry import Registry, bootstrap
from tests.integration.crawls import STORAGE
from tests.integration.verbs.conftest import Verb, query
from tests.postgres import by_tcp, open_tcp
from tests.unit.crawlctl.conftest import Crawlctl

ADDRESS = "127.20.0.7"


@dataclass
class Desk:
    """A verb with settings that name a registry on loopback and an operator's files."""

    verb: Verb
    registry: Registry
    folder: Path


@dataclass(frozen=True)
class Empty:
    """A state without a crawl, whose Postgres stays up so that verbs join it."""

    state: Path
    address: str


@contextmanager
def standing(folder: Path) -> Iterator[Empty]:
    async def make() -> None:
        async with State(folder, Settings(storage=STORAGE), create=True):
            pass

    with asyncio.Runner() as runner:
        runner.run(make())
        server = Supervisor(folder, STORAGE)
        runner.run(server.start())
        try:
            yield Empty(folder, runner.run(open_tcp(server)))
        finally:
            runner.run(server.stop())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    with standing(tmp_path_factory.mktemp("recipients") / "state") as made:
        yield made


@pytest.fixture(params=["beside", "clustered"])
def verb(request: pytest.FixtureRequest, crawlctl: Crawlctl, empty: Empty, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Both ways of operators; who looks up recipients in a cluster does so as the notices role."""
    if request.param == "beside":
        return Verb(crawlctl, empty.state, clustered=False)
    monkeypatch.setenv("PISAURA_POSTGRES_VAULT", by_tcp(empty.address, "vault", "pisaura_notices"))
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", str(empty.state / KEYS))
    return Verb(crawlctl, empty.state, clustered=True)


@pytest.fixture
def served() -> Iterator[Registry]:
    """A registry in a thread of its own: verbs bring their own loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = Registry()
    asyncio.run_coroutine_threadsafe(made.__aenter__(), loop).result(10)
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(made.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def desk(verb: Verb, served: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for kind in FILES:
        services = (
            {"127.20.0.0/16": [served.url]} if kind == "ipv4" else {"example": [served.url]} if kind == "dns" else {}
        )
        (tmp_path / f"{kind}.json").write_bytes(bootstrap(kind, services))
        served.say(f"files/{kind}.json", (tmp_path / f"{kind}.json").read_bytes())
    monkeypatch.setenv("PISAURA_NOTICES_RDAP", str(tmp_path))
    monkeypatch.setenv("PISAURA_NOTICES_RDAP_RATE", "100")
    monkeypatch.setenv("PISAURA_ADDRESSES_ALLOW", "127.0.0.0/8")
    own = "c" if verb.clustered else "b"
    served.say(f"ip/{ADDRESS}", registry.ripe(ADDRESS, f"abuse-{own}@hoster.example"))
    served.say("domain/site.example", registry.domain("site.example", "abuse@registrar.example"))
    return Desk(verb, served, tmp_path)


def test_lookup(desk: Desk) -> None:
    answer = desk.verb.one("recipients", "lookup", "https://img.site.example/1.jpg", "--address", ADDRESS)
    assert answer["leading"]["class"] == "host" and answer["leading"]["contact"].endswith("@hoster.example")
    assert [one["class"] for one in answer["others"]] == ["registrar"]
    assert (answer["countries"], answer["country"], answer["why"], answer["address"]) == (
        {"rdap": "NL"},
        "",
        "",
        ADDRESS,
    )
    assert answer["reasoning"][0]["said"].startswith("answered") and answer["reasoning"][0]["at"].endswith("Z")
    shown = desk.verb("recipients", "lookup", ADDRESS)
    assert (
        shown.code == 0
        and "host: Abuse-C Role by email at" in shown.out
        and "no two methods agree (NL by rdap)" in shown.out
    )


def test_nobody_is_an_answer(desk: Desk) -> None:
    for place, why in (
        ("127.21.0.1", "127.21.0.1 is not a public address: Loopback"),
        ("[::1]", "::1 is not a public address: Loopback Address"),
        ("https://nowhere.invalid/", "its server address is not known"),
    ):
        ran = desk.verb("recipients", "lookup", place)
        assert ran.code == 0 and "nobody:" in ran.out, ran.err
        answer = desk.verb.one("recipients", "lookup", place)
        assert answer["leading"] is None and why in answer["why"]


def test_what_a_site_says_of_itself_is_evidence_only(desk: Desk) -> None:
    """Domain, section 2: "Site operators (security.txt too) get nothing unless the overrides name the platform"."""
    file = desk.folder / "security.txt"
    file.write_text("Contact: mailto:security@site.example\nExpires: 2020-01-01T00:00:00Z\n")
    place = ("recipients", "lookup", "https://site.example/", "--address", "127.21.0.1", "--security-txt", str(file))
    answer = desk.verb.one(*place)
    assert answer["leading"] is None and [one["class"] for one in answer["others"]][-1] == "site-operator"
    assert answer["security_txt"]["faults"] == ["it has expired"]
    assert "it has expired" in desk.verb(*place).out
    assert not any("security.txt" in one for one in desk.registry.asked)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lookup", "ftp://x.example/"), "is no URL or address"),
        (("lookup", "https://x.example/", "--address", "x"), "--address"),
        (("lookup", "127.0.0.1", "--security-txt", "none.txt"), "none.txt: cannot be read"),
        (("stop", "add", "--site", "a b", "--authority", "x", "--why", "x", "--until", "1d"), "--site"),
        (("stop", "add", "--recipient", "x", "--authority", "x", "--why", "x", "--until", "1d"), "--recipient"),
        (("stop", "add", "--case", "0", "--authority", "x", "--why", "x", "--until", "1d"), "--case"),
        (("stop", "add", "--case", "1", "--authority", " ", "--why", "x", "--until", "1d"), "--authority"),
        (("stop", "add", "--case", "1", "--authority", "x", "--why", " ", "--until", "1d"), "--why"),
        (("stop", "add", "--case", "1", "--authority", "x", "--why", "x", "--until", "2020-01-01"), "--until"),
        (("stop", "end", "4711", "--why", "x"), "there is no stop 4711"),
    ],
)
def test_what_cannot_be_meant(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    ran = desk.verb("recipients", *arguments)
    assert ran.code == 2 and said in ran.err


def test_stops(desk: Desk) -> None:
    """Domain, section 2: "`do_not_notify` with authority and expiry": both must be given."""
    add = ("recipients", "stop", "add", "--authority", "Police, unit 7", "--why", "investigation", "--until", "30d")
    made = [
        desk.verb.one(*add, "--recipient", "Abuse@Hoster.example")["stop"],
        desk.verb.one(*add, "--site", "https://img.site.example/x")["stop"],
        desk.verb.one(*add, "--case", "7")["stop"],
        desk.verb.one(*add, "--entry", "8")["stop"],
    ]
    rows = {row["stop"]: row for row in desk.verb.all("recipients", "stop", "ls")}
    assert [rows[one]["scope"] for one in made] == ["recipient", "site", "case", "entry"]
    assert rows[made[0]]["subject"] == "email:Abuse@hoster.example" and rows[made[2]]["subject"] == "7"
    assert "site.example" not in rows[made[1]]["subject"] and rows[made[1]]["authority"] == "Police, unit 7"
    assert desk.verb("recipients", "stop", "end", str(made[0]), "--why", "over").code == 0
    assert made[0] not in {row["stop"] for row in desk.verb.all("recipients", "stop", "ls")}
    ended = {row["stop"]: row for row in desk.verb.all("recipients", "stop", "ls", "--all")}[made[0]]
    assert ended["ended"] and "over" in ended["why"]
    assert "Police, unit 7" in desk.verb("recipients", "stop", "ls").out
    for one in made[1:]:
        desk.verb("recipients", "stop", "end", str(one), "--why", "over")


def test_stops_are_in_the_audit(desk: Desk) -> None:
    made = desk.verb.one(
        "recipients", "stop", "add", "--case", "7", "--authority", "P", "--why", "a reason", "--until", "1d"
    )["stop"]
    desk.verb("recipients", "stop", "end", str(made), "--why", "another")
    rows = query(
        desk.verb.state,
        "SELECT purpose, subject FROM audit WHERE verb = 'recipients.stop'",
        database="vault",
        role=ADMIN,
    )
    said = [(row["purpose"], row["subject"].partition(" until")[0]) for row in rows]
    assert said[-2:] == [("a reason", f"stop {made}: case"), ("another", f"stop {made} ended")]


def test_roles(crawlctl: Crawlctl, tmp_path: Path) -> None:
    """Issue: "Identity comes from a keys file or an OIDC token, not from the operating system's user name"; roles by
    `contracts.people.PERMISSIONS`."""
    state = str(tmp_path / "state")
    with standing(Path(state)):
        for role in ("viewer", "supervisor"):
            ran = crawlctl("keys", "add", role, "--role", role, "--state", state)
            assert ran.code == 0, ran.err
            (tmp_path / role).touch(0o600)
            (tmp_path / role).write_text(ran.out)
        for key, code, said in (
            ((), 2, "who asks?"),
            (("--key", str(tmp_path / "viewer")), 2, "recipients.stop is for supervisor"),
            (("--key", str(tmp_path / "supervisor")), 0, ""),
        ):
            ran = crawlctl("recipients", "stop", "ls", "--state", state, *key)
            assert ran.code == code and said in ran.err, ran.err
        ran = crawlctl("partners", "ls", "--state", state, "--key", str(tmp_path / "viewer"))
        assert ran.code == 0, ran.err


def test_refresh(desk: Desk) -> None:
    (desk.folder / "dns.json").unlink()
    base = desk.registry.url + "files"
    rows = desk.verb.all("recipients", "refresh", "--from", base)
    assert [row["published"] for row in rows] == ["2026-01-02T03:04:05Z"] * 4 and (desk.folder / "dns.json").exists()
    assert "published 2026" in desk.verb("recipients", "refresh", "--from", base).out
    ran = desk.verb("recipients", "refresh", "--from", desk.registry.url + "none")
    assert ran.code != 0 and "status 404" in ran.err


def test_refresh_needs_a_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PISAURA_NOTICES_RDAP")
    ran = desk.verb("recipients", "refresh")
    assert ran.code == 2 and "notices.rdap" in ran.err


def test_partners(desk: Desk) -> None:
    made = desk.verb.one("partners", "add", "nl", "Dutch hotline", "--email", "a@HOTLINE.example", "--language", "nl")
    assert made == {
        "country": "NL", "name": "Dutch hotline", "contact": "a@hotline.example", "accepts": ["csam"], "channel": "email", "language": "nl",
    }  # fmt: skip
    assert "DE: German takes csam, child-exploitative" in desk.verb(
        "partners", "add", "DE", "German", "--webhook", "german", "--accepts", "csam,child-exploitative"
    ).out  # fmt: skip
    assert [row["country"] for row in desk.verb.all("partners", "ls")] == ["DE", "NL"]
    assert [row["name"] for row in desk.verb.all("partners", "ls", "NL")] == ["Dutch hotline"]
    assert "Dutch" in desk.verb("partners", "ls").out
    acts = query(
        desk.verb.state,
        "SELECT purpose, subject FROM audit WHERE verb = 'partners.add'",
        database="vault",
        role=ADMIN,
    )
    assert ("German, german", "DE") in [(row["purpose"], row["subject"]) for row in acts]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("EU", "X", "--email", "a@b.example"), "COUNTRY"),
        (("NL", " ", "--email", "a@b.example"), "NAME"),
        (("NL", "X", "--email", "a@b.example\nBcc: c@d.example"), "--email"),
        (("NL", "X", "--webhook", "a b"), "--webhook"),
        (("NL", "X", "--email", "a@b.example", "--accepts", "other"), "--accepts"),
        (("NL", "X", "--email", "a@b.example", "--language", "Dutch"), "--language"),
    ],
)
def test_partners_that_cannot_be_meant(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    ran = desk.verb("partners", "add", *arguments)
    assert ran.code == 2 and said in ran.err
