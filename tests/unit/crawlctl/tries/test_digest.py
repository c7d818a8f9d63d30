"""Issue: "`try digest FILE...` MD5, SHA-1, SHA-256, PDQ with quality, or why not"."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from hasher.digests import digest_file_bytes
from tests.unit.crawlctl.conftest import Crawlctl

KEYS = {
    "file", "md5", "sha1", "sha256", "size", "pdq", "quality", "width", "height", "media_type", "duration", "frames", "why",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    gradient = Image.radial_gradient("L").resize((120, 90))
    gradient.save(tmp_path / "a.png")
    frames = [Image.radial_gradient("L").rotate(turn * 30) for turn in range(3)]
    frames[0].save(tmp_path / "b.gif", save_all=True, append_images=frames[1:], duration=500)
    (tmp_path / "c.txt").write_bytes(b"no picture")
    (tmp_path / "d.png").write_bytes((tmp_path / "a.png").read_bytes()[:20] + b"\xff" * 100)
    (tmp_path / "empty").touch()
    return tmp_path


def test_files(crawlctl: Crawlctl, folder: Path) -> None:
    names = [str(folder / name) for name in ("a.png", "b.gif", "c.txt", "d.png", "empty")]
    ran = crawlctl("try", "digest", "--json", *names)
    assert (ran.code, ran.err) == (0, "")
    assert [answer["file"] for answer in ran.answers] == names
    for answer in ran.answers:
        data = Path(answer["file"]).read_bytes()
        assert set(answer) == KEYS
        assert answer["md5"] == hashlib.md5(data).hexdigest()
        assert answer["sha1"] == hashlib.sha1(data).hexdigest()
        assert answer["sha256"] == hashlib.sha256(data).hexdigest()
        alone = digest_file_bytes(data)  # the same as outside of the workers
        assert (answer["pdq"], answer["quality"], answer["why"]) == (
            alone.get("pdq"), alone.get("quality"), alone.get("why"),
        )  # fmt: skip
    a, b, c, d, empty = ran.answers
    assert (a["width"], a["height"], a["media_type"], len(a["frames"])) == (120, 90, "image/png", 1)
    assert len(b["frames"]) == 3
    assert set(b["frames"][1]) == {"at", "pdq", "quality"}
    assert (c["why"], c["pdq"], empty["why"]) == ("unsupported", None, "unsupported")
    assert d["why"]


def test_names_on_standard_input_are_results_even_if_there_is_no_such_file(crawlctl: Crawlctl, folder: Path) -> None:
    lines = [str(folder / "a.png"), "", "no/such", str(folder), "nul\0", str(folder / "c.txt") + "\r"]
    ran = crawlctl("try", "digest", "--json", stdin="\n".join(lines).encode() + b"\n\xff\n")
    assert (ran.code, ran.err) == (0, "")
    assert [bool(answer["sha256"]) for answer in ran.answers] == [True, False, False, False, False, True, False]
    assert [answer["why"] for answer in ran.answers][1:4] == [
        "cannot be read: there is no name", "cannot be read: No such file or directory", "cannot be read: Is a directory",
    ]  # fmt: skip


def test_an_argument_that_is_no_file_is_told_and_two(crawlctl: Crawlctl, folder: Path) -> None:
    ran = crawlctl("try", "digest", "--json", str(folder / "no"), str(folder / "a.png"))
    assert ran.code == 2
    assert ran.err == "crawlctl: 1 of 2 files could not be read; see above\n"
    assert [bool(answer["pdq"]) for answer in ran.answers] == [False, True]


def test_a_file_over_the_limit_has_cryptographic_digests(
    crawlctl: Crawlctl, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISAURA_LIMITS_MEDIA_BYTES", "100")
    answer = crawlctl("try", "digest", "--json", str(folder / "a.png")).answers[0]
    data = (folder / "a.png").read_bytes()
    assert (answer["why"], answer["size"]) == ("too_large", len(data))
    assert answer["sha256"] == hashlib.sha256(data).hexdigest()


def test_for_people(crawlctl: Crawlctl, folder: Path) -> None:
    out = crawlctl("try", "digest", str(folder / "b.gif")).out
    assert out.startswith(f"{folder}/b.gif\n  md5          ")
    assert out.count(" s ") == 3


def test_whoever_pipes_names_gets_each_answer_at_once(folder: Path) -> None:
    entry = Path(sys.executable).parent / "crawlctl"
    with subprocess.Popen(
        [entry, "try", "digest", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        for name in ("c.txt", "a.png"):
            process.stdin.write(f"{folder / name}\n")
            process.stdin.flush()
            assert name in process.stdout.readline()
        process.stdin.close()
        assert process.wait() == 0


def test_the_bytes_themselves_may_be_piped_in(folder: Path) -> None:
    entry = Path(sys.executable).parent / "crawlctl"
    data = (folder / "a.png").read_bytes()
    ran = subprocess.run([entry, "try", "digest", "-"], input=data, capture_output=True, check=False)
    assert ran.returncode == 0
    assert hashlib.sha256(data).hexdigest().encode() in ran.stdout
