"""backends.countries: files of three makers, and whatever else is in them."""

from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from backends.countries import CountryFile, country_file
from contracts.errors import UsageError


def written(path: Path, records: dict[str, Any], ip_version: int = 6) -> Path:
    """A file with a record a network."""
    writer = MMDBWriter(ip_version, "Test-Country", ipv4_compatible=ip_version == 6)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


def test_countries_of_addresses(tmp_path: Path) -> None:
    records = {
        "192.0.2.0/25": {"country": {"iso_code": "NL", "names": {"en": "Netherlands"}}},
        "192.0.2.128/25": {"country_code": "DE", "country": "Germany"},
        "198.51.100.0/24": {"country": "FR"},
        "203.0.113.0/24": {"country": {"iso_code": "Nowhere"}},
        "203.0.114.0/24": {"continent": {"code": "EU"}},
        "203.0.115.0/24": "NL",
        "2001:db8::/32": {"country": {"iso_code": "US"}},
    }
    file = CountryFile(written(tmp_path / "c.mmdb", records))
    asked = ["192.0.2.1", "192.0.2.200", "198.51.100.9", "203.0.113.1", "203.0.114.1", "203.0.115.1", "2001:db8::9"]
    assert [file.country(address) for address in asked] == ["NL", "DE", "FR", "", "", "", "US"]
    assert [file.country(address) for address in ("", "h.test", "127.0.0.1", "::1", "192.0.2.1:80")] == [""] * 5
    file.close()


def test_systems_of_addresses(tmp_path: Path) -> None:
    said = ["AS64496", 64497, "64498", "AS0", "x", None, 2**40, True, ["AS1"]]
    records: dict[str, Any] = {f"192.0.2.{n}/32": {"asn": one} for n, one in enumerate(said) if one is not None}
    records["198.51.100.0/24"] = {"autonomous_system_number": 64499}
    file = CountryFile(written(tmp_path / "c.mmdb", records))
    assert [file.number(f"192.0.2.{n}") for n in range(len(said))] == [64496, 64497, 64498, 0, 0, 0, 0, 0, 0]
    assert [file.number(one) for one in ("198.51.100.7", "203.0.113.1", "h.test")] == [64499, 0, 0]
    file.close()


def test_a_file_of_ipv4_knows_no_ipv6(tmp_path: Path) -> None:
    file = CountryFile(written(tmp_path / "c.mmdb", {"192.0.2.0/24": {"country": {"iso_code": "NL"}}}, 4))
    assert (file.country("192.0.2.1"), file.country("2001:db8::9")) == ("NL", "")
    file.close()


def test_no_file_no_countries(tmp_path: Path) -> None:
    assert country_file("") is None
    with pytest.raises(UsageError, match=r"lists\.countries"):
        country_file(str(tmp_path / "missing.mmdb"))
    (tmp_path / "c.mmdb").write_bytes(b"no such thing" * 100)
    with pytest.raises(UsageError, match=r"c\.mmdb: no file of countries"):
        country_file(str(tmp_path / "c.mmdb"))
