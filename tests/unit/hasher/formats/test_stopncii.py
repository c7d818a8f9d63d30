"""hasher.formats.stopncii: FetchHashes; values that nobody knows cost nothing, the wrong type costs its record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.refusals import Reason
from hasher.formats import stopncii
from hasher.formats.format import About
from hasher.lists import BadLine, ListEntry
from tests.exchange import stopncii as answers
from tests.unit.hasher.formats.samples import mutations

ABOUT = About("answer.json", "ncii")
PDQ, MD5 = bytes([0xA5, 0x3C] * 16), bytes(range(16))
PICTURE = ListEntry("stopncii", f"ImagePDQ:{PDQ.hex()}", (("pdq", PDQ),), media="image", kind="ncii-adult")
VIDEO = ListEntry("stopncii", f"VideoMD5:{MD5.hex()}", (("md5", MD5),), media="video", kind="ncii-adult")
GONE = ListEntry("stopncii", f"ImagePDQ:{PDQ[::-1].hex()}", (("pdq", PDQ[::-1]),), media="image", deleted=True)
VALID = answers.page([PICTURE, VIDEO, GONE], following="W3si+token/==", until="1625175071")


def read(data: bytes, size: int = 1 << 20) -> tuple[list[ListEntry], list[BadLine]]:
    batches = list(stopncii.read((data[at : at + size] for at in range(0, len(data), size)), ABOUT))
    assert sum(batch.bytes_read for batch in batches) == len(data)
    return [entry for batch in batches for entry in batch.entries], [bad for batch in batches for bad in batch.bad]


def with_record(**changes: Any) -> tuple[list[ListEntry], list[BadLine]]:
    record = answers.record(PICTURE, 1) | changes
    batch = stopncii.page(json.dumps({"hashRecords": [record]}).encode(), ABOUT).batch
    return batch.entries, batch.bad


def test_an_answer() -> None:
    page = stopncii.page(VALID, ABOUT)
    assert page.batch.entries == [PICTURE, VIDEO, GONE] and not page.batch.bad
    assert (page.batch.lines, page.following, page.until) == (3, "W3si+token/==", "1625175071")


# The last page still has a token; a client that goes by the token never ends.
def test_the_last_answer_has_no_next_one_whatever_its_token() -> None:
    body = b'{"hashRecords": [], "hasMoreRecords": false, "nextPageToken": "again", "nextSetTimestamp": "17"}'
    page = stopncii.page(body, ABOUT)
    assert (page.following, page.until) == ("", "17")


def test_more_without_a_token_is_no_answer() -> None:
    with pytest.raises(UsageError, match="token"):
        stopncii.page(b'{"hashRecords": [], "hasMoreRecords": true, "nextPageToken": null}', ABOUT)


# Domain, section 1: "StopNCII is adults".
def test_the_people_are_adults() -> None:
    assert {entry.kind for entry in stopncii.page(VALID, ABOUT).batch.entries if not entry.deleted} == {"ncii-adult"}


@pytest.mark.parametrize(
    ("status", "deleted"),
    [("Active", False), ("Received", False), ("Deleted", True), ("Withdrawn", True), ("New", False)],
)
def test_status(status: str, deleted: bool) -> None:
    entries, bad = with_record(hashStatus=status, caseNumbers={"a": "Deleted"})
    assert entries[0].deleted is deleted and not bad


# Clients are known that drop records with a feedback or cases of a shape they do not know.
@pytest.mark.parametrize(
    "feedback", ["Undefined", "None", "PendingReview", "QualityUnknown", "RandomFeedbackValue", None]
)
def test_feedback_that_is_no_opinion_costs_nothing(feedback: str | None) -> None:
    entries, bad = with_record(CSPFeedbacks=[{"source": "A", "feedbackValue": feedback, "tags": ["x"]}], caseNumbers=[])
    assert entries == [PICTURE] and not bad


def test_feedback_is_an_opinion_of_its_platform() -> None:
    said = (
        Opinion("stopncii:A", "confirm", "Nude, Objectionable"),
        Opinion("stopncii:B", "dispute"),
        Opinion("stopncii:C", "withdraw"),
    )
    entry = ListEntry(
        "stopncii", PICTURE.member_entry_id, PICTURE.digests, media="image", kind="ncii-adult", opinions=said
    )
    assert stopncii.page(answers.page([entry]), ABOUT).batch.entries == [entry]
    feedback = [{"source": "A", "feedbackValue": value} for value in ("Blocked", "NotBlocked", "Blocked")]
    assert with_record(CSPFeedbacks=feedback)[0][0].opinions == (Opinion("stopncii:A", "dispute"),)


@pytest.mark.parametrize("signal", ["VideoTMK", "Text", "URL", "Unknown", "", "ImagePDQ2"])
def test_other_signals_are_counted(signal: str) -> None:
    entries, bad = with_record(signalType=signal)
    assert not entries and bad[0].refusal.reason == Reason.UNKNOWN_ALGORITHM


@pytest.mark.parametrize(
    "changes",
    [
        {"hashValue": None},
        {"hashValue": 17},
        {"hashValue": ["a"]},
        {"hashValue": ""},
        {"hashValue": "regular-record"},
        {"signalType": None},
        {"hashStatus": {"a": 1}},
        {"CSPFeedbacks": "none"},
        {"CSPFeedbacks": [[]]},
    ],
)
def test_a_corrupt_record_costs_itself_alone(changes: dict[str, Any]) -> None:
    records = [answers.record(VIDEO, 1), answers.record(PICTURE, 1) | changes, answers.record(VIDEO, 1)]
    batch = stopncii.page(json.dumps({"hashRecords": records}).encode(), ABOUT).batch
    assert batch.entries == [VIDEO, VIDEO] and [line.line for line in batch.bad] == [2]
    assert batch.bad[0].refusal.reason in (Reason.BAD_LINE, Reason.BAD_DIGEST)


def test_text_that_is_not_utf_8_costs_its_record_alone() -> None:
    batch = stopncii.page(VALID.replace(b"ImagePDQ", b"Image\xff\xfe", 1), ABOUT).batch
    assert batch.entries == [VIDEO, GONE] and len(batch.bad) == 1


def test_duplicate_keys_have_one_answer() -> None:
    body = b'{"hashRecords":[{"hashValue":"x","hashValue":"%s","signalType":"VideoMD5"}]}' % MD5.hex().encode()
    assert stopncii.page(body, ABOUT).batch.entries == [VIDEO]


@pytest.mark.parametrize("size", [1, 3, 10, 1 << 20])
def test_answers_one_after_another_in_any_pieces(size: int) -> None:
    data = b"\xef\xbb\xbf" + VALID + b"\n \n" + json.dumps(json.loads(VALID), indent=1).encode() + VALID
    assert read(data, size) == ([PICTURE, VIDEO, GONE] * 3, [])


def test_bad_records_are_numbered_on_through_a_file() -> None:
    _, bad = read(VALID + b'{"hashRecords": [1]}')
    assert [line.line for line in bad] == [4]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"[]",
        b"null",
        b"{}",
        b'{"hashRecords": null}',
        b'{"hashRecords": {}}',
        b'{"hashRecords": [NaN]}',
        b'{"hashRecords": [], "hasMoreRecords": "perhaps"}',
        b'{"hashRecords": ["\\ud800 x"]}',
        b'{"hashRecords": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b'{"hashRecords": [' + b'{"a":' * 100_000,
        b'{"hashRecords": [' + b"1," * 200_000 + b"1]}",
        VALID[:-1],
        VALID + VALID,
        VALID.decode().encode("utf-16"),
        b'{"hashRecords": [' + b"," * 4_000_001,
    ],
)
def test_what_is_no_answer_is_named(body: bytes) -> None:
    with pytest.raises(UsageError, match=r"answer\.json") as caught:
        stopncii.page(body, ABOUT)
    assert len(str(caught.value)) < 500


def test_errors_and_refusals_hold_nothing_of_the_list() -> None:
    secret = "5ec4e7" * 10
    _, bad = with_record(hashValue=secret)
    _, worse = with_record(CSPFeedbacks={secret: secret})
    assert not any(secret[:8] in str(line.refusal) for line in bad + worse)
    with pytest.raises(UsageError) as caught:
        stopncii.page(b'{"hashRecords": "%s"}' % secret.encode(), ABOUT)
    assert secret[:8] not in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_named_or_quarantined(data: bytes) -> None:
    for body in (data, b'{"hashRecords": [' + data + b"]}", b'{"hashRecords": [{"hashValue": "' + data + b'"}]}'):
        try:
            stopncii.page(body, ABOUT)
            read(body, 5)
        except UsageError:
            pass


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(answers.record(PICTURE, 1))), json_values))
def test_records_of_any_types_are_read_or_quarantined(changes: dict[str, Any]) -> None:
    try:
        entries, bad = with_record(**changes)
    except UsageError:  # NaN is no JSON
        return
    assert len(entries) + len(bad) == 1


@given(mutations(VALID))
def test_mutations_of_an_answer_are_named_or_quarantined(body: bytes) -> None:
    try:
        batch = stopncii.page(body, ABOUT).batch
    except UsageError:
        return
    assert read(body, 11) == (batch.entries, batch.bad)
