"""Issue: "a contact URL is demanded before crawling anything but loopback"."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.settings import Addresses, Settings
from crawlctl.contact import check_contact, contact_of, only_loopback, restricted
from fetchers.addresses import Guard

NAMELESS = Settings(addresses=Addresses(allow=["127.0.0.0/8", "::1", "10.0.0.0/8"], deny=["127.66.0.0/16"]))
NAMED = replace(NAMELESS, user_agent="Pisaura/1.0 (+https://hotline.example/bot)")


@pytest.mark.parametrize(
    ("agent", "url"),
    [
        ("Pisaura/1.0 (+https://hotline.example/bot)", "https://hotline.example/bot"),
        ("Pisaura/1.0 (http://hotline.example/)", "http://hotline.example/"),
        ("Mozilla/5.0 (compatible; Pisaura/1.0; +https://h.example/bot)", "https://h.example/bot"),
        ("Pisaura/1.0", ""),
        ("Pisaura/1.0 (+mailto:a@b.example)", ""),
        ("Pisaura/1.0 (+https://)", ""),
        ("Pisaura/1.0 (+https:///)", ""),
    ],
)
def test_the_contact_url_of_a_user_agent(agent: str, url: str) -> None:
    assert contact_of(agent) == url


def test_with_a_contact_the_settings_stay_as_they_are() -> None:
    assert check_contact(NAMED, ["https://example.org/"]) is NAMED


@pytest.mark.parametrize(
    "seed",
    [
        "https://example.org/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.org/",
        "http://localhost.example.org/",
        "http://notlocalhost/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::2]/",
        "no url",
    ],
)
def test_without_one_a_seed_elsewhere_is_an_error_that_says_what_to_do(seed: str) -> None:
    with pytest.raises(UsageError, match=r"no contact URL.*PISAURA_USER_AGENT"):
        check_contact(NAMELESS, ["http://127.0.0.1/", seed])


@pytest.mark.parametrize(
    "seeds", [[], ["http://127.1.2.3:8080/x"], ["http://[::1]/"], ["http://localhost/", "http://a.localhost./"]]
)
def test_without_one_loopback_is_crawled_and_nothing_else_can_be_reached(seeds: list[str]) -> None:
    settings = check_contact(NAMELESS, seeds)
    guard = Guard(settings.addresses.allow, settings.addresses.deny)
    assert guard.check("127.0.0.1") is None
    assert guard.check("::1") is None
    assert guard.check("127.66.0.1") is not None  # what was denied stays denied
    for elsewhere in (
        "10.0.0.1",
        "93.184.216.34",
        "2606:2800:220:1::",
        "::ffff:93.184.216.34",
        "126.255.255.255",
        "::",
    ):
        assert guard.check(elsewhere) is not None


@given(st.integers(0, 2**32 - 1) | st.integers(2**32, 2**128 - 1))
def test_restricted_denies_all_but_loopback(number: int) -> None:
    settings = restricted(Settings(addresses=Addresses(allow=["0.0.0.0/0", "::/0"])))
    address = ip_address(number)
    reachable = GUARDS.setdefault("guard", Guard(settings.addresses.allow, settings.addresses.deny)).check(str(address))
    assert (reachable is None) == (address.is_loopback and address.version == 4)


GUARDS: dict[str, Guard] = {}


def test_names_pass_if_the_settings_deny_all_but_loopback_by_themselves() -> None:
    closed = restricted(NAMELESS)
    assert only_loopback(closed)
    assert restricted(closed) == closed
    assert not only_loopback(NAMELESS)
    assert not only_loopback(Settings(addresses=Addresses(deny=["0.0.0.0/0"])))  # IPv6 is left open
    assert only_loopback(Settings(addresses=Addresses(deny=["0.0.0.0/1", "128.0.0.0/1", "::/0"])))
    assert check_contact(closed, ["http://shop.test/"]) == closed
