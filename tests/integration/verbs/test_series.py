"""Issue: "`crawlctl series ls|show ID` a victim series: entries, sightings, sites, first and last seen"; names only for a purpose."""

from pathlib import Path

from tests.integration.verbs.conftest import Verb


def test_series(verb: Verb, tmp_path: Path) -> None:
    """Domain, section 4: "Series names and notes can hold victims' names: sealed, opaque ids outside"."""
    own = "c" if verb.clustered else "b"
    file = tmp_path / "series.csv"
    file.write_text(
        "algorithm,digest,category,source,series\n"
        + "".join(f"sha1,{n}{own}{'5' * 38},A,IWF,Victim {own}\n" for n in range(3))
    )
    assert verb.one("lists", "import", str(file), "--name", f"series-{own}")["added"] == 3
    (blind,) = {row["series"] for row in verb.all("lists", "entries", f"series-{own}")}
    assert len(blind) == 32

    before = len(verb.audit())
    listed = {row["series"]: row for row in verb.all("series", "ls")}[blind]
    assert listed == {
        "series": blind, "entries": 3, "media": 0, "sightings": 0, "sites": 0, "hosts": 0, "first_seen": None, "last_seen": None,
    }  # fmt: skip
    shown = verb.one("series", "show", blind.upper())
    assert (shown["entries"], shown["standings"], shown["countries"]) == (3, {"unverified": 3}, [])
    assert "Victim" not in verb("series", "ls").out + verb("series", "show", blind).out
    assert len(verb.audit()) == before

    named = verb.one("series", "show", blind, "--purpose", "case 7")
    assert named["name"] == f"Victim {own}"
    (line,) = verb.audit()[before:]
    assert (line["verb"], line["purpose"]) == ("series", "1 names of series; case 7")
    assert f"Victim {own}" in verb("series", "ls", "--purpose", "case 7").out
    assert f"Victim {own}" in {row["name"] for row in verb.all("series", "ls", "--purpose", "case 7")}


def test_what_cannot_be_meant(verb: Verb) -> None:
    for arguments in (("show", "Victim"), ("show", "0" * 32), ("ls", "--purpose", "")):
        ran = verb("series", *arguments)
        assert ran.code == 2, ran.out
        assert "Victim" not in ran.err
