"""fetchers.service.rechecks: a body compared as it comes; the road over the wire is in `tests/integration/client/test_rechecks`."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from contracts.errands import RecheckErrand
from contracts.hashes import HEAD
from contracts.seal import Sealer, new_keys
from fetchers.service.rechecks import Compared

KEYS = new_keys()
SEALER = Sealer(KEYS.public, KEYS.place_key)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200_000)


def compared(before: bytes, *, size: int | None = None, **more: Any) -> Compared:
    head = SEALER.content_key(hashlib.sha256(before[:HEAD]).digest())
    return Compared(RecheckErrand(b"t" * 16, head_key=head, size=len(before) if size is None else size, **more), SEALER)


def fields(**named: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in named.items()}))


def read(one: Compared, body: bytes, headers: CIMultiDictProxy[str], status: int = 200, step: int = 10_000) -> int:
    """How many bytes of a body are read until it is enough."""
    for at in range(0, len(body), step):
        one(body[at : at + step])
        if one.enough(status, headers):
            return one.size
    return len(body)


@given(st.binary(max_size=3 * HEAD), st.integers(1, 2 * HEAD))
def test_a_body_is_what_it_was_however_it_is_cut(body: bytes, step: int) -> None:
    one = compared(body)
    read(one, body, fields(Content_Length=str(len(body)), Content_Type="image/png"), step=step)
    assert one.unchanged()


@given(st.binary(min_size=1, max_size=2_000), st.binary(max_size=2_000))
def test_another_is_not(body: bytes, other: bytes) -> None:
    one = compared(body)
    one(other)
    assert one.unchanged() is (body == other)


@pytest.mark.parametrize(
    ("headers", "most"),
    [
        (fields(Content_Length=str(len(PNG))), 70_000),
        (fields(), 70_000),
        (fields(Content_Length="junk"), 70_000),
        (fields(Content_Length="123", Content_Encoding="gzip"), 70_000),
        (fields(Content_Length=str(len(PNG) + 1)), len(PNG)),
        (fields(Content_Length="9" * 30), 70_000),
    ],
)
def test_the_first_64_kib_and_the_length_that_is_told_decide(headers: CIMultiDictProxy[str], most: int) -> None:
    assert read(compared(PNG), PNG, headers) == most


def test_a_medium_that_differs_is_read_to_its_end_and_a_page_is_not() -> None:
    assert read(compared(PNG[:-5] + b"other"), PNG[:50_000] + bytes(1) + PNG[50_001:], fields()) == 70_000
    assert read(compared(b"\xff\xd8\xff" + PNG), PNG, fields()) == len(PNG)
    page = b"<html>" + b"<p>x</p>" * 50_000
    assert read(compared(PNG), page, fields(Content_Type="image/png")) == 70_000


def test_errors_are_read_as_far_as_the_client_reads_them() -> None:
    assert read(compared(PNG), PNG, fields(), status=404) == len(PNG)
