"""Everything that is said of a list is checked at once, before anything is stored."""

from pathlib import Path
from typing import Any

import pytest

from contracts.errors import UsageError
from contracts.lists import ALLOWED, KINDS, MATCHED_KINDS, ListSource
from crawlctl.lists.checks import checked
from crawlctl.lists.names import EXCHANGES, FORMATS, MAPPED, WRITTEN
from hasher.formats.table import FORMATS as TABLE
from hasher.sources.sync import PAGED


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "l.csv").write_text("algorithm,digest\n")
    return {"name": "iwf", "format_": "csv", "location": str(tmp_path / "l.csv"), "kind": "csam"}


def login(folder: Path, mode: int = 0o600) -> Path:
    path = folder / "login"
    path.write_text("user:password")
    path.chmod(mode)
    return path


def test_what_may_be_stored(given: dict[str, Any], tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\nsha1 = "SHA1"\n')
    source = checked(**given, mapping=mapping, secret=login(tmp_path), uses="shield, match", trust="verified")
    assert source == ListSource(
        "iwf",
        "csv",
        "csam",
        "verified",
        ("match", "shield"),
        given["location"],
        mapping.read_text(),
        str(tmp_path / "login"),
    )


def test_a_file_keeps_its_whole_path(given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert checked(**given | {"location": "l.csv"}).location == str(tmp_path / "l.csv")


def test_all_complaints_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        checked(
            "a/b",
            "xml",
            str(tmp_path / "none"),
            None,
            tmp_path / "none.toml",
            login(tmp_path, 0o640),
            "match,sell",
            "yes",
        )
    said = str(refused.value)
    assert said.startswith("the list was not added: 8 things are wrong: ")
    for word in ("NAME", "--format", "--from", "--kind", "--mapping", "--credentials", "--uses", "--trust"):
        assert f"{word}: " in said
    assert "chmod 600" in said


def test_no_kind_no_import(given: dict[str, Any]) -> None:
    """Domain, section 1: "No kind, no import"."""
    with pytest.raises(UsageError, match="without a kind nothing is imported"):
        checked(**given | {"kind": None})


@pytest.mark.parametrize("kind", KINDS)
def test_default_match_only(given: dict[str, Any], kind: str) -> None:
    """Domain, section 1: "Sources carry allowed uses (match, notify, shield, export), default match only"; "`ncii-adult`,
    `self-reported-minor`, `other` serve Shield only, off by default"."""
    assert checked(**given | {"kind": kind}).uses == (("match",) if kind in MATCHED_KINDS else ())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", ["match", "notify", "shield", "export"])
def test_uses_allowed_for_the_kind(given: dict[str, Any], kind: str, use: str) -> None:
    """Domain, section 1: "Only `csam` may reach a notice or the figures [...] `ncii-adult`, `self-reported-minor`, `other` serve
    Shield only"."""
    allowed = use in ALLOWED[kind]
    assert allowed == (
        kind == "csam"
        or use == "export"
        or (use == "shield" and kind != "known-good")
        or (use, kind) == ("match", "child-exploitative")
    )
    if allowed:
        assert checked(**given | {"kind": kind}, uses=use).uses == (use,)
    else:
        with pytest.raises(UsageError, match=f"kind {kind}"):
            checked(**given | {"kind": kind}, uses=use)


@pytest.mark.parametrize(
    ("location", "wrong"),
    [
        ("https://lists.example/a.csv", ""),
        ("http://127.0.0.1:8080/a.csv", ""),
        ("http://localhost/a.csv", ""),
        ("http://[::1]/a.csv", ""),
        ("http://lists.example/a.csv", "only https"),
        ("http://127.0.0.1.lists.example/a.csv", "only https"),
        ("https://me:secret@lists.example/a.csv", "--credentials"),
        ("ftp://lists.example/a.csv", "no http"),
        ("https://[::1/a.csv", "no http"),
        ("https://lists.example:99999/", "no http"),
        ("https://lists.example/\na", "control"),
        (None, "missing"),
        ("", "missing"),
    ],
)
def test_where_a_list_may_come_from(given: dict[str, Any], location: str | None, wrong: str) -> None:
    if not wrong:
        assert checked(**given | {"location": location}).location == location
        return
    with pytest.raises(UsageError, match=wrong) as refused:
        checked(**given | {"location": location})
    assert "secret" not in str(refused.value)


def test_a_source_in_pages_asks_for_a_login(given: dict[str, Any], tmp_path: Path) -> None:
    asked = given | {"format_": "ncmec", "location": "https://hashes.example/v2"}
    with pytest.raises(UsageError, match="asks for a login"):
        checked(**asked)
    assert checked(**asked, secret=login(tmp_path)).credentials == str(tmp_path / "login")


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"\xff", "codec"),
        (b"a = ", "no TOML"),
        (b"#" * 70_000, "longer"),
        (b"a=" + b"[" * 5000, ""),
        (b"colour = 1", "colour"),
    ],
)
def test_a_mapping_that_cannot_be_used(given: dict[str, Any], tmp_path: Path, content: bytes, wrong: str) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=f"--mapping: .*{wrong}"):
        checked(**given, mapping=path)


def test_a_mapping_where_there_are_no_columns(given: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("")
    with pytest.raises(UsageError, match="the format vics takes none"):
        checked(**given | {"format_": "vics"}, mapping=path)


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o601])
def test_credentials_that_others_may_read(given: dict[str, Any], tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError, match="chmod 600"):
        checked(**given, secret=login(tmp_path, mode))


def test_credentials_that_are_no_file(given: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="this is none"):
        checked(**given, secret=tmp_path)


def test_the_formats_are_those_of_the_table() -> None:
    assert set(FORMATS) == set(TABLE) >= {*MAPPED, *EXCHANGES}
    assert {name for name, row in TABLE.items() if row.write} == set(WRITTEN)
    assert set(EXCHANGES) == set(PAGED)
