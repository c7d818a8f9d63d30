"""crawlctl.recipient_files: the operator's files, and bootstrap files fetched anew, all or none."""

from pathlib import Path

import pytest

from contracts.errors import Unavailable, UsageError
from contracts.removal import Notices
from crawlctl.recipient_files import IANA, Sources, refresh
from notices.recipients.bootstrap import FILES
from tests.fakeweb.registry import bootstrap


class Fetched:
    """Files by their URL."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.asked = files, list[str]()

    async def file(self, url: str, most: int) -> bytes:
        self.asked.append(url)
        if url not in self.files:
            raise Unavailable(f"{url} answers with status 404")
        return self.files[url]


def fetched(source: str = IANA, **more: bytes) -> Fetched:
    return Fetched({f"{source}{kind}.json": more.get(kind, bootstrap(kind, {})) for kind in FILES})


def test_the_shipped_files_serve() -> None:
    sources = Sources.load(Notices())
    assert sources.bootstrap.of_address("193.0.6.139") and sources.proxies.around("104.16.1.1")
    assert sources.overrides.of_host("example.org") == []


def test_an_operators_own(tmp_path: Path) -> None:
    for kind in FILES:
        (tmp_path / f"{kind}.json").write_bytes(
            bootstrap(kind, {"127.0.0.0/8": ["https://a.example/"]} if kind == "ipv4" else {})
        )
    (tmp_path / "p.toml").write_text('[[proxy]]\nname = "CDN"\nnetworks = ["127.0.0.0/8"]\n')
    (tmp_path / "o.toml").write_text('[[site]]\nsite = "a.example"\nnever = "x"\n')
    named = Notices(rdap=str(tmp_path), proxies=str(tmp_path / "p.toml"), overrides=str(tmp_path / "o.toml"))
    sources = Sources.load(named)
    assert sources.bootstrap.of_address("127.0.0.1") == ("https://a.example/",)
    assert sources.proxies.around("127.0.0.1") and sources.overrides.of_host("a.example")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"# \xe4\n")
    for settings, said in (
        (Notices(rdap=str(tmp_path)), r"ipv4\.json: cannot be read \(notices\.rdap\)"),
        (Notices(overrides=str(tmp_path / "none.toml")), r"none\.toml: cannot be read \(notices\.overrides\)"),
        (Notices(proxies=str(tmp_path / "latin.toml")), r"latin\.toml: is not UTF-8 \(notices\.proxies\)"),
    ):
        with pytest.raises(UsageError, match=said):
            Sources.load(settings)


async def test_refresh(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "rdap"
    source = fetched(ipv4=bootstrap("ipv4", {"1.0.0.0/8": ["https://a.example/"]}))
    made = await refresh(source, folder)
    assert source.asked == [f"{IANA}{kind}.json" for kind in FILES]
    assert made.published["ipv4"] == "2026-01-02T03:04:05Z"
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{kind}.json" for kind in FILES)
    assert Sources.load(Notices(rdap=str(folder))).bootstrap.of_address("1.1.1.1") == ("https://a.example/",)


async def test_all_or_none(tmp_path: Path) -> None:
    await refresh(fetched("https://x.example/"), tmp_path, "https://x.example")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(Unavailable, match=r"nothing was replaced: .*dns\.json: it is no JSON"):
        await refresh(fetched(ipv4=bootstrap("ipv4", {"1.0.0.0/8": ["https://a.example/"]}), dns=b"<html>"), tmp_path)
    broken = fetched()
    del broken.files[f"{IANA}asn.json"]
    with pytest.raises(Unavailable, match="404"):
        await refresh(broken, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        await refresh(fetched(), tmp_path / "file")
