"""Issue: "`try url [--base B] URL` canonical form, host, site, url_id, bucket, or the reason it is refused"."""

from random import Random

import pytest

from contracts.urls import facts
from tests.unit.crawlctl.conftest import Crawlctl

HOSTILE = (
    b"http://a.example/\xff\n\n\0\nhttp://user:pw@b.example/\nHTTP://B\xc3\xbccher.example:80/a/../%7e?\r\njavascript:x\n"
    + (b"http://c.example/" + b"x" * 100_000)
)


def test_arguments(crawlctl: Crawlctl) -> None:
    ran = crawlctl("try", "url", "--json", "HTTP://Example.ORG:80/a/../b?", "ftp://x/")
    assert ran.code == 0
    first, second = ran.answers
    assert first == facts("HTTP://Example.ORG:80/a/../b?")
    assert set(first) == {"input", "url", "host", "site", "url_id", "bucket"}
    assert second == {"input": "ftp://x/", "refused": "scheme", "evidence": "ftp"}


def test_every_line_has_its_answer(crawlctl: Crawlctl) -> None:
    ran = crawlctl("try", "url", "--json", stdin=HOSTILE)
    assert ran.code == 0
    inputs = HOSTILE.decode("utf-8", "surrogateescape").split("\n")
    assert ran.answers == [facts(text) for text in inputs]
    assert [answer.get("refused") for answer in ran.answers] == [
        None, "malformed", "malformed", "credentials", None, "scheme", "url_too_long",
    ]  # fmt: skip


def test_for_people(crawlctl: Crawlctl) -> None:
    ran = crawlctl("try", "url", stdin=HOSTILE)
    assert ran.code == 0
    assert "  url          http://xn--bcher-kva.example/~?\n" in ran.out
    assert "  refused      credentials\n" in ran.out
    assert "pw" not in ran.out.replace("http://user:pw@b.example/", "")


def test_a_base(crawlctl: Crawlctl) -> None:
    ran = crawlctl("try", "url", "--base", "https://e.example/d/p?q#f", "--json", stdin=b"../x\n\n?y\n//o.example\n")
    assert [answer["url"] for answer in ran.answers] == [
        "https://e.example/x", "https://e.example/d/p?q", "https://e.example/d/p?y", "https://o.example/",
    ]  # fmt: skip
    assert (
        crawlctl("try", "url", "--json", "a", "--base", "http://e.example/", "b").answers[1]["url"]
        == "http://e.example/b"
    )
    assert crawlctl("try", "url", "--json", "--base", "http://e.example/", "--", "-x").answers[0]["input"] == "-x"


def test_a_base_that_is_none(crawlctl: Crawlctl) -> None:
    for base in ("", "mailto:x", "relative"):
        ran = crawlctl("try", "url", "--base", base, "x")
        assert ran.code == 2
        assert "--base" in ran.err


def test_the_limit_is_a_setting(crawlctl: Crawlctl, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "http://e.example/" + "x" * 3000
    assert crawlctl("try", "url", "--json", long).answers[0]["refused"] == "url_too_long"
    monkeypatch.setenv("PISAURA_LIMITS_URL_BYTES", "4000")
    assert crawlctl("try", "url", "--json", long).answers[0]["url"] == long


def test_any_bytes_get_one_answer_a_line(crawlctl: Crawlctl) -> None:
    chance = Random(3)
    for _ in range(20):
        data = chance.randbytes(2000) + b"http:// \xc2\x85\xe2\x80\xa8 //[::\n%\n"
        for form in ("--json", "--base=http://a/"):
            ran = crawlctl("try", "url", form, stdin=data)
            assert (ran.code, ran.err) == (0, "")
            if form == "--json":
                assert len(ran.answers) == data.count(b"\n")
