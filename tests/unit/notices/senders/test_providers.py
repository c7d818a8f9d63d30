"""The file of providers' APIs."""

from pathlib import Path

import pytest

from contracts.errors import UsageError
from notices.senders.providers import read_providers

SECRET = b"0123456789abcdef-secret\n"


def put(folder: Path, text: str, secret: bytes = SECRET) -> str:
    (folder / "host.secret").write_bytes(secret)
    (folder / "host.secret").chmod(0o600)
    (folder / "providers.toml").write_text(text)
    return str(folder / "providers.toml")


def test_providers_are_read(tmp_path: Path) -> None:
    text = '[host]\nurl = "https://abuse.host.example/v1"\nsecret = "host.secret"\n[near]\nurl = "http://127.0.0.1:9/x"\nsecret = "host.secret"\n'
    found = read_providers(put(tmp_path, text))
    assert (found["host"].url, found["host"].secret) == ("https://abuse.host.example/v1", SECRET.strip())
    assert found["host"].context is not None and found["near"].context is None
    assert "secret" not in repr(found["host"]).replace("secret: not shown", "")
    assert read_providers("") == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[host]\nurl = "http://abuse.host.example/"\nsecret = "host.secret"', "must be https"),
        ('[host]\nurl = "ftp://127.0.0.1/"\nsecret = "host.secret"', "must be https"),
        ('[host]\nurl = "https://a:b@host.example/"\nsecret = "host.secret"', "no credentials"),
        ('[host]\nurl = "nothing"\nsecret = "host.secret"', "no URL"),
        ('[host]\nurl = "https://host.example/"\nsecret = "none"', "cannot be read"),
        ('[host]\nurl = "https://host.example/"\nsecret = "host.secret"\nca = "host.secret"', "ca holds no"),
        ('[host]\nurl = "https://host.example/"', "needs url and secret"),
        ('[host]\nurl = "https://host.example/"\nsecret = "host.secret"\ncolour = "red"', "needs url and secret"),
        ("url = 5", "needs url and secret"),
        ("[", "needs url and secret"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as error:
        read_providers(put(tmp_path, text))
    assert SECRET.decode().strip() not in str(error.value)


def test_a_short_secret_and_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fewer than 16"):
        read_providers(put(tmp_path, '[h]\nurl = "https://host.example/"\nsecret = "host.secret"', b"short"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_providers(str(tmp_path / "none.toml"))
    (tmp_path / "large.toml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(UsageError, match="more than"):
        read_providers(str(tmp_path / "large.toml"))
