"""The table of list formats: what `lists add --format` takes."""

from typing import Final

from hasher.formats import csv, csvwriter, iwf, ncmec, stopncii, threatexchange, vics, vicswriter
from hasher.formats.format import Format

_ROWS: Final = (
    Format(
        "csv",
        "CSV with a header of algorithm,digest,category,source,series,note, or by a mapping of columns",
        csv.read,
        csvwriter.write,
        loses=csvwriter.LOSES,
    ),
    Format(
        "vics",
        "Project VIC: JSON 1.x and 2.0, hash sets and exports of cases",
        vics.read,
        vicswriter.write,
        check=vics.check,
        loses=vicswriter.LOSES,
    ),
    Format("ncmec", "NCMEC hash sharing v2: XML, one answer or several", ncmec.read),
    Format("stopncii", "StopNCII: JSON answers, one after another", stopncii.read),
    Format(
        "threatexchange",
        "ThreatExchange: JSON answers of threat_updates, or lines of `type value`",
        threatexchange.read,
        threatexchange.write,
        loses=threatexchange.LOSES,
    ),
    Format("iwf-csv", "tables of IWF, INHOPE and ICSE: columns by their usual names, `;` or `,`", iwf.read),
)

FORMATS: Final[dict[str, Format]] = {row.name: row for row in _ROWS}
"""Formats by name."""
