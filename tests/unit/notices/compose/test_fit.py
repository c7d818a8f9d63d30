"""What may be composed, and hostile text made harmless."""

import re
import unicodedata

import pytest
from hypothesis import given

from contracts.errors import UsageError
from contracts.notices import Refused, Unfit
from contracts.recipients import CLASSES, PARTNER, Recipient
from contracts.removal import Operator
from notices.compose.fit import check, clean, defanged, domain_of, host_of, missing, require, utc
from tests.notices import HOST, NOW, OPERATOR, hostile, notice, place


def test_at_most_200_places_a_notice() -> None:
    check(notice(*(place(number) for number in range(200))))
    with pytest.raises(Unfit, match="201 places"):
        check(notice(*(place(number) for number in range(201))))
    check(notice(*(place(number) for number in range(201))), 300)
    with pytest.raises(Unfit, match="0 places"):
        check(notice(places=()))


@pytest.mark.parametrize("kind", ["ncii-adult", "self-reported-minor", "other", "known-good", ""])
def test_only_csam_may_reach_a_notice_and_child_exploitative_has_templates_of_its_own(kind: str) -> None:
    with pytest.raises(Unfit, match="no notice is made about entries of kind"):
        check(notice(place(1), place(2, kind=kind)))
    check(notice(place(1, kind="child-exploitative")))


def test_site_operators_get_nothing() -> None:
    for klass in (*CLASSES, PARTNER, "friend"):
        one = notice(recipient=Recipient("k", klass, "n", "email", "a@b.example"))
        if klass in ("site-operator", "friend"):
            with pytest.raises(Unfit, match="told nothing"):
                check(one)
        else:
            check(one)


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "praise"},
        {"message_id": ""},
        {"message_id": "no-domain"},
        {"message_id": "a@b\r\nBcc: x@y.example"},
        {"in_reply_to": "<a@b>"},
        {"idempotency_key": "a\nb"},
        {"idempotency_key": "é"},
    ],
)
def test_what_no_notice_may_be(more: dict[str, str]) -> None:
    with pytest.raises(Unfit) as error:
        check(notice(**more))
    assert isinstance(error.value, Refused)
    assert "media.example" not in str(error.value)


def test_senders_refuse_to_start_without_name_country_mandate_contact_and_appeal_address() -> None:
    require(OPERATOR)
    for name in ("name", "country", "mandate", "contact", "appeal"):
        for nothing in ("", "  "):
            known = {one: getattr(OPERATOR, one) for one in ("name", "country", "mandate", "contact", "appeal")}
            operator = Operator(**known | {name: nothing})
            assert missing(operator) == [f"operator.{name}"]
            with pytest.raises(UsageError, match=f"operator.{name}"):
                require(operator)
    assert missing(Operator("a", "FR", "b", "no address", "c")) == ["operator.contact"]


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        (HOST.contact, "host.example"),
        ("a+b@x.y.example", "x.y.example"),
        ("a@localhost", "localhost"),
        ("a@b@c.example", ""),
        ("a@b.example\r\nRCPT TO:<x@y.example>", ""),
        ("<a@b.example>", ""),
        ("a b@c.example", ""),
        ("@b.example", ""),
        ("a@", ""),
        ("a@-b.example", ""),
        ("a" * 250 + "@b.example", ""),
        ("é@b.example", ""),
    ],
)
def test_what_an_address_is(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@given(hostile)
def test_clean_text_hides_nothing_and_stays_on_its_line(text: str) -> None:
    seen = clean(text)
    assert not {unicodedata.category(one) for one in seen} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(seen.splitlines()) <= 1 and len(seen) <= 1_001
    seen.encode()


@given(hostile)
def test_a_place_is_never_a_clickable_link(text: str) -> None:
    shown = defanged(f"https://media.example/{text} HTTP://x.example ftps://y.example www.z.example a@b.example")
    assert not re.search(r"https?:|ftps?:|://|www\.|\w\.\w|\w@\w", shown, re.IGNORECASE)


def test_a_long_url_is_cut_and_says_by_how_much() -> None:
    assert defanged("https://a.example/" + "x" * 982, 20) == "hxxps[:]//a[.]example/xx[+980]"
    assert defanged("HTTPS://A.B") == "HxxPS[:]//A[.]B"
    assert defanged("2001:db8::1") == "2001:db8::1"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Media.Example:8443/a", "media.example"),
        ("http://[2001:db8::1]:8080/a", "2001:db8::1"),
        ("http://a:b@media.example/", ""),  # none is stored with credentials
        ("nothing", ""),
        ("", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


def test_times_are_utc() -> None:
    assert utc(NOW + 0.9) == "2023-11-14T22:13:20Z"
    assert utc(0) == "1970-01-01T00:00:00Z"
    assert utc(951_782_400) == "2000-02-29T00:00:00Z"
