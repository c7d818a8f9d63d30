"""shield.questions: what is sent, hostile as it may be."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shield.questions import (
    DigestsQuestion,
    FeedbackQuestion,
    PdqQuestion,
    Refused,
    UrlQuestion,
    digests,
    host_pattern,
    pdqs,
    read,
)

KINDS = (DigestsQuestion, FeedbackQuestion, PdqQuestion, UrlQuestion)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_nothing_unforeseen(data: bytes) -> None:
    for kind in KINDS:
        try:
            read(data, kind)
        except Refused as refused:
            assert refused.status == 400


def test_refusals_repeat_nothing() -> None:
    for data in (
        b'{"verdict":"sneaky-word","request_id":"x"}',
        b'{"url": "https://sneaky-word/" 1}',
        b"\xffsneaky-word",
    ):
        for kind in KINDS:
            with pytest.raises(Refused) as refused:
                read(data, kind)
            assert "sneaky" not in refused.value.why
    with pytest.raises(Refused):
        read(b"[" * 100_000, UrlQuestion)


def test_pdqs() -> None:
    text = b64encode(bytes(32)).decode()
    assert pdqs(PdqQuestion([text]), 2) == {text: bytes(32)}
    for bad, status in ((["AAAA"], 400), ([text[:-1]], 400), (["é"], 400), ([], 400), ([text] * 3, 413)):
        with pytest.raises(Refused) as refused:
            pdqs(PdqQuestion(bad), 2)
        assert refused.value.status == status


def test_digests() -> None:
    question = read(
        b'{"digests":[{"sha1":"' + b"AB" * 20 + b'","pdq":"' + b"00" * 32 + b'","size_bytes":7}]}', DigestsQuestion
    )
    ((asked, pdq),) = digests(question, 5, pdq=True)
    assert (asked.sha1, asked.sha256, asked.size, pdq) == (b"\xab" * 20, b"", 7, bytes(32))
    with pytest.raises(Refused) as refused:
        digests(question, 5, pdq=False)
    assert refused.value.status == 403
    for bad in (
        '{"md5": "0 0 "}',
        '{"md5": "00"}',
        '{"size_bytes": 3}',
        '{"md5": "%s", "size_bytes": 99999999999999999999}' % ("0" * 32),
    ):
        with pytest.raises(Refused):
            digests(read(f'{{"digests":[{bad}]}}'.encode(), DigestsQuestion), 5, pdq=True)


@pytest.mark.parametrize(
    ("patterns", "host", "wanted"),
    [
        (["a.example"], "a.example", True),
        (["a.example"], "A.EXAMPLE", True),
        (["a.example"], "aXexample", False),
        (["a.example"], "a.example.evil.test", False),
        (["*.example"], "x.y.example", True),
        (["*.example"], "example", False),
        (["127.0.0.1:*"], "127.0.0.1:81", True),
        (["", "b"], "b", True),
    ],
)
def test_hosts(patterns: list[str], host: str, wanted: bool) -> None:
    pattern = host_pattern(patterns)
    assert pattern is not None
    assert bool(pattern.fullmatch(host)) is wanted


def test_no_hosts() -> None:
    assert host_pattern([]) is None
    assert host_pattern([""]) is None
