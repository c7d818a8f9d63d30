"""Figures as they are written."""

import pytest

from crawlctl.output import json_line
from crawlctl.reporting.rows import HEADER, as_csv, as_json, shown, written
from notices.figures.definitions import DEFINITIONS
from tests.unit.crawlctl.reporting.made import made


def test_json_holds_every_figure_and_its_definition() -> None:
    row = as_json(written(made(), for_public=False))
    assert {one.name for one in DEFINITIONS} <= row["all"].keys()
    assert {one.name for one in DEFINITIONS} <= row["definitions"].keys()
    assert row["from"] == "2024-10-04" and row["to"] == "2024-11-03"
    assert row["pages"] is None
    assert sum(group["cases"] for group in row["groups"]) == row["all"]["cases"] == 30
    assert row["curve"] and json_line(row)


def test_csv_has_a_row_for_all_and_one_a_value() -> None:
    rows = list(as_csv(written(made(), for_public=False)))
    assert [row[0] for row in rows] == ["all", "provider", "provider"]
    assert all(len(row) == len(HEADER) for row in rows)


def test_the_public_sees_no_small_count_and_no_curve() -> None:
    """ "small-count suppression for public ones" """
    one = as_json(written(made(cases=6), for_public=True))
    assert one["all"]["cases"] == "<10" and one["all"]["removed"] == "<10"
    assert one["curve"] == [] and one["providers"] == []


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "seconds", "-"), (90.0, "seconds", "90 s"), (7200.0, "seconds", "2.0 h"), (172_800.0, "seconds", "2.0 d"), (0.5, "share", "50 %"),
     (12_345, "cases", "12,345"), ("<10", "cases", "<10"), ({"a": 1, "b": 2}, "cases", "a: 1, b: 2")],
)  # fmt: skip
def test_people_read_units(value: object, unit: str, text: str) -> None:
    assert shown(value, unit) == text
