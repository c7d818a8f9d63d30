"""docs/performance.md says what `crawlctl size` says."""

from pathlib import Path

import pytest

from crawlctl.costs import COSTS
from crawlctl.sizing import Need, Wanted, compute
from crawlctl.verbs.size import shown

PAGE = (Path(__file__).parents[3] / "docs" / "performance.md").read_text()
NEEDS = compute(Wanted()).needs


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: f"{need.part}, {need.name}")
def test_what_a_large_crawl_needs(need: Need) -> None:
    assert f"| {need.part} | {need.name} | {shown(need.value)} {need.unit} |" in PAGE


def test_nothing_else_is_said_to_be_needed() -> None:
    table = PAGE[PAGE.index("| part | what | how much |") :].split("\n\n")[0]
    assert len(table.splitlines()) == len(NEEDS) + 2


def test_measured_costs_of_a_cluster() -> None:
    assert f"**{COSTS.cluster_cpu_ratio:.2f}**" in PAGE
    assert f"takes {COSTS.host_memory / 1000:.0f} KB when its paths are full of queries" in PAGE.replace("\n", " ")
