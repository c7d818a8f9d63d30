"""The table of list formats: what `lists add --format` takes."""

from typing import Final

from hasher.formats import csv
from hasher.formats.format import Format

_ROWS: Final = (Format("csv", "CSV with a header of algorithm,digest,category,source,series,note", csv.read),)

FORMATS: Final[dict[str, Format]] = {row.name: row for row in _ROWS}
"""Formats by name."""
