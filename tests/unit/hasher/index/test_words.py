"""hasher.index.words."""

import pytest

from hasher.index.words import nothing_found, to_words


def test_hashes_are_rows_of_four_words() -> None:
    rows = to_words(b"\x01" + bytes(31) + b"\xff" * 32)
    assert rows.shape == (2, 4) and rows[0].tolist() == [1, 0, 0, 0] and rows[1].tobytes() == b"\xff" * 32
    assert to_words(b"").shape == (0, 4) and nothing_found().shape == (0, 3)
    for odd in (b"1234", b"12345678"):
        with pytest.raises(ValueError):
            to_words(odd)
