"""Issue: "`try match DIGEST... --known FILE` the entries within the threshold, with distances (JSON: one object a query,
`query` and `matches`)"."""

from pathlib import Path

import pytest

from tests.unit.crawlctl.conftest import Crawlctl

PDQ = "f8f8f0cce0f4a84d0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
NEAR = PDQ[:-2] + "21"  # 2 bits away
FAR = "f0f0" + PDQ[4:-1] + "d"
MD5 = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def known(tmp_path: Path) -> str:
    path = tmp_path / "known.csv"
    path.write_text(
        f"algorithm,digest,category,source,series,note\npdq,{NEAR.upper()},A,src,s1,secret note\nmd5,{MD5},B,,,\n"
        f"md5,zz,,,,\npdq,{FAR},C,src,,\n\nsha9,00,,,,\n"
    )
    return str(path)


def test_entries_within_the_threshold(crawlctl: Crawlctl, known: str) -> None:
    ran = crawlctl("try", "match", PDQ, "--known", known, MD5.upper(), "--json")
    assert ran.code == 0
    near, exact = ran.answers
    assert near["query"] == PDQ
    assert [(match["distance"], match["line"]) for match in near["matches"]] == [(2, 2), (6, 5)]
    assert near["matches"][0] | {"entry": ""} == {
        "algorithm": "pdq", "digest": NEAR, "distance": 2, "category": "A", "source": "src", "series": "s1", "entry": "",
        "line": 2,
    }  # fmt: skip
    assert [(match["distance"], match["category"]) for match in exact["matches"]] == [(0, "B")]
    assert "secret" not in ran.out


@pytest.mark.parametrize(("distance", "found"), [("0", 0), ("1", 0), ("2", 1), ("5", 1), ("6", 2), ("40", 2)])
def test_the_distance(crawlctl: Crawlctl, known: str, distance: str, found: int) -> None:
    answer = crawlctl("try", "match", "--known", known, "--distance", distance, "--json", PDQ).answers[0]
    assert len(answer["matches"]) == found


def test_the_distance_is_a_setting(crawlctl: Crawlctl, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISAURA_MATCHING_PDQ_DISTANCE", "1")
    assert crawlctl("try", "match", "--known", known, "--json", PDQ).answers[0]["matches"] == []


def test_bad_lines_of_the_list_are_told_with_their_numbers_and_counted(crawlctl: Crawlctl, known: str) -> None:
    ran = crawlctl("try", "match", "--known", known, MD5)
    assert ran.code == 0
    lines = ran.err.splitlines()
    assert lines[0].startswith(f"crawlctl: {known}:4:5: bad_digest")
    assert lines[1].startswith(f"crawlctl: {known}:7:1: unknown_algorithm")
    assert "lines left out: 2" in lines[2]


def test_lines_are_answered_one_by_one(crawlctl: Crawlctl, known: str) -> None:
    ran = crawlctl(
        "try", "match", "--known", known, "--json", stdin=f"{MD5}\n\nx\0\nmd5:{MD5}\r\n".encode() + b"\xff\n"
    )
    assert ran.code == 0
    assert [len(answer["matches"]) for answer in ran.answers] == [1, 0, 0, 1, 0]
    assert all("error" in ran.answers[n] for n in (1, 2, 4))


def test_for_people(crawlctl: Crawlctl, known: str) -> None:
    out = crawlctl("try", "match", "--known", known, "--distance", "5", PDQ, "x").out
    assert (
        f"{PDQ}  1 entry within 5 bits\n  distance  2  pdq {NEAR}  line 2  category A  source src  series s1\n" in out
    )
    assert "x  bad_digest" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, ["cannot be read", "No such file"]), ("a,b\n", ["line 1", "column 1", "'a'"]), ("", ["header"])],
)
def test_a_list_that_cannot_be_used(crawlctl: Crawlctl, tmp_path: Path, content: str | None, words: list[str]) -> None:
    path = tmp_path / "list.csv"
    if content is not None:
        path.write_text(content)
    ran = crawlctl("try", "match", "--known", str(path), MD5)
    assert ran.code == 2
    assert all(word in ran.err for word in [str(path), *words])


def test_a_list_in_another_format(crawlctl: Crawlctl, tmp_path: Path) -> None:
    path, mapping = tmp_path / "l.csv", tmp_path / "m.toml"
    path.write_text(f"Image ID;Digest of it\n7;{MD5}\n")
    mapping.write_text('delimiter = ";"\n[columns]\nid = "Image ID"\nmd5 = "Digest of it"\n')
    ran = crawlctl("try", "match", "--known", str(path), "--mapping", str(mapping), "--json", MD5)
    assert ran.answers[0]["matches"][0]["entry"].endswith("/7")
    assert (
        crawlctl(
            "try", "match", "--known", str(path), "--format", "threatexchange", "--mapping", str(mapping), MD5
        ).code
        == 2
    )
    path.write_text(f"HASH_MD5 {MD5}\n")
    ran = crawlctl("try", "match", "--known", str(path), "--format", "threatexchange", "--json", MD5)
    assert [match["digest"] for match in ran.answers[0]["matches"]] == [MD5]


def test_formats_without_lines_are_told_to_people_too(crawlctl: Crawlctl, tmp_path: Path) -> None:
    path = tmp_path / "vics.json"
    context = "http://github.com/ICMEC/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
    path.write_text(f'{{"@odata.context":"{context}","value":[{{"MediaID":1,"Category":1,"MD5":"{MD5}"}}]}}')
    ran = crawlctl("try", "match", "--known", str(path), "--format", "vics", MD5)
    assert ran.code == 0 and f"md5 {MD5}" in ran.out.splitlines()[1]


def test_against_what(crawlctl: Crawlctl) -> None:
    ran = crawlctl("try", "match", MD5)
    assert ran.code == 2
    assert all(word in ran.err for word in ("--known", "--state", "--settings"))
    assert crawlctl("try", "match", "--format", "csv", MD5).code == 2


@pytest.mark.parametrize("arguments", [["--distance", "41"], ["--distance", "-1"], ["--distance", "x"]])
def test_a_distance_out_of_range(crawlctl: Crawlctl, known: str, arguments: list[str]) -> None:
    ran = crawlctl("try", "match", "--known", known, *arguments, MD5)
    assert ran.code == 2
    assert "--distance" in ran.err
