"""XARF 4: valid by the publishers' own schema, and only where its class follows from the fields."""

import json
import uuid
from typing import Any

import pytest
import xarf as publishers
from hypothesis import given, settings
from msgspec.structs import replace

from contracts.notices import KINDS, NoticePlace
from contracts.removal import Operator
from notices.compose.attachments import reports
from notices.compose.xarf import class_of, report
from tests.notices import OPERATOR, notice, place, places


def faults(found: object) -> list[str]:
    """What the publishers' validator has against a report."""
    return [str(one) for one in publishers.schema_validator.validate(json.loads(json.dumps(found)))]


def test_a_report_is_valid_by_the_schema() -> None:
    found = report(notice(), place(), OPERATOR)
    assert found is not None
    assert faults(found) == []
    assert faults({**found, "classification": "A3"}) != []
    assert publishers.parse(json.dumps(found)).errors == []


@settings(max_examples=60, deadline=None)
@given(places)
def test_every_report_is_valid_by_the_schema(some: NoticePlace) -> None:
    one = replace(some, kind="csam", near=False, legality="baseline")
    found = report(notice(one), one, OPERATOR)
    assert found is not None and faults(found) == []
    assert (report(notice(some), some, OPERATOR) is not None) == bool(class_of(some))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, "A1"),
        ({"category": "B2", "legality": "unknown"}, "B2"),
        ({"category": "Category A"}, "baseline"),
        ({"category": ""}, "baseline"),
        ({"category": "a1", "legality": "unknown"}, ""),
        ({"category": "A", "legality": "national"}, ""),
        ({"category": "", "legality": "unknown"}, ""),
        ({"near": True}, ""),
        ({"near": True, "confirmed": True}, "A1"),
        ({"kind": "child-exploitative"}, ""),
        ({"kind": "child-exploitative", "category": "", "legality": "baseline"}, ""),
    ],
)
def test_xarf_only_if_its_class_follows_from_the_fields(more: dict[str, Any], named: str) -> None:
    assert class_of(place(**more)) == named
    found = report(notice(), place(**more), OPERATOR)
    assert (found["classification"] if found else "") == named


def test_a_confirmed_near_match_was_detected_by_people() -> None:
    near, exact = report(notice(), place(near=True, confirmed=True), OPERATOR), report(notice(), place(), OPERATOR)
    assert near and exact
    assert (near["detection_method"], exact["detection_method"]) == ("manual_review", "hash_match")


def test_none_for_whoever_does_not_host_the_media() -> None:
    assert [kind for kind in KINDS if reports(notice(kind=kind), OPERATOR)] == ["first", "reminder", "partner"]


def test_none_without_an_organisation_that_can_be_asked() -> None:
    assert report(notice(), place(), Operator("x", "FR", "y", "no address", "z")) is None
    assert report(notice(), place(), Operator("", "FR", "y", "a@b.example", "z")) is None


def test_a_resend_has_the_same_number_and_another_case_another() -> None:
    numbers = [report(notice(), place(number), OPERATOR) for number in (1, 1, 2)]
    first, again, other = (one["report_id"] for one in numbers if one)
    assert first == again != other
    assert uuid.UUID(first).version == 4


def test_a_report_holds_no_evidence_but_digests() -> None:
    found = report(notice(), place(), OPERATOR)
    assert found and "evidence" not in found and "screenshot_url" not in found
    assert found["source_identifier"] == "203.0.113.5"
    bare = report(notice(), place(address="", media_type="application/zip"), OPERATOR)
    assert bare and bare["source_identifier"] == "media.example" and "media_type" not in bare
