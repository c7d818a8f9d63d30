"""Who asks: what a keys file may be, what a request's header shows, and who may do what."""

import argparse
from pathlib import Path

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from contracts.desk import Person
from contracts.errors import UsageError
from contracts.people import Identity
from crawlctl.identity import Credentials, credentials, given, of_header, person_of, read_key, require

ANNA = Identity("anna", "analyst", 7)


def keys_file(path: Path, text: str | bytes = '{"user": "anna-1", "password": "secret", "name": "anna"}') -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(0o600)
    return path


def asked(key: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(key=key)


def test_a_keys_file(tmp_path: Path) -> None:
    shown = read_key(keys_file(tmp_path / "k"))
    assert (shown.user, shown.password) == ("anna-1", "secret")
    assert "secret" not in f"{shown} {shown!r}"


def test_a_keys_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = keys_file(tmp_path / "k")
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(UsageError, match="others may read it"):
            read_key(path)


@pytest.mark.parametrize(
    "text",
    [b"", b"x", b"[]", b"{}", b'{"user": "a"}', b'{"user": 1, "password": "x"}', b'{"user": "", "password": "x"}', b'{"user": "a:b", "password": "x"}', b'{"user": "a", "password": ""}', b"\xff\xfe", b"[" * 5000, b" " * 10_000],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_keys_file(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read_key(keys_file(tmp_path / "k", text))
    assert str(tmp_path / "k") in str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_key(tmp_path / "none")
    with pytest.raises(UsageError, match=r"is no file|cannot be read"):
        read_key(tmp_path)


def test_a_key_is_given_by_option_or_environment_and_before_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PISAURA_KEY", "PISAURA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert given(asked()) is None
    with pytest.raises(UsageError, match=r"who asks\? give --key FILE .*crawlctl keys add NAME.*PISAURA_TOKEN"):
        credentials(asked())
    monkeypatch.setenv("PISAURA_TOKEN", " a.b.c\n")
    assert credentials(asked()) == Credentials(token="a.b.c")
    monkeypatch.setenv("PISAURA_KEY", str(keys_file(tmp_path / "env", '{"user": "e", "password": "p"}')))
    assert credentials(asked()).user == "e"
    assert credentials(asked(keys_file(tmp_path / "k"))).user == "anna-1"
    monkeypatch.delenv("PISAURA_KEY")
    monkeypatch.setenv("PISAURA_TOKEN", "ü")
    with pytest.raises(UsageError, match="no token"):
        given(asked())


@examples(st.text(min_size=1).filter(lambda text: ":" not in text), st.text(min_size=1))
def test_what_a_client_shows_a_server_reads(user: str, password: str) -> None:
    try:
        shown = Credentials(user, password)
        header = shown.header
    except UnicodeEncodeError:
        return
    assert of_header(header) == shown


def test_tokens_are_shown_likewise() -> None:
    assert of_header(Credentials(token="a.b.c").header) == Credentials(token="a.b.c")


@examples(st.text() | st.text().map("Basic {}".format) | st.text().map("Bearer {}".format))
def test_any_header_is_somebody_or_nobody(value: str) -> None:
    found = of_header(value)
    assert found is None or found.token or (found.user and found.password)


@pytest.mark.parametrize("value", ["", "Basic", "Basic Zm9v", "Basic Og==", "Basic YTo=", "Basic OmI=", "Digest x", "Bearer", "Bearer ü"])  # fmt: skip
def test_headers_that_show_nobody(value: str) -> None:
    assert of_header(value) is None


def test_only_who_may_do_it_may() -> None:
    require(ANNA, "review.decide")
    with pytest.raises(UsageError, match=r"anna is analyst; review\.release is for supervisor"):
        require(ANNA, "review.release")
    with pytest.raises(UsageError, match="nobody"):
        require(ANNA, "no such act")


def test_a_person_of_an_account() -> None:
    assert person_of(ANNA) == Person("anna", 7, "account")
