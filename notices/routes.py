"""Which way a case goes: a table of the operator's country, the hosting country and the category (docs/domain.md, section 2).

"Routes: a table (operator's country, hosting country, category) -> notify host | partner hotline | police first and wait | hold;
no row = hold. Hosting country needs two agreeing methods, else hold."
"""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

from msgspec import Struct

from contracts.errors import UsageError
from contracts.lists import LEGALITIES

NOTIFY: Final = "notify"
PARTNER: Final = "partner"
POLICE: Final = "police"
HOLD: Final = "hold"
CAREFUL: Final = (HOLD, POLICE, PARTNER, NOTIFY)
"""Routes, the most careful first: of two rows that name as much, that one wins."""
ANY: Final = "*"
HOME: Final = "="
HEADER: Final = ["country", "hosting", "category", "route", "why"]
ROWS: Final = 10_000
COUNTRY: Final = re.compile(r"[A-Z]{2}")


class Row(Struct, frozen=True):
    """A row: `country` and `hosting` are ISO 3166-1 alpha-2 or wildcards, `category` a legality or a source's own word."""

    country: str
    hosting: str
    category: str
    route: str
    why: str = ""

    def weight(self) -> int:
        """How much it names."""
        hosting = {ANY: 0, HOME: 1}.get(self.hosting, 2)
        category = 0 if self.category == ANY else 1 if self.category in LEGALITIES else 2
        return (self.country != ANY) + hosting + category


Routes = tuple[Row, ...]


def parse(text: str) -> Routes:
    """Read a table. UsageError names the line of the first row that cannot be meant."""
    lines = text.splitlines()
    rows: dict[tuple[str, str, str], Row] = {}
    header = False
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True))]
        except csv.Error as error:
            raise UsageError(f"routes, line {number}: not CSV ({error})") from None
        if not header:
            if cells != HEADER:
                raise UsageError(f"routes, line {number}: the columns must be {','.join(HEADER)}")
            header = True
            continue
        row = _row(cells, number)
        key = (row.country, row.hosting, row.category.casefold())
        if key in rows:
            raise UsageError(
                f"routes, line {number}: an earlier row has the same countries and category: leave one out"
            )
        if len(rows) == ROWS:
            raise UsageError(f"routes, line {number}: more than {ROWS} rows")
        rows[key] = row
    if not header:
        raise UsageError(f"routes: the file is empty: it needs the columns {','.join(HEADER)}")
    return tuple(rows.values())


def _row(cells: list[str], number: int) -> Row:
    if len(cells) != len(HEADER):
        raise UsageError(f"routes, line {number}: {len(cells)} columns where {len(HEADER)} are wanted; quote commas")
    country, hosting, category, route, why = cells
    if country != ANY and not COUNTRY.fullmatch(country):
        raise UsageError(f"routes, line {number}: country must be two capital letters or *, not {country[:20]!r}")
    if hosting not in (ANY, HOME) and not COUNTRY.fullmatch(hosting):
        raise UsageError(f"routes, line {number}: hosting must be two capital letters, = or *, not {hosting[:20]!r}")
    if not category:
        raise UsageError(f"routes, line {number}: category is empty: write * for any")
    if route not in CAREFUL:
        raise UsageError(f"routes, line {number}: route must be one of {', '.join(CAREFUL)}, not {route[:20]!r}")
    return Row(country, hosting, category, route, why)


@cache
def shipped() -> Routes:
    """The table that comes with the software."""
    return parse(files(__package__).joinpath("routes.csv").read_text("utf-8"))


def route(table: Routes, country: str, hosting: str, legality: str, category: str) -> tuple[str, str]:
    """(route, why) for an operator of this country and media hosted there. Empty countries are held."""
    if not country:
        return HOLD, "operator_country_unknown"
    if not hosting:
        return HOLD, "hosting_country_unknown"
    fitting = [row for row in table if _fits(row, country, hosting, legality, category)]
    if not fitting:
        return HOLD, "no_route"
    best = max(fitting, key=lambda row: (row.weight(), -CAREFUL.index(row.route)))
    return best.route, f"route_{best.route}"


def _fits(row: Row, country: str, hosting: str, legality: str, category: str) -> bool:
    return (
        row.country in (ANY, country)
        and (row.hosting in (ANY, hosting) or (row.hosting == HOME and hosting == country))
        and (row.category in (ANY, legality) or (category != "" and row.category.casefold() == category.casefold()))
    )
