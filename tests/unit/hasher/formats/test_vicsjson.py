"""hasher.formats.vicsjson: records out of a stream, in bounded memory."""

import json
import tracemalloc

import pytest

from contracts.errors import UsageError
from hasher.formats.vicsjson import DEPTH, MOST_HASHES, TEXT_CHARS, TOO_LONG, VicsJson


def records(document: object, piece: int = 1 << 30) -> list[object]:
    raw = json.dumps(document).encode()
    parser = VicsJson("v.json")
    found: list[object] = []
    for at in range(0, len(raw), piece):
        found += parser.feed(raw[at : at + piece])
    return found + parser.end()


def test_only_fields_that_are_wanted_are_kept() -> None:
    document = {"value": [{"MD5": "a", "Other": "b", "Exifs": [{"MD5": "c"}], "SHA1": None, "Series": {"MD5": "d"}}]}
    for piece in (1, 10, 1000):
        assert records(document, piece) == [{"md5": "a", "sha1": None}]


def test_alternative_hashes_are_pairs_of_name_and_value() -> None:
    hashes = [{"HashName": "PDQ", "HashValue": "1"}, {"hashvalue": "2", "HASHNAME": "F1"}, "x", {"HashName": "only"}]
    (record,) = records({"value": [{"AlternativeHashes": hashes}]})
    assert record == {"hashes": [("PDQ", "1"), ("F1", "2"), ("only", None)]}
    (record,) = records({"value": [{"AlternativeHashes": [{"HashName": "a"}] * (MOST_HASHES + 9)}]})
    assert isinstance(record, dict) and len(record["hashes"]) == MOST_HASHES


def test_a_text_that_is_too_long_is_not_kept() -> None:
    (record,) = records({"value": [{"Comments": "x" * (TEXT_CHARS + 1), "MD5": "a"}]})
    assert record == {"comments": TOO_LONG, "md5": "a"}


def test_as_deep_as_allowed_and_no_deeper() -> None:
    document: object = 1
    for _ in range(DEPTH - 2):
        document = [document]
    assert records({"value": [{"MD5": "a", "Exifs": document}]}) == [{"md5": "a"}]
    for _ in range(4):
        document = [document]
    with pytest.raises(UsageError, match="deeper than"):
        records({"value": [{"MD5": "a", "Exifs": document}]})


def test_memory_stays_bounded() -> None:
    record = json.dumps({"MD5": "0" * 32, "Category": 1, "Exifs": [{"a": "b" * 100}] * 20}).encode()
    parser = VicsJson("v.json")
    parser.feed(b'{"value":[' + record)
    tracemalloc.start()
    try:
        for _ in range(2000):
            assert len(parser.feed(b"," + record)) == 1
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
