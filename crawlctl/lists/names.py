"""Names that arguments and help texts take, without what they stand for: that loads numpy."""

from typing import Final

FORMATS: Final = ("csv", "vics", "ncmec", "stopncii", "threatexchange", "iwf-csv")
"""Names of `hasher.formats.table`."""
MAPPED: Final = ("csv", "iwf-csv")
"""Formats that take a mapping of columns."""
EXCHANGES: Final = ("ncmec", "stopncii", "threatexchange")
"""Formats whose sources are asked page by page, with a login."""
WRITTEN: Final = ("csv", "vics", "threatexchange")
"""Formats of exports."""
