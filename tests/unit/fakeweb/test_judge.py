"""The judge must convict and acquit rightly: logs by hand, verdicts known."""

from tests.fakeweb import judge
from tests.fakeweb.log import Entry
from tests.fakeweb.truth import Fate, HostTruth, OriginTruth, Truth, UrlTruth

SHARED = "127.20.0.9"


def entry(at: float, host: str = "a.test", path: str = "/", *, took: float = 0.1, address: str = "127.20.0.1") -> Entry:
    """A request of `took` seconds (0: never ended)."""
    return Entry(at, at, address, 80, "http", host, path, "GET", 1, started=at, ended=at + took if took else 0.0)


def truth() -> Truth:
    """Two hosts of their own, ten sites on one address, one of them with a crawl-delay."""
    made = Truth(denied=["127.66."])
    for name in ("a.test", "b.test"):
        made.hosts[name] = HostTruth(site=name, addresses=["127.20.0.1"])
        made.origins[f"http://{name}"] = OriginTruth(robots=[f"http://{name}/robots.txt"], forbids=["/no/"])
    for number in range(10):
        made.hosts[f"s{number}.test"] = HostTruth(site=f"s{number}.test", addresses=[SHARED])
    made.hosts["slow.test"] = HostTruth(site="slow.test", addresses=["127.20.0.3"], crawl_delay=5.0)
    return made


def test_the_delay_counts_from_the_end_of_the_last_request() -> None:
    polite = [entry(0.0), entry(1.1), entry(2.2)]
    assert judge.politeness_violations(polite, truth(), 1.0) == []
    early = [entry(0.0), entry(1.0)]
    found = judge.politeness_violations(early, truth(), 1.0)
    assert {each.rule for each in found} == {"host delay", "address delay"}
    assert abs(found[0].amount - 0.1) < 1e-9
    assert judge.politeness_violations(early, truth(), 1.0, tolerance=0.2) == []


def test_order_of_the_log_does_not_matter_but_of_arrival() -> None:
    assert judge.politeness_violations([entry(5.0), entry(0.0)], truth(), 1.0) == []


def test_hosts_of_one_address_share_its_permit() -> None:
    found = judge.politeness_violations([entry(0.0), entry(0.5, "b.test")], truth(), 1.0)
    assert [each.rule for each in found] == ["address delay"]


def test_more_than_eight_sites_have_a_second_permit() -> None:
    assert judge.permits(truth(), SHARED) == 2
    two = [entry(0.0, "s1.test", address=SHARED), entry(0.0, "s2.test", address=SHARED)]
    assert judge.politeness_violations(two, truth(), 1.0) == []
    assert judge.parallelism_violations(two, truth()) == []
    three = [*two, entry(0.05, "s3.test", address=SHARED)]
    assert [each.rule for each in judge.politeness_violations(three, truth(), 1.0)] == ["address delay"]
    assert [each.rule for each in judge.parallelism_violations(three, truth())] == ["address parallel"]


def test_crawl_delay_is_longer_than_the_setting() -> None:
    log = [entry(0.0, "slow.test", address="127.20.0.3"), entry(2.0, "slow.test", address="127.20.0.3")]
    assert [each.rule for each in judge.politeness_violations(log, truth(), 1.0)] == ["host delay"]


def test_a_request_that_never_ended_blocks_its_host() -> None:
    log = [entry(0.0, took=0.0), entry(50.0)]
    assert judge.politeness_violations(log, truth(), 1.0)
    assert {each.rule for each in judge.parallelism_violations(log, truth())} == {"host parallel", "address parallel"}


def test_robots_comes_first_and_is_obeyed() -> None:
    robots = entry(0.0, path="/robots.txt")
    assert judge.robots_violations([robots, entry(0.2, path="/yes")], truth()) == []
    assert [each.rule for each in judge.robots_violations([entry(0.2), entry(1.0, path="/robots.txt")], truth())] == [
        "robots first"
    ]
    assert [each.rule for each in judge.robots_violations([robots, entry(0.05)], truth())] == ["robots first"]
    assert [each.rule for each in judge.robots_violations([robots, entry(0.2, path="/no/x")], truth())] == ["robots"]
    told = truth()
    told.urls["http://a.test/listed"] = UrlTruth(Fate.FORBIDDEN)
    assert [each.rule for each in judge.robots_violations([robots, entry(0.2, path="/listed")], told)] == ["robots"]


def test_redirected_robots_must_be_answered_to_the_end() -> None:
    told = truth()
    told.origins["http://a.test"] = OriginTruth(robots=["http://a.test/robots.txt", "http://b.test/rules.txt"])
    first, page = entry(0.0, path="/robots.txt"), entry(5.0)
    assert [each.rule for each in judge.robots_violations([first, page], told)] == ["robots first"]
    rules = entry(1.0, "b.test", "/rules.txt")
    assert judge.robots_violations([first, rules, page], told) == []


def test_denied_and_wrong_addresses_are_seen() -> None:
    log = [entry(0.0), entry(1.0, address="127.66.0.1"), entry(2.0, address="127.20.0.7")]
    assert [each.rule for each in judge.guard_violations(log, truth())] == ["denied address", "wrong address"]


def test_retry_after_is_never_early() -> None:
    busy = entry(0.0)
    busy.retry_at = 3.0
    assert judge.retry_after_violations([busy, entry(3.0)]) == []
    found = judge.retry_after_violations([busy, entry(2.0, path="/other"), entry(3.5)])
    assert [(each.rule, each.amount) for each in found] == [("retry-after", 1.0)]


def test_coverage_names_what_is_missing_unexpected_and_repeated() -> None:
    told = truth()
    told.urls = {
        "http://a.test/": UrlTruth(Fate.FETCH, "seed"),
        "http://a.test/img": UrlTruth(Fate.FETCH, "img"),
        "http://a.test/flaky": UrlTruth(Fate.FETCH, "fault", many=True),
        "http://a.test/maybe": UrlTruth(Fate.OPTIONAL),
        "http://a.test/never": UrlTruth(Fate.REFUSED),
    }
    log = [entry(at, path=path) for at, path in enumerate(("/", "/", "/flaky", "/flaky", "/maybe", "/never", "/what"))]
    result = judge.coverage(log, told)
    assert result.missing == {"http://a.test/img"}
    assert result.unexpected == {"http://a.test/never", "http://a.test/what"}
    assert result.twice == {"http://a.test/": 2}
    assert judge.missing_by_form(result.missing, told) == {"img": ["http://a.test/img"]}


def test_a_trap_has_a_budget() -> None:
    told = truth()
    told.hosts["a.test"] = HostTruth(site="a.test", addresses=["127.20.0.1"], budget=2)
    log = [entry(at, path=f"/{at}") for at in range(3)]
    assert [each.amount for each in judge.budget_violations(log, told)] == [1]
    assert judge.coverage(log, told).unexpected == set()
