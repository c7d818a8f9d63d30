"""Queries in the page's own encoding."""

import pytest

from fetchers.legacy import needed, query


# URL standard, "query state" with an encoding, and "percent-encode after encoding".
@pytest.mark.parametrize(
    ("raw", "encoding", "expected"),
    [
        ("/é?q=é#é", "windows-1252", "/é?q=%E9#é"),
        ("/é", "windows-1252", "/é"),
        ("?q=я", "windows-1251", "?q=%FF"),
        ("?q=я", "windows-1252", "?q=%26%231103%3B"),
        ("?q=表", "shift_jis", "?q=%95\\"),
        ("?q=中&a=b c", "gbk", "?q=%D6%D0&a=b c"),
        ("#?é", "windows-1252", "#?é"),
        ("?a=b", "gbk", "?a=b"),
        ("?\ud800", "gbk", "?%26%2355296%3B"),
    ],
)
def test_query(raw: str, encoding: str, expected: str) -> None:
    assert query(raw, encoding) == expected


def test_needed() -> None:
    assert needed("windows-1251") and needed("gbk")
    assert not needed("utf-8") and not needed("utf-16le") and not needed("replacement")
