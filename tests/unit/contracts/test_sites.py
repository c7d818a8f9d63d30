"""Sites, buckets, partitions and address groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from contracts import sites
from contracts.sites import (
    BUCKETS,
    SuffixList,
    address_group,
    bucket_of,
    frozen_site,
    hostname,
    partition_of,
    psl_sha256,
    site_of,
)


# https://publicsuffix.org/list/, "Algorithm": the longest rule wins, exceptions win over all, "*" if none matches.
@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("www.example.co.uk", "example.co.uk"),
        ("example.unlisted-tld", "example.unlisted-tld"),
        ("a.example.unlisted-tld", "example.unlisted-tld"),
        ("b.c.kobe.jp", "b.c.kobe.jp"),
        ("a.b.c.kobe.jp", "b.c.kobe.jp"),
        ("www.city.kobe.jp", "city.kobe.jp"),
        ("www.www.ck", "www.ck"),
        ("b.test.ck", "b.test.ck"),
        ("a.b.xn--fiqs8s", "b.xn--fiqs8s"),
        ("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
        # private section
        ("me.github.io", "me.github.io"),
        ("www.me.github.io", "me.github.io"),
        # a public suffix is its own site
        ("com", "com"),
        ("co.uk", "co.uk"),
        ("c.kobe.jp", "c.kobe.jp"),
        ("github.io", "github.io"),
        ("localhost", "localhost"),
        # ports, a final dot, addresses, labels that are empty
        ("www.example.co.uk:8080", "example.co.uk"),
        ("www.example.co.uk.", "example.co.uk"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[2001:db8::1]:8080", "2001:db8::1"),
        ("[::1]", "::1"),
        ("a..b.com", "a..b.com"),
        ("", ""),
        (".", ""),
        ("..", "."),
    ],
)
def test_site(host: str, site: str) -> None:
    assert site_of(host) == site
    assert frozen_site(host) == site


def test_every_rule_is_read_as_the_package_reads_it() -> None:
    reference = PublicSuffixList(accept_unknown=True)
    ours = sites._current()
    assert len(ours._rules) > 9_000
    for rule in ours._rules:
        for host in (rule, f"a.{rule}", f"b.a.{rule}", f"c.b.a.{rule}", rule.partition(".")[2] or rule):
            assert ours.registered(host) == (reference.privatesuffix(host) or host)


def test_the_snapshot_is_what_buckets_were_made_with() -> None:
    assert psl_sha256() == "0232f4df0831911356e8ee1f4d5c3b6b12c0ed3f6bd66b0f81c8ab5d3d49e9ca"
    # xxh3_64 of the site's name, modulo 4096: written down once and fixed for ever.
    assert {
        host: bucket_of(host) for host in ("example.com", "www.example.com:81", "a.b.co.uk", "127.0.0.1", "[::1]")
    } == {
        "example.com": 2931,
        "www.example.com:81": 2931,
        "a.b.co.uk": 475,
        "127.0.0.1": 1676,
        "[::1]": 4014,
    }


def test_the_newer_list_decides_sites() -> None:
    old = SuffixList(b"// VERSION: 2020-01-01_00-00-00_UTC\ncom\n")
    new = SuffixList(
        "// VERSION: 2021-01-01_00-00-00_UTC\n\n  \n*.m\u00fcnchen // note\n!a.m\u00fcnchen\nCOM\n".encode()
    )
    assert new.version > old.version
    assert new.registered("c.b.xn--mnchen-3ya") == "c.b.xn--mnchen-3ya"
    assert new.registered("c.a.xn--mnchen-3ya") == "a.xn--mnchen-3ya"
    assert new.registered("a.b.com") == "b.com"
    assert sites._current().version >= sites._snapshot()[0].version


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a.b", "a.b"),
        ("a.b:1", "a.b"),
        ("[::1]:1", "::1"),
        ("[::1]", "::1"),
        ("1.2.3.4:5", "1.2.3.4"),
        ("", ""),
        ("[", ""),
    ],
)
def test_hostname(host: str, name: str) -> None:
    assert hostname(host) == name


@given(st.text(alphabet="ab.:[]-1\ud800é", max_size=12))
def test_any_text_has_a_site_and_a_bucket(host: str) -> None:
    assert 0 <= bucket_of(host) < BUCKETS
    assert frozen_site(site_of(host)) is not None


def test_partitions_are_equal_contiguous_ranges() -> None:
    for partitions in (1, 2, 128, 4096):
        places = [partition_of(bucket, partitions) for bucket in range(BUCKETS)]
        assert places == sorted(places)
        assert [places.count(partition) for partition in (0, partitions - 1)] == [BUCKETS // partitions] * 2
        assert places[-1] == partitions - 1


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_address_group(address: str, group: str) -> None:
    assert address_group(address) == group
