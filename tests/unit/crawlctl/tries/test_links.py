"""Issue: "`try links FILE --base URL [--content-type T]` every found URL with kind ..., the element and attribute it came
from, rel"."""

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.crawlctl.conftest import Crawlctl

BASE = "https://e.example/dir/page.html"
PAGE = b"""<!doctype html><link rel="stylesheet" href=a.css><meta http-equiv=refresh content="3; url=/next">
<a rel="nofollow ugc" href="x">x</a><img src=p.jpg srcset="q.jpg 2x"><a href="ftp://z/">\xff</a>"""


def found(answers: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return [(a["kind"], f"{a['element']}@{a['attribute']}", a["rel"], a.get("url") or a["refused"]) for a in answers]


def test_a_page(crawlctl: Crawlctl, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(PAGE)
    ran = crawlctl("try", "links", str(page), "--base", BASE, "--json", "--header", "Link: <h>; rel=next")
    assert ran.code == 0
    assert found(ran.answers)[:6] == [
        ("stylesheet", "link@href", "stylesheet", "https://e.example/dir/a.css"),
        ("redirect", "meta@content", "refresh", "https://e.example/next"),
        ("page", "a@href", "nofollow ugc", "https://e.example/dir/x"),
        ("media", "img@src", "", "https://e.example/dir/p.jpg"),
        ("media", "img@srcset", "", "https://e.example/dir/q.jpg"),
        ("page", "a@href", "", "scheme"),
    ]
    assert found(ran.answers)[6][3] == "https://e.example/dir/h"
    assert [answer["nofollow"] for answer in ran.answers][:3] == [False, False, True]
    assert ran.answers[3]["raw"] == "p.jpg"
    told = crawlctl("try", "links", str(page), "--base", BASE).out
    assert "stylesheet link@href                https://e.example/dir/a.css  rel=stylesheet\n" in told
    assert "refused: scheme (ftp): ftp://z/\n" in told


def test_a_packed_sitemap(crawlctl: Crawlctl, tmp_path: Path) -> None:
    path = tmp_path / "s.xml.gz"
    path.write_bytes(gzip.compress(b"<urlset><url><loc>https://e.example/1</loc></url></urlset>"))
    ran = crawlctl("try", "links", str(path), "--base", "https://e.example/s.xml.gz", "--json")
    assert [answer["url"] for answer in ran.answers] == ["https://e.example/1"]


def test_the_content_type_counts(crawlctl: Crawlctl, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a { background: url(b.png) }")
    ran = crawlctl("try", "links", str(path), "--base", BASE, "--content-type", "text/css", "--json")
    assert [(answer["kind"], answer["url"]) for answer in ran.answers] == [("media", "https://e.example/dir/b.png")]


def test_what_a_limit_cuts_is_told(crawlctl: Crawlctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(b"".join(b"<a href=/%d>" % n for n in range(50)))
    monkeypatch.setenv("PISAURA_LIMITS_LINKS", "10")
    ran = crawlctl("try", "links", str(path), "--base", BASE, "--json")
    assert (ran.code, len(ran.answers)) == (0, 10)
    assert ran.err == "crawlctl: warning: limits.links cut this (40)\n"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["missing.html", "--base", BASE], "missing.html: cannot be read: No such file or directory"),
        (["/", "--base", BASE], "/: cannot be read"),
        (["/dev/zero", "--base", BASE], "/dev/zero: cannot be read: it is a device"),
        (["/dev/null", "--base", "x"], "--base 'x'"),
        (["/dev/null"], "--base"),
        (["/dev/null", "--base", BASE, "--header", "Link"], "--header 'Link'"),
        (["--base", BASE], "FILE"),
    ],
)
def test_unusable_input(crawlctl: Crawlctl, arguments: list[str], word: str) -> None:
    ran = crawlctl("try", "links", *arguments)
    assert ran.code == 2
    assert word in ran.err


def test_standard_input(tmp_path: Path) -> None:
    import subprocess

    entry = Path(sys.executable).parent / "crawlctl"
    ran = subprocess.run(
        [entry, "try", "links", "-", "--base", BASE], input=b"<img src=a.png>", capture_output=True, check=False
    )
    assert ran.returncode == 0
    assert ran.stdout.split() == [b"media", b"img@src", b"https://e.example/dir/a.png"]
