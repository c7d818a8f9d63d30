"""hasher.exchange.cursor: kept as bytes; what cannot be read, or is another source's, begins anew."""

import pytest

from hasher.exchange.cursor import VERSION, Cursor, FileCursor, from_bytes, place_of, to_bytes

ROOT = "https://source.example/v1"


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = Cursor(VERSION, place_of(ROOT), 5, 5, 90, "token", 80, 3, 60, 61, 4, ((1, 3), (7, 9)))
    assert from_bytes(to_bytes(cursor), ROOT, Cursor) == cursor
    seen = FileCursor(VERSION, place_of(ROOT), '"etag"', "Tue, 14 Nov 2023 22:13:20 GMT")
    assert from_bytes(to_bytes(seen), ROOT, FileCursor) == seen


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", b"junk", b"\x92\x01\xc4\x00", to_bytes(Cursor(VERSION, place_of("https://other.example"), 5)),
     to_bytes(Cursor(VERSION + 1, place_of(ROOT), 5)), to_bytes(FileCursor(VERSION, place_of(ROOT), "e", "m")),
     to_bytes(Cursor(VERSION, place_of(ROOT), 5, token="tokén")).replace("é".encode(), b"\xff\xff")],
)  # fmt: skip
def test_what_is_no_cursor_of_this_source_begins_anew(data: bytes) -> None:
    assert from_bytes(data, ROOT, Cursor) == Cursor(VERSION, place_of(ROOT))


def test_a_list_that_moved_is_downloaded_anew() -> None:
    seen = to_bytes(FileCursor(VERSION, place_of(ROOT), '"etag"', "then"))
    assert from_bytes(seen, ROOT + "/other", FileCursor).etag == ""
    assert from_bytes(b"\xc1", ROOT, FileCursor) == FileCursor(VERSION, place_of(ROOT))
