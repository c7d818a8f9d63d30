"""hasher.formats.lines: lines of any ending and encoding, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from hasher.formats.lines import ENCODINGS, LINE_BYTES, UNDECODED, Lines


def lines(raw: bytes, encoding: str = "utf-8", piece: int = 1 << 30) -> list[str]:
    reader = Lines("x.csv", encoding)
    found: list[str] = []
    for at in range(0, len(raw), piece):
        found += reader.feed(raw[at : at + piece])
        assert len(reader.carry) <= LINE_BYTES + 1
    return found + reader.feed(b"", final=True)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "ascii"])
@pytest.mark.parametrize("piece", [1, 2, 3, 5, 100])
def test_every_encoding_and_ending_cut_anywhere(encoding: str, end: str, piece: int) -> None:
    text = end.join(["one", "", "two", "three"])
    raw = text.encode("utf-8" if encoding == "auto" else encoding)
    assert lines(raw, encoding, piece) == ["one", "", "two", "three"]


def test_utf_16_of_both_orders_by_its_mark() -> None:
    for encoding in ("utf-16", "auto"):
        for mark, order in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
            assert lines(mark + "ä\nb".encode(order), encoding, 1) == ["ä", "b"]
    with pytest.raises(UsageError, match="UTF-16"):
        lines("a".encode("utf-16"))


def test_a_long_line_comes_out_as_too_long_and_no_longer() -> None:
    for piece in (100, 65_536, 1 << 20):
        found = lines(b"a\n" + b"x" * 500_000 + b"\nb", piece=piece)
        assert found[0] == "a" and found[2] == "b" and len(found[1]) > LINE_BYTES


@given(st.binary(max_size=200), st.integers(1, 50), st.sampled_from(ENCODINGS))
def test_any_bytes_cut_anywhere_give_the_same(raw: bytes, piece: int, encoding: str) -> None:
    try:
        whole = lines(raw, encoding)
    except UsageError:
        with pytest.raises(UsageError):
            lines(raw, encoding, piece)
        return
    assert lines(raw, encoding, piece) == whole
    assert all(UNDECODED.search(line) or line.encode() is not None for line in whole)
