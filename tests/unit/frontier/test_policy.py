"""Scope, depth, redirects, budgets: each refusal names its rule (design, rule 12)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.messages import NOFOLLOW
from contracts.notes import Control
from contracts.refusals import Reason, Refusal
from contracts.settings import Budgets, LimitSettings, Scope, Settings
from contracts.urls import Url, parse
from frontier.policy import Policy

NOW = 1_800_000_000.0


def url(text: str) -> Url:
    found = parse(text)
    assert isinstance(found, Url)
    return found


def scoped(**scope: list[str]) -> Policy:
    return Policy(Settings(scope=Scope(**scope)))  # type: ignore[arg-type]


def verdict(policy: Policy, text: str) -> str:
    found = policy.admit(url(text), NOW)
    return str(found)


def test_without_rules_everything_belongs_to_the_crawl() -> None:
    assert verdict(Policy(Settings()), "https://example.org/a?b=1") == "/a?b=1"


@pytest.mark.parametrize(
    ("scope", "text", "expected"),
    [
        ({"include_sites": ["example.org"]}, "http://www.example.org/", "/"),
        ({"include_sites": ["Example.ORG."]}, "http://www.example.org:8080/", "/"),
        ({"include_sites": ["bücher.example"]}, "http://a.xn--bcher-kva.example/", "/"),
        (
            {"include_sites": ["example.org"]},
            "http://example.com/",
            "scope_not_included: scope.include_sites: example.com is not listed",
        ),
        (
            {"include_sites": ["example.org"], "exclude_sites": ["example.org"]},
            "http://www.example.org/",
            "scope_excluded: scope.exclude_sites: example.org",
        ),
        ({"include_sites": ["127.0.0.1"]}, "http://127.0.0.1:8080/", "/"),
        ({"include_hosts": ["*.example.org"]}, "http://a.b.example.org/", "/"),
        (
            {"include_hosts": ["*.example.org"]},
            "http://example.org/",
            "scope_not_included: scope.include_hosts: example.org is not listed",
        ),
        (
            {"exclude_hosts": ["img*.example.org"]},
            "http://img7.example.org:81/",
            "scope_excluded: scope.exclude_hosts: img*.example.org",
        ),
        (
            {"exclude_hosts": ["www.example.org"]},
            "http://WWW.example.org/",
            "scope_excluded: scope.exclude_hosts: www.example.org",
        ),
        ({"exclude_hosts": ["www.example.org"]}, "http://aww.example.org/", "/"),
        ({"exclude_hosts": ["w.example.org"]}, "http://wwexample.org/", "/"),
        ({"exclude_hosts": ["[::1]"]}, "http://[::1]:8080/", "scope_excluded: scope.exclude_hosts: [::1]"),
        (
            {"exclude_paths": ["/private/*"]},
            "http://a.example/private/x",
            "scope_excluded: scope.exclude_paths: /private/*",
        ),
        (
            {"exclude_paths": ["/*.pdf$", "/x"]},
            "http://a.example/a.pdf",
            "scope_excluded: scope.exclude_paths: /*.pdf$",
        ),
        ({"exclude_paths": ["/*.pdf$"]}, "http://a.example/a.pdf?x", "/a.pdf?x"),
        ({"exclude_paths": ["/é"]}, "http://a.example/%C3%A9", "scope_excluded: scope.exclude_paths: /é"),
        ({"include_paths": ["/a", "/b"]}, "http://a.example/bc?d", "/bc?d"),
        (
            {"include_paths": ["/a", "/b"]},
            "http://a.example/c",
            "scope_not_included: scope.include_paths: none of 2 matches",
        ),
        # Exclusions win, however long the inclusion.
        (
            {"include_paths": ["/a/b/c"], "exclude_paths": ["/a"]},
            "http://a.example/a/b/c",
            "scope_excluded: scope.exclude_paths: /a",
        ),
    ],
)
def test_scope(scope: dict[str, list[str]], text: str, expected: str) -> None:
    assert verdict(scoped(**scope), text) == expected


@pytest.mark.parametrize(
    "scope",
    [
        {"exclude_paths": ["private/"]},
        {"include_paths": ["https://example.org/a"]},
        {"exclude_sites": ["https://example.org"]},
        {"include_hosts": ["example.org/a"]},
        {"include_sites": [""]},
    ],
)
def test_rules_that_cannot_be_meant_are_usage_errors(scope: dict[str, list[str]]) -> None:
    with pytest.raises(UsageError):
        scoped(**scope)


def test_depth_hops_loops_and_nofollow() -> None:
    policy = Policy(Settings(limits=LimitSettings(depth=3, redirects=2), scope=Scope(follow_nofollow=False)))
    assert policy.hops_verdict(3, 2) is None
    assert str(policy.hops_verdict(4, 0)) == "depth: limits.depth = 3"
    assert str(policy.hops_verdict(0, 3)) == "redirect_hops: limits.redirects = 2"
    assert policy.loop_verdict(b"c", [b"a", b"b"]) is None
    assert str(policy.loop_verdict(b"a", [b"a", b"b"])) == "redirect_loop: the same URL 2 redirects before"
    assert policy.path_verdict("/a", 0) == "/a"
    assert str(policy.path_verdict("/a", NOFOLLOW)) == "nofollow: scope.follow_nofollow = false"
    assert Policy(Settings()).path_verdict("/a", NOFOLLOW) == "/a"


def test_budgets() -> None:
    policy = Policy(Settings(budgets=Budgets(host_urls=10, site_urls=20, queued=30)))
    assert policy.budget_verdict(9, 19, 29) is None
    assert str(policy.budget_verdict(10, 0, 0)) == "host_budget: budgets.host_urls = 10"
    assert str(policy.budget_verdict(0, 20, 0)) == "site_budget: budgets.site_urls = 20"
    assert str(policy.budget_verdict(0, 0, 30)) == "queue_full: budgets.queued = 30"


def test_parameters_are_dropped_before_paths_are_judged() -> None:
    assert verdict(Policy(Settings()), "http://a.example/b?utm_source=x&c=1") == "/b?c=1"
    assert verdict(scoped(include_paths=["/b$"]), "http://a.example/b;jsessionid=4?utm_source=x") == "/b"


def test_opt_outs_come_first_and_end() -> None:
    policy = scoped(include_sites=["example.com"])
    policy.control([Control("block", "example.org", why="asked us", until=NOW)])
    found = policy.admit(url("http://www.example.org/"), NOW - 1)
    assert found == Refusal(Reason.OPTED_OUT, "block example.org: asked us")
    assert str(policy.admit(url("http://www.example.org/"), NOW)).startswith("scope_not_included")


hosts = st.sampled_from(["example.org", "www.example.org", "example.com", "a.example.com", "127.0.0.1"])
paths = st.text(alphabet="/ab?&=", max_size=8).map(lambda text: "/" + text)
names = st.lists(st.sampled_from(["example.org", "example.com", "127.0.0.1"]), max_size=2)
globs = st.lists(st.sampled_from(["*", "*.example.org", "example.com", "a*"]), max_size=2)
patterns = st.lists(st.sampled_from(["/", "/a", "/*b", "/ab$", "/b*a", "*?"]), max_size=3)
scopes = st.builds(
    Scope,
    include_sites=names,
    exclude_sites=names,
    include_hosts=globs,
    exclude_hosts=globs,
    include_paths=patterns,
    exclude_paths=patterns,
)


@given(scopes, hosts, paths, patterns)
def test_excluding_more_never_admits_more(scope: Scope, host: str, path: str, more: list[str]) -> None:
    found = Policy(Settings(scope=scope)).admit(url(f"http://{host}{path}"), NOW)
    stricter = replace(scope, exclude_paths=scope.exclude_paths + more)
    again = Policy(Settings(scope=stricter)).admit(url(f"http://{host}{path}"), NOW)
    if isinstance(found, Refusal):
        assert isinstance(again, Refusal)


@given(scopes, hosts, paths)
def test_every_refusal_of_scope_names_a_setting_that_is_set(scope: Scope, host: str, path: str) -> None:
    found = Policy(Settings(scope=scope)).admit(url(f"http://{host}{path}"), NOW)
    if isinstance(found, Refusal):
        name = found.evidence.partition(":")[0].removeprefix("scope.")
        assert getattr(scope, name)
        expected = Reason.SCOPE_EXCLUDED if name.startswith("exclude") else Reason.SCOPE_NOT_INCLUDED
        assert found.reason is expected
    else:
        assert found == url(f"http://{host}{path}").path


@given(scopes, hosts, paths, st.integers(0, 100), st.integers(0, 20), st.integers(0, 3))
def test_admit_agrees_with_its_steps(scope: Scope, host: str, path: str, depth: int, hops: int, flags: int) -> None:
    policy = Policy(Settings(scope=scope))
    where = url(f"http://{host}{path}")
    steps = [
        policy.host_verdict(where.host, "127.0.0.1" if host[0] == "1" else host[-11:].lstrip("."), NOW),
        policy.hops_verdict(depth, hops),
        policy.path_verdict(where.path, flags),
    ]
    refused = [step for step in steps if isinstance(step, Refusal)]
    assert policy.admit(where, NOW, depth=depth, hops=hops, flags=flags) == (refused[0] if refused else steps[-1])
