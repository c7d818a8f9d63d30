"""hasher.formats.indicators: lines of `type value`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.refusals import Reason
from hasher.formats.format import About
from hasher.formats.indicators import indicator_digests, read_lines
from hasher.lists import BadLine, ListEntry

ABOUT = About("list.txt", "partner")
MD5, SHA1, PDQ = bytes(range(16)), bytes(range(20)), bytes([0xA5, 0x3C] * 16)


def read(data: bytes, size: int = 1 << 20) -> tuple[list[ListEntry], list[BadLine]]:
    batches = list(read_lines((data[at : at + size] for at in range(0, len(data), size)), ABOUT))
    assert sum(batch.bytes_read for batch in batches) == len(data)
    return [entry for batch in batches for entry in batch.entries], [bad for batch in batches for bad in batch.bad]


@pytest.mark.parametrize("size", [1, 2, 9, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines(size: int, end: str) -> None:
    lines = [
        "\ufeff# a remark",
        f"HASH_MD5 {MD5.hex()}",
        "",
        f"hash_sha1\t{SHA1.hex().upper()}",
        f"  pdq   {PDQ.hex()} ",
        f"video_md5 {MD5.hex()}",
    ]
    entries, bad = read(end.join(lines).encode(), size)
    assert not bad
    assert entries == [
        ListEntry("partner", f"md5:{MD5.hex()}", (("md5", MD5),), line=2),
        ListEntry("partner", f"sha1:{SHA1.hex()}", (("sha1", SHA1),), line=4),
        ListEntry("partner", f"pdq:{PDQ.hex()}", (("pdq", PDQ),), line=5),
        ListEntry("partner", f"md5:{MD5.hex()}", (("md5", MD5),), line=6, media="video"),
    ]


def test_bad_lines_cost_themselves_alone() -> None:
    bad_lines = [
        b"pdq",
        b"pdq zz",
        b"URI https://example.org",
        b"a b c",
        b"md5 \xff",
        b"md5 " + b"0" * 70_000,
        b"pdq " + b"0" * 63,
    ]
    good = f"sha1 {SHA1.hex()}".encode()
    entries, bad = read(b"\n".join(line for pair in zip(bad_lines, [good] * 7, strict=True) for line in pair))
    assert len(entries) == 7 and [line.line for line in bad] == [1, 3, 5, 7, 9, 11, 13]
    assert bad[2].refusal.reason == Reason.UNKNOWN_ALGORITHM and bad[1].refusal.reason == Reason.BAD_DIGEST
    entries, bad = read(b"md5 d41d8cd98f00b204e9800998ecf8427e")
    assert not entries and bad[0].refusal.reason == Reason.EMPTY_FILE_DIGEST


def test_opaque_digests_are_kept_if_they_are_not_too_long() -> None:
    photo = bytes(range(144))
    entries, bad = read(f"HASH_PHOTODNA {photo.hex()}\nHASH_TMK {'00' * 5000}\nHASH_TMK {'00' * 50}".encode())
    assert [entry.opaque for entry in entries] == [(("photodna", photo),), (("tmk-pdqf", bytes(50)),)]
    assert all(not entry.digests and len(entry.member_entry_id) < 200 for entry in entries)
    assert [(line.line, line.refusal.reason) for line in bad] == [(2, Reason.UNKNOWN_ALGORITHM)]


def test_refusals_hold_no_digest() -> None:
    bad: list[BadLine] = []
    assert indicator_digests("hash_md5", "5ec4e7" * 6, 1, bad) is None
    assert indicator_digests("5ec4e7" * 6, "5ec4e7" * 6, 1, bad) is None
    assert len(bad) == 2 and not any("5ec4e7" in str(line.refusal) for line in bad)


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from([b"pdq ", b"md5 ", b"\n", b"00" * 16, b"ff" * 32, b"\r"])).map(b"".join),
    st.integers(1, 20),
)
def test_any_bytes_are_read_or_quarantined(data: bytes, size: int) -> None:
    try:
        entries, bad = read(data, size)
    except UsageError:
        assert data[:2] in (b"\xff\xfe", b"\xfe\xff")
        return
    assert (entries, bad) == read(data)
