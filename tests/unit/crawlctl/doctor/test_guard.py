"""What the address guard lets through, told by the guard itself."""

import pytest

from contracts.settings import Addresses
from crawlctl.doctor.findings import Verdict
from crawlctl.doctor.guard import INSIDE, METADATA, judge_guard


def test_by_default_nothing_inside_can_be_reached() -> None:
    (found,) = judge_guard(Addresses())
    assert found.verdict is Verdict.OK
    assert f"all of {len(METADATA) + sum(map(len, INSIDE.values()))} addresses" in found.found


@pytest.mark.parametrize(
    ("allow", "deny", "verdict", "said"),
    [
        (["127.0.0.0/8"], [], Verdict.WARNING, "loopback: 127.0.0.1"),
        (["10.0.0.0/8"], [], Verdict.WARNING, "private: 10.0.0.1"),
        (["169.254.0.0/16"], [], Verdict.FAILED, "metadata addresses may be connected to (169.254.169.254"),
        (["0.0.0.0/0"], [], Verdict.FAILED, "169.254.169.254"),
        (["169.254.0.0/16"], ["169.254.0.0/16"], Verdict.OK, "all of"),
        (["fd00::/8"], [], Verdict.FAILED, "fd00:ec2::254"),
        ([], ["0.0.0.0/0", "::/0"], Verdict.WARNING, "and so is the public internet"),
        (["nonsense"], [], Verdict.FAILED, "cannot be read"),
    ],
)
def test_what_the_operator_allows(allow: list[str], deny: list[str], verdict: Verdict, said: str) -> None:
    (found,) = judge_guard(Addresses(allow=allow, deny=deny))
    assert found.verdict is verdict
    assert said in found.found
    assert bool(found.todo) == (verdict is not Verdict.OK)
