"""The table of list formats: what `lists add --format` takes."""

from typing import Final

from hasher.formats import csv, csvwriter, iwf
from hasher.formats.format import Format

_ROWS: Final = (
    Format(
        "csv",
        "CSV with a header of algorithm,digest,category,source,series,note, or by a mapping of columns",
        csv.read,
        csvwriter.write,
        loses=csvwriter.LOSES,
    ),
    Format("iwf-csv", "tables of IWF, INHOPE and ICSE: columns by their usual names, `;` or `,`", iwf.read),
)

FORMATS: Final[dict[str, Format]] = {row.name: row for row in _ROWS}
"""Formats by name."""
