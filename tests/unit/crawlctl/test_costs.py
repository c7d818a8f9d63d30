"""The table of costs: every figure says what it is, and what is called measured stands in docs/performance.md."""

from pathlib import Path

import pytest

from crawlctl.costs import ASSUMED, COSTS, DERIVED, MEASURED, Figure, figures

PAGE = (Path(__file__).parents[3] / "docs" / "performance.md").read_text()


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.name)
def test_every_figure_says_what_it_is(figure: Figure) -> None:
    assert figure.value > 0 and figure.unit and figure.doc
    assert figure.source in (MEASURED, DERIVED, ASSUMED)
    assert getattr(COSTS, figure.name) == figure.value


def test_shares_and_ratios() -> None:
    assert 0 < COSTS.busy <= 1 <= COSTS.cluster_cpu_ratio
    assert COSTS.url_index < COSTS.url_disk and COSTS.sighting_index < COSTS.sighting_disk
    assert COSTS.kept_urls <= COSTS.new_urls


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("decode", f"| 1-megapixel JPEGs per CPU second through the digest worker | {1 / COSTS.decode:.0f} "),
        ("new_urls", f"| new URLs a page | {COSTS.new_urls:g} |"),
        ("url_disk", f"| bytes per known URL: `urls` with its index | {COSTS.url_disk:g} |"),
        ("queue_disk", f"| bytes per queued URL: `queue` with its index | {COSTS.queue_disk:g} |"),
        ("hasher_image", f" / {COSTS.hasher_image * 1e6:.0f} us |"),
        ("sighting_cpu", f"| Postgres, CPU | {COSTS.sighting_cpu * 1e6:.0f} us |"),
        ("sighting_wal", f"| WAL | {COSTS.sighting_wal / 1000:.2f} KB |"),
        ("sighting_disk", f"| {COSTS.sighting_disk / 1000:.2f} KB |"),
        ("sighting_index", f"with {COSTS.sighting_index:g} bytes of indexes"),
        ("new_cpu", f"| Postgres, CPU | {COSTS.new_cpu * 1e6:g} us |"),
        ("new_wal", f"| WAL | {COSTS.new_wal:g} bytes |"),
        ("url_index", f"| {COSTS.url_index:g} bytes |"),
    ],
)
def test_measured_figures_are_those_of_the_manual(name: str, written: str) -> None:
    assert written in PAGE, f"docs/performance.md and crawlctl/costs.py differ on {name}"


def test_rows_of_a_page_add_up_to_those_measured() -> None:
    rows = COSTS.fetched_rows + COSTS.new_urls * COSTS.new_rows
    assert "| rows written a page (inserts, updates, deletes of all tables) | 24.4 |" in PAGE
    assert rows == pytest.approx(24.4)
    assert COSTS.fetched_wal + COSTS.new_urls * COSTS.new_wal == pytest.approx(9_500, rel=0.02)
    assert COSTS.fetched_cpu + COSTS.new_urls * COSTS.new_cpu == pytest.approx(143e-6, rel=0.02)
