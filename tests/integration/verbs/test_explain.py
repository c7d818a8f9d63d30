"""`crawlctl explain`: found, judged, fetched, refused, unknown; each URL's life by what the web's truth says of it."""

import pytest

from crawlctl.explain import KEYS
from tests.fakeweb.truth import Fate
from tests.integration.verbs.conftest import Crawled, Verb


def test_keys_are_those_of_the_help(verb: Verb, crawled: Crawled) -> None:
    named = {name for names in KEYS for name in names.split(", ")} | {"state", "kind", "travels_as"}
    assert verb.one("explain", crawled.url("site001.test")).keys() <= named
    assert all(name.split(",")[0] in verb("explain", "--help").out for name in KEYS)


def test_a_fetched_picture_from_the_seed_on(verb: Verb, crawled: Crawled) -> None:
    wanted = next(match.url for match in crawled.world.truth.matches if match.how == "pdq")
    found = verb.one("explain", wanted)
    assert (found["known"], found["state"], found["kind"], found["refused"]) == (True, "fetched", "media", None)
    chain = found["found"]["chain"]
    assert chain[0]["url"] == wanted and chain[0]["how"] == "embed"
    assert chain[-1]["how"] == "seed" and chain[-1]["url"] in crawled.world.seeds()
    assert [step["depth"] for step in chain] == list(range(len(chain) - 1, -1, -1))
    assert found["fetch"]["status"] == 200 and found["fetch"]["size"] > 0 and found["fetch"]["tries"] == 0
    assert found["fetch"]["interval"] == 7 * 86400
    assert found["next"]["at"] > found["fetch"]["at"] and found["next"]["lane"]
    assert found["robots"]["allowed"] is True
    assert {row["algorithm"] for row in found["matches"]} >= {"pdq"}
    assert all(one["verdict"] == "ok" for one in found["verdicts"])
    host = found["host_state"]
    assert host["known"] and host["addresses"][0]["verdict"] == "allowed"


def test_the_deciding_line_of_robots_txt(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("explain", crawled.url("robots-part.test", "/private/x.html"))
    assert (found["state"], found["refused"]["reason"]) == ("refused", "robots")
    assert (found["robots"]["allowed"], found["robots"]["line_number"]) == (False, 2)
    assert found["robots"]["line"] == "Disallow: /private"
    assert "line 2: Disallow: /private" in verb("explain", crawled.url("robots-part.test", "/private/x.html")).out
    never = verb.one("explain", crawled.url("robots-part.test", "/private/never-linked"))
    assert (never["known"], never["refused"]["by"], never["refused"]["reason"]) == (False, "robots", "robots")


def test_every_refusal_of_the_truth_is_explained(verb: Verb, crawled: Crawled) -> None:
    """Design, rule 12: refused URLs get no row, and the verdict is recomputed with the same code."""
    told = {}
    for url, reason in sorted(crawled.world.expected_refusals()):
        found = verb.one("explain", url)
        told[url] = (found["refused"] or {}).get("reason")
        assert found["refused"] is None or found["refused"]["evidence"] or reason == "redirect_loop"
    assert told == dict(crawled.world.expected_refusals())


def test_robots_forbids_what_the_truth_says(verb: Verb, crawled: Crawled) -> None:
    forbidden = [url for url, truth in crawled.world.truth.urls.items() if truth.fate is Fate.FORBIDDEN]
    for url in forbidden[:12]:
        found = verb.one("explain", url)
        assert found["robots"]["allowed"] is False
        assert found["refused"]["reason"] in ("robots", "robots_unreachable")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://user:geheim@a.test/x", "credentials"),
        ("ftp://a.test/", "scheme"),
        ("example.org/x", "malformed"),
        ("http://a.test:25/", "blocked_port"),
        ("http://a.test/" + "x" * 3000, "url_too_long"),
    ],
)
def test_what_is_no_url_for_us(verb: Verb, text: str, reason: str) -> None:
    found = verb.one("explain", text)
    assert (found["known"], found["refused"]["reason"]) == (False, reason)
    ran = verb("explain", text)
    assert ran.code == 0 and reason in ran.out and "geheim" not in ran.out + str(found)


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/a/b/a/b/a/b/a/b/", "path_repetition"), ("/calendar/2099/01/01/", "calendar"), ("/" + "/".join("abcdefghijklmnopqrstuvwxyz0123456789"), "path_depth")],
)  # fmt: skip
def test_traps_are_recomputed(verb: Verb, crawled: Crawled, path: str, reason: str) -> None:
    found = verb.one("explain", crawled.url("site001.test", path))
    assert (found["refused"]["by"], found["refused"]["reason"]) == ("traps", reason)
    assert found["refused"]["evidence"]


def test_dropped_parameters(verb: Verb, crawled: Crawled) -> None:
    found = verb.one("explain", crawled.url("site001.test", "/?utm_source=x"))
    assert found["travels_as"] == crawled.url("site001.test")
    assert found["known"] is True


def test_a_purpose_of_explain_is_recorded(verb: Verb) -> None:
    before = verb.audit()
    verb.one("explain", "http://nobody.test/x", "--purpose", "case 9")
    (line,) = verb.audit()[len(before) :]
    assert (line["verb"], line["purpose"], line["places"]) == ("explain", "case 9", 0)


def test_matches_need_the_vault_and_the_keys(
    clustered: Verb, crawled: Crawled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is told without them."""
    url = next(match.url for match in crawled.world.truth.matches if match.how == "pdq")
    assert clustered.one("explain", url)["matches"]
    monkeypatch.delenv("PISAURA_CLUSTER_KEYS")
    assert clustered.one("explain", url)["matches"] is None
    assert "cluster.keys is not set" in clustered("explain", url).out
    assert clustered("explain", url, "--purpose", "case 9").code == 2
    monkeypatch.undo()
    monkeypatch.setenv("PISAURA_POSTGRES_CRAWL", crawled.environ()["PISAURA_POSTGRES_CRAWL"])
    monkeypatch.setenv("PISAURA_CLUSTER_KEYS", crawled.environ()["PISAURA_CLUSTER_KEYS"])
    assert (found := clustered.one("explain", url))["matches"] is None and found["state"] == "fetched"
    assert "postgres.vault is not set" in clustered("explain", url).out
