"""hasher.formats.pages: what formats that are answered in pages have in common."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.lists import Opinion
from contracts.refusals import Reason
from hasher.formats import pages
from hasher.lists import BadLine

PDQ = bytes([0xA5, 0x3C] * 16)


def split(data: bytes, size: int = 1 << 20) -> list[tuple[bytes, int]]:
    return list(pages.values((data[at : at + size] for at in range(0, len(data), size)), "a.json"))


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.text(), st.recursive(st.text() | st.none(), st.lists, max_leaves=5)),
            st.sampled_from(["", " ", "\r\n\t"]),
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 30),
    st.booleans(),
)
def test_objects_one_after_another(objects: list[tuple[dict[str, object], str]], size: int, mark: bool) -> None:
    texts = [json.dumps(value, ensure_ascii=False).encode() for value, _ in objects]
    data = b"".join(text + blank.encode() for text, (_, blank) in zip(texts, objects, strict=True))
    whole = (b"\xef\xbb\xbf" if mark else b"") + data
    found = split(whole, size)
    assert [value for value, _ in found if value] == texts
    assert sum(taken for _, taken in found) == len(whole)


@pytest.mark.parametrize(
    "data",
    [b"", b" ", b"\xef\xbb\xbf", b"1", b"[]", b'{"a":1},{"b":2}', b'{"a":1', b'{"a":"}', b"{}]", b'""{}', b"\xef\xbb"],
)
def test_anything_else_is_named(data: bytes) -> None:
    for size in (1, 100):
        with pytest.raises(UsageError, match=r"a\.json"):
            split(data, size)


@given(
    st.lists(st.sampled_from([b"{", b"}", b'"', b"\\", b"[", b"]", b"a", b",", b"\n"])).map(b"".join), st.integers(1, 4)
)
def test_any_brackets_end(data: bytes, size: int) -> None:
    try:
        whole = split(data)
    except UsageError:
        with pytest.raises(UsageError):
            split(data, size)
    else:
        assert split(data, size) == whole


def test_an_object_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES", 1000)
    for text in (b"x", b"{", b'"', b'\\"'):
        with pytest.raises(UsageError, match="bytes"):
            list(pages.values(iter([b'{"a":"', *[text * 100] * 30]), "a.json"))


def test_words_and_reasons() -> None:
    assert pages.is_word("a b") and pages.is_word("é" * 200)
    assert not any(map(pages.is_word, ("", "x" * 201, "a\nb", "a\x00", "\ud800", "\x85")))
    assert pages.reason_text(" a\x00b\ud800" + "x" * 400).startswith("a b x")
    assert len(pages.reason_text("x" * 400)) == 300


def test_digests_are_gathered_once() -> None:
    bad: list[BadLine] = []
    assert pages.gather([("pdq", PDQ.hex()), ("pdq", PDQ.hex().upper()), ("md5", "zz")], 7, bad) == (("pdq", PDQ),)
    assert [(line.line, line.refusal.reason) for line in bad] == [(7, Reason.BAD_DIGEST)]
    assert pages.gather([("pdq", "*" * 44)], 7, bad) == () and len(bad) == 2


def test_opaque_digests() -> None:
    assert pages.opaque_bytes("tmk-pdqf", " 00FF ") == b"\x00\xff"
    assert pages.opaque_bytes("tmk-pdqf", "AP8=") == b"\x00\xff"
    assert pages.opaque_bytes("photodna", "00" * 144) == bytes(144)
    for text in ("", "*", "00" * 4097, "A" * 10_000):
        assert pages.opaque_bytes("tmk-pdqf", text) == b""
    assert pages.opaque_bytes("photodna", "00" * 100) == b""


# Domain, section 1: "One opinion per originating organisation". "Disagreement lowers, never raises."
def test_the_gravest_word_of_an_organisation_counts() -> None:
    said = [Opinion("a", "confirm"), Opinion("b", "withdraw"), Opinion("a", "dispute", "x"), Opinion("b", "confirm")]
    assert pages.opinions(said) == (Opinion("a", "dispute", "x"), Opinion("b", "withdraw"))
