"""hasher.formats.threatexchange: pages of threat_updates, and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, fields, replace

from contracts.errors import UsageError
from contracts.lists import UNKNOWN, UNMAPPED, Opinion
from contracts.refusals import Reason
from hasher.formats import threatexchange
from hasher.formats.format import About
from hasher.lists import BadLine, ListEntry
from tests.exchange import threatexchange as answers
from tests.unit.hasher.formats.samples import mutations

ABOUT = About("answer.json", "group")
MD5, SHA1, PDQ = bytes(range(16)), bytes(range(20)), bytes([0xA5, 0x3C] * 16)
PICTURE = ListEntry("threatexchange", "101", (("pdq", PDQ),), "csam", media="image", kind="csam")
VIDEO = ListEntry("threatexchange", "102", (("md5", MD5),), media="video")
GONE = ListEntry("threatexchange", "103", (("sha1", SHA1),), deleted=True)
VALID = answers.page([PICTURE, VIDEO, GONE], following="/v19.0/7/threat_updates?after=QkJC", until="1625175071")


def read(data: bytes, size: int = 1 << 20) -> tuple[list[ListEntry], list[BadLine]]:
    batches = list(threatexchange.read((data[at : at + size] for at in range(0, len(data), size)), ABOUT))
    assert sum(batch.bytes_read for batch in batches) == len(data)
    return [entry for batch in batches for entry in batch.entries], [bad for batch in batches for bad in batch.bad]


def with_record(**changes: Any) -> tuple[list[ListEntry], list[BadLine]]:
    record = answers.record(PICTURE, 1) | changes
    batch = threatexchange.page(json.dumps({"data": [record]}).encode(), ABOUT).batch
    return batch.entries, batch.bad


def with_descriptors(*descriptors: dict[str, Any]) -> ListEntry:
    entries, bad = with_record(descriptors={"data": list(descriptors)})
    assert not bad
    return entries[0]


def test_an_answer() -> None:
    page = threatexchange.page(VALID, ABOUT)
    assert page.batch.entries == [PICTURE, VIDEO, GONE] and not page.batch.bad and page.batch.lines == 3
    assert page.following.startswith("https://graph.facebook.example/v19.0/7/threat_updates?after=QkJC")
    assert page.until == "1625175071"


# The last page has cursors like any other; only the link tells that there is more.
def test_the_last_answer_has_no_next_one_whatever_its_cursors() -> None:
    page = threatexchange.page(answers.page([]), ABOUT)
    assert (page.batch.lines, page.following, page.until) == (0, "", "")
    assert threatexchange.page(b'{"data": []}', ABOUT).following == ""


@pytest.mark.parametrize(
    ("kind", "digest", "algorithm", "media"),
    [
        ("HASH_MD5", MD5, "md5", ""),
        ("HASH_SHA1", SHA1, "sha1", ""),
        ("HASH_SHA256", PDQ, "sha256", ""),
        ("HASH_PDQ", PDQ, "pdq", ""),
        ("HASH_VIDEO_MD5", MD5, "md5", "video"),
    ],
)
def test_types(kind: str, digest: bytes, algorithm: str, media: str) -> None:
    entries, bad = with_record(type=kind, indicator=digest.hex().upper(), descriptors={"data": [{}]})
    assert entries == [ListEntry("threatexchange", "101", ((algorithm, digest),), media=media)] and not bad


@pytest.mark.parametrize("kind", ["URI", "HASH_TMK", "HASH_SSDEEP", "", None])
def test_other_types_are_counted(kind: str | None) -> None:
    entries, bad = with_record(type=kind, indicator="https://example.org")
    assert not entries and bad[0].refusal.reason == Reason.UNKNOWN_ALGORITHM


@pytest.mark.parametrize(
    "tags",
    [
        ["csam", "media_type_video"],
        {"data": [{"text": "csam"}, {"text": "media_type_video"}]},
        [{"text": "csam"}, {"text": "media_type_video"}],
    ],
)
def test_tags_in_all_their_shapes(tags: Any) -> None:
    entries, _ = with_record(tags=tags, descriptors={"data": [{"tags": None}]})
    assert (entries[0].category, entries[0].media, entries[0].kind) == ("csam", "video", "csam")


def test_tags_of_all_descriptors_count_once() -> None:
    entry = with_descriptors({"tags": ["csam", "b"]}, {"tags": ["csam", "c"]})
    assert (entry.category, entry.held) == ("csam, b, c", "")


# Domain, section 1: "ThreatExchange is any harm"; "an unknown profile or category is `unmapped`".
def test_what_tags_say() -> None:
    assert with_descriptors({"tags": ["violent_extremism"]}).kind == "other"
    assert with_descriptors({"tags": ["csam", "violent_extremism"]}).kind == "other"
    assert with_descriptors({"tags": ["a_tag_of_our_own"]}).held == UNMAPPED
    assert with_descriptors({"tags": []}).held == ""


def test_more_tags_than_a_category_holds_are_cut_between_them() -> None:
    category = with_descriptors({"tags": [f"tag_{number:03}" for number in range(100)]}).category
    assert len(category) <= 200 and all(len(tag) == 7 for tag in category.split(", "))


def test_descriptors_are_opinions_of_their_owners() -> None:
    entry = with_descriptors(
        {"owner": {"id": "1"}, "status": "MALICIOUS", "description": "seen by two"},
        {"owner": {"id": 2}, "status": "NON_MALICIOUS"},
        {"owner": {"id": "3"}, "status": "SUSPICIOUS"},
        {"owner": {"id": "4"}, "status": "UNKNOWN"},
        {"owner": {"id": "IWF"}, "status": "MALICIOUS"},
        {"status": "MALICIOUS"},
    )
    assert entry.opinions == (
        Opinion("threatexchange:1", "confirm", "seen by two"),
        Opinion("threatexchange:2", "dispute"),
    )


def test_reactions_dispute_and_never_confirm() -> None:
    reactions = [{"key": "DISAGREE_WITH_TAGS", "value": "1, 7"}, {"key": "HELPFUL", "value": "8"}, {"key": 1}, None]
    entry = with_descriptors({"owner": {"id": "1"}, "status": "MALICIOUS", "reactions": reactions})
    assert [(one.organisation, one.verdict) for one in entry.opinions] == [
        ("threatexchange:1", "dispute"),
        ("threatexchange:7", "dispute"),
    ]


# facebook/ThreatExchange issue 834: should_delete is false, and there are no descriptors.
@pytest.mark.parametrize(
    "changes",
    [{"should_delete": True}, {"should_delete": "true"}, {"descriptors": None}, {"descriptors": {"data": []}}],
)
def test_tombstones(changes: dict[str, Any]) -> None:
    entries, bad = with_record(**changes)
    assert entries[0].deleted and not bad


@pytest.mark.parametrize("changes", [{"type": None, "indicator": None}, {"type": "URI"}, {"indicator": "zz"}])
def test_a_tombstone_counts_whatever_is_wrong_with_its_digest(changes: dict[str, Any]) -> None:
    entries, bad = with_record(should_delete=True, **changes)
    assert [(entry.member_entry_id, entry.digests, entry.deleted) for entry in entries] == [
        ("101", (), True)
    ] and not bad


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 201},
        {"id": "a\u0000"},
        {"indicator": "zz"},
        {"indicator": 7},
        {"type": []},
        {"should_delete": "perhaps"},
        {"descriptors": []},
        {"descriptors": {"data": [1]}},
        {"tags": ["a\nb"]},
        {"indicator": "d41d8cd98f00b204e9800998ecf8427e", "type": "HASH_MD5"},
    ],
)
def test_a_corrupt_record_costs_itself_alone(changes: dict[str, Any]) -> None:
    records = [answers.record(VIDEO, 1), answers.record(PICTURE, 1) | changes, answers.record(VIDEO, 1)]
    batch = threatexchange.page(json.dumps({"data": records}).encode(), ABOUT).batch
    assert batch.entries == [VIDEO, VIDEO] and [line.line for line in batch.bad] == [2]


def test_numbers_as_strings_and_the_other_way_round() -> None:
    entries, _ = with_record(id=101, last_updated="17")
    assert entries == [PICTURE]
    assert (
        threatexchange.page(json.dumps({"data": [answers.record(PICTURE, 5)], "paging": {}}).encode(), ABOUT).until
        == "5"
    )


@pytest.mark.parametrize("size", [1, 3, 10, 1 << 20])
def test_files_of_answers_and_of_single_records(size: int) -> None:
    data = b"\xef\xbb\xbf \n" + VALID + b"\n" + json.dumps(answers.record(PICTURE, 1), indent=1).encode()
    assert read(data, size) == ([PICTURE, VIDEO, GONE, PICTURE], [])


def test_a_file_of_lines() -> None:
    entries, bad = read(f"# from a partner\nHASH_PDQ {PDQ.hex()}\nnothing\n".encode(), 5)
    assert entries == [ListEntry("group", f"pdq:{PDQ.hex()}", (("pdq", PDQ),), line=2)]
    assert [line.line for line in bad] == [3]
    assert read(b"") == read(b" \n") == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"data": null}',
        b'{"data": {}}',
        b'{"error": {"message": "expired", "code": 190}}',
        b'{"id": "1"}',
        b'{"data": [], "paging": []}',
        b'{"data": [NaN]}',
        b'{"data": [' + b'{"a":' * 100_000,
        b'{"data": [' + b"1," * 200_000 + b"1]}",
        VALID[:-1],
        VALID + VALID,
    ],
)
def test_what_is_no_answer_is_named(body: bytes) -> None:
    with pytest.raises(UsageError, match=r"answer\.json"):
        threatexchange.page(body, ABOUT)


def test_errors_and_refusals_hold_nothing_of_the_list() -> None:
    secret = "5ec4e7" * 10
    wrong = ({"indicator": secret}, {"type": secret}, {"id": [secret]}, {"descriptors": {secret: 1, "data": secret}})
    for changes in wrong:
        _, bad = with_record(**changes)
        assert len(bad) == 1 and secret[:6] not in str(bad[0].refusal)
    with pytest.raises(UsageError) as caught:
        threatexchange.page(b'{"error": "%s"}' % secret.encode(), ABOUT)
    assert secret[:6] not in str(caught.value)


words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
tags = words.filter(lambda word: ", " not in word and word not in threatexchange.MEDIA and word.strip(", ") == word)
digests = st.one_of(
    st.tuples(st.just("md5"), st.binary(min_size=16, max_size=16)),
    st.tuples(st.just("sha1"), st.binary(min_size=20, max_size=20)),
    st.tuples(st.sampled_from(["sha256", "pdq"]), st.binary(min_size=32, max_size=32)),
)
entries = st.builds(
    ListEntry,
    member=words,
    member_entry_id=words,
    digests=st.lists(digests, min_size=1, max_size=3, unique=True).map(tuple),
    category=st.lists(tags, max_size=3, unique=True).map(", ".join),
    media=st.sampled_from(["", "image", "video"]),
    deleted=st.booleans(),
    series=words,
    note=words,
    size=st.integers(0, 1000),
    opinions=st.just((Opinion("IWF", "confirm"),)),
)


def held(entry: ListEntry) -> dict[str, Any]:
    """The fields that the format can hold."""
    return {name: value for name, value in asdict(entry).items() if name not in threatexchange.LOSES}


@given(st.lists(entries, max_size=8), st.integers(1, 300))
def test_what_is_written_is_read(written: list[ListEntry], size: int) -> None:
    data = b"".join(threatexchange.write(written, ABOUT))
    found, bad = read(data, size)
    wanted: list[ListEntry] = []
    for entry in written:
        for place, (algorithm, digest) in enumerate(entry.digests):
            name = f"{algorithm}:{digest.hex()}" if place else entry.member_entry_id
            wanted.append(replace(entry, member_entry_id=name, digests=((algorithm, digest),)))
    assert list(map(held, found)) == list(map(held, wanted)) and not bad


def test_what_is_written_loses_just_what_it_says() -> None:
    full = ListEntry(
        "IWF", "1", (("pdq", PDQ),), "csam", "series", "note", "flood", 7, 9, "baseline", "A", "pubescent", True, "image", True,
        (Opinion("IWF", "confirm"),), (("photodna", bytes(144)),), "other",
    )  # fmt: skip
    (found,), _ = read(b"".join(threatexchange.write([full], ABOUT)))
    lost = {field.name for field in fields(ListEntry) if getattr(found, field.name) != getattr(full, field.name)}
    assert lost == set(threatexchange.LOSES)
    assert found.act == found.age == found.legality == UNKNOWN


def test_tombstones_are_written_without_digests_and_entries_without_any_are_not() -> None:
    bare = ListEntry("a", "1", (), deleted=True)
    assert [
        (entry.member_entry_id, entry.deleted) for entry in read(b"".join(threatexchange.write([bare], ABOUT)))[0]
    ] == [("1", True)]
    assert list(threatexchange.write([ListEntry("a", "1", ())], ABOUT)) == []


def test_many_entries_are_written_in_pieces() -> None:
    many = [ListEntry("a", str(number), (("md5", number.to_bytes(16)),)) for number in range(2500)]
    pieces = list(threatexchange.write(iter(many), ABOUT))
    assert len(pieces) == 3 and len(read(b"".join(pieces))[0]) == 2500


@given(st.binary(max_size=200))
def test_any_bytes_are_named_or_quarantined(data: bytes) -> None:
    for body in (data, b'{"data": [' + data + b"]}", b'{"data": [{"id": "1", "indicator": "' + data + b'"}]}'):
        try:
            read(body, 5)
            threatexchange.page(body, ABOUT)
        except UsageError:
            pass


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
KEYS = [*answers.record(PICTURE, 1), "tags"]


@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_records_of_any_types_are_read_or_quarantined(changes: dict[str, Any]) -> None:
    found, bad = with_record(**changes)
    assert len(found) + len(bad) == 1


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("owner", "status", "tags", "reactions", "description"), json_values)
    )
)
def test_descriptors_of_any_types_are_read_or_quarantined(descriptor: dict[str, Any]) -> None:
    found, bad = with_record(descriptors={"data": [descriptor]})
    assert len(found) + len(bad) == 1


@given(mutations(VALID))
def test_mutations_of_an_answer_are_named_or_quarantined(body: bytes) -> None:
    try:
        batch = threatexchange.page(body, ABOUT).batch
    except UsageError:
        return
    assert read(body, 11) == (batch.entries, batch.bad)
