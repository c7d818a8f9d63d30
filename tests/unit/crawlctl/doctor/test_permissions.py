"""Rights against the table of roles."""

import pytest

from backends.postgres.databases import ROLES
from backends.postgres.inspection import About, Grant, wanted_grants
from crawlctl.doctor.findings import Verdict
from crawlctl.doctor.permissions import judge_doors, judge_grants, judge_shut, judge_user


def about(
    role: str = "pisaura_frontier", *, mighty: bool = False, owns: int = 0, member: tuple[str, ...] = ()
) -> About:
    return About(180006, role, "crawl", mighty, list(member), owns, False)


@pytest.mark.parametrize(
    ("who", "verdict", "said"),
    [
        (about(), Verdict.OK, "pisaura_frontier"),
        (about("pisaura_hasher"), Verdict.FAILED, "none of its roles"),
        (about(mighty=True), Verdict.FAILED, "superuser"),
        (about(owns=3), Verdict.FAILED, "owns 3"),
        (about(member=("pg_read_all_data",)), Verdict.FAILED, "pg_read_all_data"),
    ],
)
def test_users(who: About, verdict: Verdict, said: str) -> None:
    found = judge_user("crawl user", who, "crawl")
    assert found.verdict is verdict
    assert said in found.found


def test_wanted_rights_are_those_of_the_schema() -> None:
    crawl = wanted_grants("crawl")
    assert {grant.role for grant in crawl} == set(ROLES["crawl"])
    assert {grant.privilege for grant in crawl if grant.role == "pisaura_fetcher"} == {"SELECT", "USAGE"}
    assert Grant("urls", "", "pisaura_frontier", "DELETE") in crawl
    assert not any(grant.name == "urls_0" for grant in crawl)
    assert Grant("matches", "state", "pisaura_notices", "UPDATE") in wanted_grants("vault")


def test_many_differences_are_summed_up() -> None:
    found = judge_grants("rights", [], wanted_grants("crawl"), "crawl")
    assert found.verdict is Verdict.FAILED
    assert "missing" in found.found
    assert "and so on" in found.todo
    assert "USAGE ON SEQUENCE controls_seq_seq" not in found.todo
    assert len(found.todo) < 1000


def test_a_sequence_is_called_one() -> None:
    extra = Grant("seeds_seq_seq", "", "PUBLIC", "USAGE")
    assert "REVOKE USAGE ON SEQUENCE seeds_seq_seq FROM PUBLIC" in judge_grants("rights", [extra], [], "crawl").todo


def test_doors() -> None:
    assert judge_doors("doors", set(ROLES["vault"]), "vault").verdict is Verdict.OK
    assert "PUBLIC may enter" in judge_doors("doors", {*ROLES["vault"], "PUBLIC"}, "vault").found
    assert "pisaura_notices, pisaura_shield may not enter" in judge_doors("doors", {"pisaura_hasher"}, "vault").found
    assert judge_shut("vault shut", "crawl", "vault", "permission denied").verdict is Verdict.OK
    assert judge_shut("vault shut", "crawl", "vault", None).verdict is Verdict.FAILED
