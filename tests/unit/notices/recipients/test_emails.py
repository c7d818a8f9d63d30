"""notices.recipients.emails: what may be written to, and what may not even be thought of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.recipients.emails import MOST, domain_name, domain_of, email, within


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("abuse@host.example", "abuse@host.example"),
        ("Abuse.Desk+x@HOST.Example", "Abuse.Desk+x@host.example"),
        ("abuse@bücher.example", "abuse@xn--bcher-kva.example"),
        ("a@b.co.uk", "a@b.co.uk"),
    ],
)
def test_one_spelling(text: str, address: str) -> None:
    assert email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "a@", "@host.example", "abuse", "a@b", "a@@b.example", "a b@c.example", "a@b .example", " a@b.example",
        "a@b.example\n", "a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "a@b.example;c@d.example",
        "<a@b.example>", "A <a@b.example>", '"a b"@c.example', "a@[192.0.2.1]", "a@192.0.2.1", "a@1.2.3", ".a@b.example",
        "a.@b.example", "a..b@c.example", "a@-b.example", "a@b_c.example", "a@b..example", "a@b.example.", "a@b.example/x",
        "a@b.example?x", "a@b.example#x", "a@b.example:25", "a@b%2eexample.org", "a%00@b.example\0", "ä@b.example", "a@b.example\u2028",
        "x" * 65 + "@b.example", "a@" + "b" * 64 + ".example", "a@" + "b." * 130 + "example", "a(comment)@b.example", "a@(c)b.example",
    ],
)  # fmt: skip
def test_no_second_recipient_no_header_no_route(text: str) -> None:
    assert email(text) == ""


@pytest.mark.parametrize("what", [None, 1, b"a@b.example", ["a@b.example"], {"a": 1}, True])
def test_what_is_no_text_is_no_address(what: object) -> None:
    assert email(what) == ""


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    found = email(text)
    assert not found or (email(found) == found and found.isascii() and found.isprintable() and len(found) <= MOST)
    assert not found or (found.count("@") == 1 and not set(found) & set(' ,;<>"()[]\\:'))


@given(st.from_regex(r"\A[a-z.@<>,\"\r\n -]{0,40}\Z"))
def test_text_that_is_nearly_one(text: str) -> None:
    found = email(text)
    assert not found or found == text.lower() or found == text


def test_domains() -> None:
    assert domain_name("EXAMPLE.org") == "example.org"
    assert [domain_name(one) for one in ("example", "192.0.2.1", "0x7f.1", "a..b", "", "x" * 300)] == [""] * 6
    assert domain_of("a@b.example") == "b.example"


@pytest.mark.parametrize(
    ("address", "host", "inside"),
    [
        ("abuse@site.example", "site.example", True),
        ("abuse@mail.site.example", "img.site.example:8080", True),
        ("abuse@hoster.example", "site.example", False),
        ("abuse@notsite.example", "site.example", False),
        ("abuse@hoster.example", "192.0.2.7", False),
        ("abuse@hoster.example", "", False),
    ],
)
def test_within_a_site(address: str, host: str, inside: bool) -> None:
    assert within(address, host) is inside
