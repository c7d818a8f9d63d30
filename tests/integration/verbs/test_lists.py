"""`crawlctl lists`: imported with a report of bad lines, listed."""

from pathlib import Path

from tests.integration.verbs.conftest import Verb


def test_lists(verb: Verb, tmp_path: Path) -> None:
    file, own = tmp_path / "extra.csv", "ab" if verb.clustered else "ba"
    file.write_text(
        f"algorithm,digest,category\nsha1,{own * 20},A\nsha1,zz,A\nmd5,d41d8cd98f00b204e9800998ecf8427e,A\n"
    )
    report = verb.one("lists", "import", str(file), "--name", "extra list")
    assert (report["name"], report["added"], sum(report["bad"].values())) == ("extra list", 1, 2)
    assert [bad["line"] for bad in report["bad_lines"]] == [3, 4]
    lists = {row["name"]: row for row in verb.all("lists", "ls")}
    assert lists.keys() >= {"known", "extra list"}
    assert (lists["extra list"]["kind"], lists["extra list"]["trust"]) == ("csam", "unverified")
    assert [row["line"] for row in verb.all("lists", "ls", "--bad", "extra list")] == [3, 4]
    assert verb("lists", "ls", "--bad", "none").code == 2
    assert verb("lists", "import", str(tmp_path / "none.csv")).code == 2
    assert verb("lists", "import", str(file), "--name", "a\nb").code == 2
    file.write_text("nonsense\n")
    ran = verb("lists", "import", str(file), "--name", "broken")
    assert ran.code == 2 and str(file) in ran.err
