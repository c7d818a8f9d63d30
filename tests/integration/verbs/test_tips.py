"""`crawlctl tips`: URLs that the public told of."""

from tests.integration.verbs.conftest import Crawled, Verb, query


def test_a_tip_is_a_seed_and_nothing_is_kept_of_who_gave_it(verb: Verb, crawled: Crawled) -> None:
    """ "a URL with priority, nothing of the reporter, never a notice by itself, a quota per source" """
    before = query(crawled.state, "SELECT count(*) FROM seeds")
    assert verb.one("tips", "add", "--source", "web-form", "http://tip.test/a", "http://tip.test/a") == {
        "taken": 1, "new": 1, "over": 0,
    }  # fmt: skip
    assert verb.one("tips", "add", "--source", "web-form", "http://tip.test/a") == {"taken": 1, "new": 0, "over": 0}
    rows = query(crawled.state, "SELECT * FROM tips")
    assert [(row["source"], row["urls"]) for row in rows] == [("web-form", 2)]
    columns = query(
        crawled.state, "SELECT column_name FROM information_schema.columns WHERE table_name = 'tips' ORDER BY 1"
    )
    assert [row["column_name"] for row in columns] == ["day", "source", "urls"]
    assert query(crawled.state, "SELECT count(*) FROM seeds")[0]["count"] == before[0]["count"] + 1
    query(crawled.state, "DELETE FROM seeds WHERE url LIKE 'http://tip.test/%'")
    query(crawled.state, "DELETE FROM tips")


def test_a_source_has_a_quota_a_day(verb: Verb, crawled: Crawled) -> None:
    urls = [f"http://quota.test/{number}" for number in range(205)]
    ran = verb("tips", "add", "--source", "line", "-", "--json", stdin="\n".join(urls).encode())
    assert ran.code == 1
    assert ran.answers[0] == {"taken": 200, "new": 200, "over": 5}
    assert verb("tips", "add", "--source", "line", "http://quota.test/x").code == 1
    assert verb("tips", "add", "--source", "other", "http://quota.test/y").code == 0
    query(crawled.state, "DELETE FROM seeds WHERE url LIKE 'http://quota.test/%'")
    query(crawled.state, "DELETE FROM tips")


def test_a_source_is_a_way_and_no_person(verb: Verb) -> None:
    ran = verb("tips", "add", "--source", "Anna Meier <anna@mail.example>", "http://tip.test/")
    assert ran.code == 2 and "never of a person" in ran.err
    assert verb("tips", "add", "--source", "form", "no url").code == 2
