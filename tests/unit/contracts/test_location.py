"""contracts.location: a URL with the address that it was fetched from, and the form from before."""

import pytest

from contracts.location import located, opened_place


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7", ""])
def test_a_place_comes_back(address: str) -> None:
    assert opened_place(located("http://h.test/i.png", address)) == ("http://h.test/i.png", address)


def test_what_was_sealed_before_addresses_is_a_url() -> None:
    assert opened_place("http://h.test/") == ("http://h.test/", "")
    assert opened_place("") == ("", "")


def test_what_is_no_address_is_none() -> None:
    assert opened_place("http://h.test/\n192.0.2.7\n192.0.2.8") == ("http://h.test/", "")
    assert opened_place("http://h.test/\nh.test") == ("http://h.test/", "")
