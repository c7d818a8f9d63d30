"""What each figure means."""

from msgspec.structs import fields

from notices.figures.definitions import DEFINITIONS, EXAMINED, NAMED
from notices.figures.fold import Figures, Report


def test_every_figure_is_defined_and_nothing_else() -> None:
    assert {one.name for one in DEFINITIONS} == {field.name for field in fields(Figures)} - {"value"}
    assert {one.name for one in EXAMINED} <= {field.name for field in fields(Report)}
    assert all(one.meaning.endswith(".") and one.title and one.unit for one in NAMED.values())
