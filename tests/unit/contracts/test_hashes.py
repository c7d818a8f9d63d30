"""contracts.hashes: the same whatever the pieces."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from contracts.hashes import HEAD, Hashes


@given(st.lists(st.binary(max_size=HEAD), max_size=4))
def test_hashes_do_not_depend_on_how_the_stream_is_cut(chunks: list[bytes]) -> None:
    hashes = Hashes()
    for chunk in chunks:
        hashes(chunk)
    body = b"".join(chunks)
    assert hashes.size == len(body)
    assert hashes.digests() == (
        hashlib.sha256(body).digest(),
        hashlib.sha1(body, usedforsecurity=False).digest(),
        hashlib.md5(body, usedforsecurity=False).digest(),
        hashlib.sha256(body[:HEAD]).digest(),
    )
