"""Plots as SVG, for screen and paper: the curve of removal, bars by day, bars by name. Text in them is escaped, nothing runs."""

from collections.abc import Sequence
from html import escape
from typing import Final

from notices.figures.fold import DAY
from notices.figures.survival import Step

WIDTH: Final = 640
HEIGHT: Final = 240
LEFT: Final = 48
BOTTOM: Final = 28
TOP: Final = 10
RIGHT: Final = 12
BAR: Final = 22
NAMES: Final = 190
INK: Final = "#1f4e79"
BARS: Final = 120
"""Bars of a plot by day at most; longer periods are drawn by several days a bar."""


def removal(steps: Sequence[Step], until: float) -> str:
    """The share not removed yet against time, in days; stepped, as it is estimated."""
    last = max([step.seconds for step in steps], default=0.0)
    most = max(min(last * 1.1, until), DAY)
    points = [(0.0, 1.0)]
    for step in steps:
        points += [(step.seconds, points[-1][1]), (step.seconds, step.left)]
    points.append((most, points[-1][1]))
    path = " ".join(f"{_x(at / most):.1f},{_y(left):.1f}" for at, left in points if at <= most)
    ticks = [(most * part / 4, f"{most * part / 4 / DAY:.3g}") for part in range(5)]
    inner = f'<polyline points="{path}" fill="none" stroke="{INK}" stroke-width="2"/>'
    marks = "".join(_below(_x(at / most), text) for at, text in ticks)
    shares = "".join(_beside(_y(part / 4), f"{25 * part} %") for part in range(5))
    return _svg(
        "Share of notified cases that is not removed yet, by days since the notice was accepted", inner + marks + shares
    )


def by_day(days: Sequence[tuple[int, int]], first: int, last: int, names: tuple[str, str], *, least: int = 1) -> str:
    """Bars of counts from the day `first` to `last`; `names` are what the two ends are called. Bars below `least` are not drawn."""
    count = max(1, last - first + 1)
    each = -(-count // BARS)
    sums = [0] * -(-count // each)
    for day, value in days:
        if first <= day <= last:
            sums[(day - first) // each] += value
    sums = [value if value >= least else 0 for value in sums]
    most = max([*sums, 1])
    wide = (WIDTH - LEFT - RIGHT) / len(sums)
    bars = "".join(
        f'<rect x="{LEFT + number * wide:.1f}" y="{_y(value / most):.1f}" width="{max(0.5, wide - 1):.1f}" '
        f'height="{_y(0) - _y(value / most):.1f}" fill="{INK}"/>'
        for number, value in enumerate(sums)
        if value
    )
    marks = _below(LEFT, names[0], "start") + _below(WIDTH - RIGHT, names[1], "end")
    per = "day" if each == 1 else f"{each} days"
    return _svg(f"Distinct media seen, by {per}", bars + marks + _beside(_y(1), str(most)) + _beside(_y(0), "0"))


def by_name(rows: Sequence[tuple[str, int]], title: str) -> str:
    """Lying bars, one a name."""
    most = max([value for _, value in rows] + [1])
    wide = WIDTH - NAMES - 60
    lines = []
    for number, (name, value) in enumerate(rows):
        y = TOP + number * BAR
        lines.append(
            f'<text x="{NAMES - 6}" y="{y + 14}" text-anchor="end">{escape(name[:30])}</text>'
            f'<rect x="{NAMES}" y="{y + 3}" width="{wide * value / most:.1f}" height="{BAR - 8}" fill="{INK}"/>'
            f'<text x="{NAMES + wide * value / most + 5:.1f}" y="{y + 14}">{value:,}</text>'
        )
    return _svg(title, "".join(lines), TOP * 2 + BAR * max(1, len(rows)))


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def _below(x: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{escape(text)}</text>'


def _beside(y: float, text: str) -> str:
    line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccc"/>'
    return f'{line}<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'


def _svg(title: str, inner: str, height: int = HEIGHT) -> str:
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{inner}</svg><figcaption>{escape(title)}</figcaption></figure>\n'
    )
