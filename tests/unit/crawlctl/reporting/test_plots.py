"""Plots as SVG."""

from xml.etree import ElementTree

import pytest

from crawlctl.reporting import plots
from notices.figures.fold import DAY
from notices.figures.survival import Duration, curve

NONE: list[tuple[int, int]] = []


@pytest.mark.parametrize(
    "svg",
    [
        plots.removal(curve([Duration(n * DAY, n % 3 > 0) for n in range(40)]), 40 * DAY),
        plots.removal([], DAY),
        plots.by_day([(1, 3), (5, 9)], 1, 10, ("a", "b")),
        plots.by_day(NONE, 1, 1, ("a", "b")),
        plots.by_day([(n, n) for n in range(4000)], 0, 3999, ("a", "b")),
        plots.by_name([("<script>", 3), ("b", 0)], "t & u"),
        plots.by_name([], "none"),
    ],
)
def test_each_is_well_formed_and_stays_in_its_frame(svg: str) -> None:
    figure = ElementTree.fromstring(svg)
    assert figure.find("figcaption") is not None
    assert "<script" not in svg
    for bar in figure.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(bar.get("x", "")) >= 0 and float(bar.get("height", "")) >= 0
        assert float(bar.get("x", "")) + float(bar.get("width", "")) <= plots.WIDTH
    for line in figure.iter("{http://www.w3.org/2000/svg}polyline"):
        points = [tuple(map(float, point.split(","))) for point in line.get("points", "").split()]
        assert all(0 <= x <= plots.WIDTH and 0 <= y <= plots.HEIGHT for x, y in points)
        assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_a_long_period_is_drawn_by_several_days_a_bar() -> None:
    svg = plots.by_day([(n, 1) for n in range(400)], 0, 399, ("a", "b"))
    assert svg.count("<rect") <= plots.BARS and "by 4 days" in svg


# "no public figure below 10": a bar's height is a figure
def test_bars_below_the_least_are_not_drawn() -> None:
    days = [(1, 9), (2, 12), (3, 1)]
    assert plots.by_day(days, 1, 3, ("a", "b")).count("<rect") == 3
    public = plots.by_day(days, 1, 3, ("a", "b"), least=10)
    assert public.count("<rect") == 1 and ">12<" in public
