"""hasher.formats.table: every format by its name."""

from hasher.formats.table import FORMATS


def test_every_format_is_found_by_its_own_name() -> None:
    assert all(name == row.name and row.about for name, row in FORMATS.items())
    assert "csv" in FORMATS
