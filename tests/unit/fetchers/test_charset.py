"""Charset by byte order mark, header, meta, detector (HTML standard, "determining the character encoding")."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.charset import decode, encoding, prescan

CASES = [
    # 1: a byte order mark beats all.
    (b"\xef\xbb\xbf\xc3\xa9", "gbk", "é", "utf-8", "bom"),
    (b"\xff\xfee\0", "utf-8", "e", "utf-16le", "bom"),
    (b"\xfe\xff\0e", "", "e", "utf-16be", "bom"),
    # 2: then the header, by the labels of the Encoding standard; an unknown one is none.
    (b"<meta charset=utf-8>\xe9", "Latin1", "<meta charset=utf-8>é", "windows-1252", "header"),
    (b"\x80", "iso-8859-1", "€", "windows-1252", "header"),
    (b"<meta charset=koi8-r>\xef", "nonsense", "<meta charset=koi8-r>\u041e", "koi8-r", "meta"),
    # 3: then meta.
    (b"<META CHARSET='windows-1251'>\xef", "", "<META CHARSET='windows-1251'>п", "windows-1251", "meta"),
    (b'<meta http-equiv=Content-Type content="text/html; charset=gbk">\xb0\xa1', "", None, "gbk", "meta"),
    # 4: then the bytes.
    ("日本語のページです。これはテストです。".encode("shift_jis") * 4, "", None, "shift_jis", "detector"),
    ("Привет, как дела? Это обычный текст.".encode("cp1251") * 4, "", None, "windows-1251", "detector"),
    ("zażółć".encode(), "", "zażółć", "utf-8", "detector"),
    ("zażółć".encode()[:-1], "", "zażół", "utf-8", "detector"),
    (b"", "", "", "utf-8", "detector"),
]


@pytest.mark.parametrize(("body", "header", "text", "name", "source"), CASES)
def test_decode(body: bytes, header: str, text: str | None, name: str, source: str) -> None:
    found = decode(body, header)
    assert (found.encoding, found.source) == (name, source)
    assert text is None or found.text == text
    assert decode(bytearray(body), header) == found


# HTML standard, "prescan a byte stream to determine its encoding".
PRESCANS = [
    (b"<meta charset=gbk>", "gbk"),
    (b"<meta/charset=gbk>", "gbk"),
    (b"<metacharset=gbk>", ""),
    (b"<!-- <meta charset=koi8-r> --><meta charset=gbk>", "gbk"),
    (b"<!--><meta charset=gbk>", "gbk"),
    (b"<a title='<meta charset=koi8-r>'><meta charset=gbk>", "gbk"),
    (b"</a title='<meta charset=koi8-r>'><meta charset=gbk>", "gbk"),
    (b"<!x <meta charset=koi8-r>", ""),
    (b"<meta content='text/html; charset=gbk'>", ""),
    (b"<meta content='charset=gbk' http-equiv=content-type>", "gbk"),
    (b"<meta http-equiv=content-type content='x charset = \"gbk\"'>", "gbk"),
    (b"<meta http-equiv=content-type content='charsetx=koi8-r;charset=gbk;'>", "gbk"),
    (b"<meta charset=nonsense><meta charset=gbk>", "gbk"),
    (b"<meta charset=gbk charset=koi8-r>", "gbk"),
    (b"<meta charset=utf-16>", "utf-8"),
    (b"<meta charset=x-user-defined>", "windows-1252"),
    (b"<meta charset='gbk", ""),
    (b"<?xml version='1.0' encoding='gbk'?>", "gbk"),
    (b"<script><meta charset=gbk></script>", "gbk"),
    (b" " * 2000 + b"<meta charset=gbk>", "gbk"),
    (b" " * 100_000 + b"<meta charset=gbk>", ""),
]


@pytest.mark.parametrize(("body", "expected"), PRESCANS)
def test_prescan(body: bytes, expected: str) -> None:
    assert prescan(body) == expected


def test_style_sheets_declare_by_rule_not_by_meta() -> None:
    assert decode(b'@charset "gbk";\xb0\xa1', markup=False).encoding == "gbk"
    assert decode(b"<meta charset=gbk>", markup=False).encoding == "utf-8"


# Encoding standard, "names and labels".
@pytest.mark.parametrize(
    ("label", "name"),
    [
        (" UTF8\t", "utf-8"),
        ("ascii", "windows-1252"),
        ("x-sjis", "shift_jis"),
        ("utf-7", ""),
        ("", ""),
        ("é", ""),
        ("a" * 99, ""),
    ],
)
def test_labels(label: str, name: str) -> None:
    assert encoding(label) == name


@given(st.binary(), st.text(max_size=20))
def test_any_bytes_become_text(body: bytes, label: str) -> None:
    assert isinstance(decode(body, label).text, str)


@given(
    st.lists(
        st.sampled_from([b"<meta ", b"charset=", b"gbk", b"'", b'"', b">", b"<!--", b"-->", b"/", b"=", b"<a ", b" "])
    )
)
def test_prescan_never_raises(parts: list[bytes]) -> None:
    assert prescan(b"".join(parts)) in ("", "gbk")
