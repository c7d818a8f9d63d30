"""hasher.formats.table: every format by its name."""

from msgspec.structs import fields

from hasher.formats.table import FORMATS
from hasher.lists import ListEntry


def test_every_format_is_found_by_its_own_name() -> None:
    assert all(name == row.name and row.about for name, row in FORMATS.items())
    assert {"csv", "iwf-csv"} <= FORMATS.keys()


def test_what_a_format_loses_is_named_as_a_field() -> None:
    names = {field.name for field in fields(ListEntry)}
    assert all(set(row.loses) <= names and (row.write or not row.loses) for row in FORMATS.values())
