"""hasher.formats.vics: Project VIC as tools really write it."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from hasher.formats import vics
from hasher.formats.format import About
from hasher.lists import BadLine, ListEntry
from tests.unit.hasher.formats.samples import MD5, PDQ, SHA1, SHA256, reasons

US = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
PHOTODNA = bytes(range(144))


def read(raw: bytes, piece: int = 1 << 30, mapping: str = "") -> tuple[list[ListEntry], list[BadLine]]:
    entries: list[ListEntry] = []
    bad: list[BadLine] = []
    for batch in vics.read(
        (raw[at : at + piece] for at in range(0, len(raw), piece)), About("v.json", "mine", mapping)
    ):
        entries += batch.entries
        bad += batch.bad
    return entries, bad


def hash_set(*records: object, context: str = US) -> bytes:
    return json.dumps({"@odata.context": context, "value": list(records)}).encode()


FULL: dict[str, Any] = {
    "MediaID": 7,
    "Category": 1,
    "MD5": MD5.upper(),
    "SHA1": SHA1,
    "PhotoDNA": b64encode(PHOTODNA).decode(),
    "AlternativeHashes": [
        {"HashName": "PDQ", "HashValue": PDQ},
        {"HashName": "SHA-256", "HashValue": SHA256},
        {"HashName": "F1", "HashValue": "AAECAw=="},
    ],
    "MediaSize": "2835",
    "MimeType": "image/jpeg",
    "Series": "Serie ] } , é",
    "Comments": "first\r\nsecond",
    "PrecategorizationSource": "NCMEC",
    "VictimIdentified": "true",
    "IsPrecategorized": True,
    "Exifs": [{"MD5": "nonsense", "PropertyName": "Make"}],
    "MediaFiles": [{"MD5": SHA1, "FileName": "x.jpg"}],
}
ENTRY = ListEntry(
    "NCMEC", f"md5:{MD5}",
    (("md5", bytes.fromhex(MD5)), ("sha1", bytes.fromhex(SHA1)), ("pdq", bytes.fromhex(PDQ)), ("sha256", bytes.fromhex(SHA256))),
    "1", "Serie ] } , é", "first\nsecond", size=2835, legality="national", media="image", kind="csam",
    opaque=(("photodna", PHOTODNA), ("f1", b"\0\1\2\3")),
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_a_hash_set(encoding: str, piece: int) -> None:
    text = hash_set(FULL, {"md5": MD5, "category": "2"}).decode()
    entries, bad = read(text.encode(encoding), piece)
    assert not bad and entries[0] == ENTRY
    assert (entries[1].category, entries[1].legality, entries[1].kind, entries[1].held) == (
        "2", "harmful", "child-exploitative", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        {"odata.metadata": US, "value": [{"CaseID": "1", "Media@odata.navigationLinkUrl": "x", "Media": [FULL, FULL]}]},
        {"@odata.context": US, "value": {"CaseID": "1", "media": [FULL, FULL]}},
        {
            "@odata.context": US,
            "Cases": [{"CaseMetadata": [{"CaseID": "a"}], "Cases": [{"Media": [FULL]}], "Media": [FULL]}],
        },
        {"@ODATA.CONTEXT": US, "VALUE": [{"Media": FULL}, FULL]},
    ],
)
def test_cases_in_each_other_and_both_spellings_of_the_metadata(document: object) -> None:
    entries, bad = read(json.dumps(document).encode())
    assert not bad and entries == [ENTRY, ENTRY]


# Domain, section 1: "VICS numbers are read by the country profile of `@odata.context`; an unknown profile or category is
# `unmapped`: counted, never indexed."
@pytest.mark.parametrize(
    ("context", "category", "mapping", "held", "act"),
    [
        (US.replace("/US/", "/UK/"), 2, "", "", "B"),
        (US.replace("/US/", "/Default/"), 1, "", "unmapped", "unknown"),
        (US.replace("/US/", "/Nowhere/"), 1, "", "unmapped", "unknown"),
        ("http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media", 1, "", "unmapped", "unknown"),
        ("http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media", 2.0, 'profile = "UK"', "", "B"),
        (US, 77, "", "unmapped", "unknown"),
        (US, None, "", "unmapped", "unknown"),
        (US, True, "", "unmapped", "unknown"),
        ("", 1, "", "unmapped", "unknown"),
    ],
)
def test_numbers_by_the_country(context: str, category: object, mapping: str, held: str, act: str) -> None:
    ((entry,), bad) = read(hash_set({"MD5": MD5, "Category": category}, context=context), mapping=mapping)
    assert not bad and (entry.held, entry.act) == (held, act)


def test_a_profile_that_comes_after_the_records_is_not_guessed() -> None:
    raw = json.dumps({"value": [{"MD5": MD5, "Category": 1}] * 50_000, "@odata.context": US}).encode()
    entries, _ = read(raw)
    assert entries[0].held == "unmapped"


@pytest.mark.parametrize(
    "mapping", ["profil = 'US'", "profile = 1", "profile = ", "profile = '''\n\n1\n2'''", "#" * 200_000]
)
def test_a_mapping_says_the_profile_and_nothing_else(mapping: str) -> None:
    with pytest.raises(UsageError, match="mapping"):
        read(hash_set(FULL), mapping=mapping)


def test_hashes_in_base64() -> None:
    b64 = {
        name: b64encode(bytes.fromhex(text)).decode()
        for name, text in (("MD5", MD5), ("SHA1", SHA1), ("SHA256", SHA256))
    }
    b64["MD5"] = b64["MD5"].rstrip("=")
    ((entry,), bad) = read(hash_set(b64))
    assert not bad and [digest.hex() for _, digest in entry.digests] == [MD5, SHA1, SHA256]


def test_corrupt_records_are_quarantined_and_the_rest_goes_on() -> None:
    records: list[tuple[object, str]] = [
        ({}, "bad_line"),
        ({"MD5": "zz"}, "bad_digest"),
        ({"MD5": 5}, "bad_digest"),
        ({"MD5": None, "SHA1": ""}, "bad_line"),
        ({"MD5": MD5, "SHA1": MD5}, "bad_digest"),
        ({"MD5": "d41d8cd98f00b204e9800998ecf8427e"}, "empty_file_digest"),
        ({"MD5": MD5, "MediaSize": "much"}, "bad_line"),
        ({"MD5": MD5, "MediaSize": -1}, "bad_line"),
        ({"MD5": MD5, "Series": "a\u0000b"}, "bad_line"),
        ({"MD5": MD5, "Series": "x" * 201}, "bad_line"),
        ({"MD5": MD5, "Comments": "x" * 600_000}, "bad_line"),
        ("text", "bad_line"),
        (None, "bad_line"),
        ([[{"MD5": MD5}]], "bad_line"),
        ({"MD5": MD5, "AlternativeHashes": [{"HashName": "PDQ", "HashValue": "1"}]}, "bad_digest"),
    ]
    raw = hash_set(*(part for record, _ in records for part in (record, FULL)))
    for piece in (1000, 1 << 30):
        entries, bad = read(raw, piece)
        assert reasons(bad) == [(1 + 2 * n, 0, reason) for n, (_, reason) in enumerate(records)]
        assert entries == [ENTRY] * len(records)


def test_a_bad_photodna_costs_itself_alone_and_is_counted() -> None:
    ((entry,), bad) = read(hash_set({"MD5": MD5, "PhotoDNA": "AAAA"}))
    assert not entry.opaque and reasons(bad) == [(1, 0, "bad_digest")]


def test_text_that_is_no_utf_8_costs_its_record_at_most() -> None:
    raw = hash_set({"MD5": MD5, "Series": "a?"}, {"MD5": "?" + MD5[1:]}, {"MD5": MD5}).replace(b"?", b"\xff")
    entries, bad = read(raw)
    assert len(entries) == 2 and reasons(bad) == [(2, 0, "bad_digest")]
    half = json.dumps({"value": [{"MD5": MD5, "Comments": "?"}]}).replace("?", "\\ud800").encode()
    ((entry,), _) = read(half)
    entry.note.encode()


def test_no_refusal_shows_a_digest_or_a_name() -> None:
    secret = {"MD5": SHA1, "Series": "secret series", "Comments": "secret"}
    _, bad = read(hash_set(secret, {"MD5": MD5, "Series": "secret\u0001"}))
    assert len(bad) == 2 and not any(
        "secret" in str(line) or SHA1[:8] in str(line) or MD5[:8] in str(line) for line in bad
    )


# A truncated file imports nothing: whoever reads it to its end first is told.
def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    raw = hash_set(FULL, FULL)
    for end in range(0, len(raw), 5):
        with pytest.raises(UsageError, match=r"v\.json, within the first \d+ bytes: .*cut off"):
            read(raw[:end], 64)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "cut off"),
        (b"[]", "begins with no object"),
        (b"12 ", "begins with no object"),
        (b"<xml/>", "not well-formed"),
        (hash_set(FULL) + b"x", "after its end"),
        (b'{"value":[' + b"9" * 5000 + b"]}", "more than 64 bits"),
        (b'{"value":[{"MD5":1e999}]}', "more than 64 bits"),
        (b'{"value":' + b"[" * 100_000, "deeper than"),
        (b'{"x":' + b"[" * 100_000, "deeper than"),
        (b'{"value":' + b'[{"Media":' * 1000, "deeper than"),
        (b'{"value":[{"MD5":"' + b"a" * (6 << 20), "a value of more than"),
        (b"{" + b" " * (6 << 20), "a value of more than"),
    ],
)
def test_what_is_no_such_file_is_refused(raw: bytes, what: str) -> None:
    with pytest.raises(UsageError, match=what) as error:
        read(raw, 100_000)
    assert "v.json" in str(error.value) and "9999" not in str(error.value)


VALID = hash_set(FULL, {"MD5": MD5, "Category": 2, "Tags": ["a"]}, "x")


@given(
    st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.binary(max_size=3)), max_size=5),
    st.integers(1, 500),
)
def test_any_mutation_is_read_or_refused_alike_in_any_pieces(changes: list[tuple[int, bytes]], piece: int) -> None:
    raw = bytearray(VALID)
    for at, data in changes:
        raw[at : at + len(data)] = data

    def outcome(size: int) -> object:
        try:
            return read(bytes(raw), size)
        except UsageError:
            return UsageError

    assert outcome(piece) == outcome(1 << 30)


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_read_or_refused(raw: bytes, piece: int) -> None:
    try:
        read(raw, piece)
    except UsageError as error:
        assert "v.json" in str(error)


def test_batches_are_bounded_however_large_the_pieces_are() -> None:
    raw = hash_set(*[{"MD5": MD5, "Category": 1}] * 50_000)
    batches = list(vics.read([raw], About("v.json", "mine")))
    assert max(batch.bytes_read for batch in batches) == vics.BLOCK and len(batches) > 2
    assert sum(len(batch.entries) for batch in batches) == 50_000 == sum(batch.lines for batch in batches)
