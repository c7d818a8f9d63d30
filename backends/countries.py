"""In which country a server stands, by a MaxMind DB file that the operator names (https://maxmind.github.io/MaxMind-DB/)."""

import re
from pathlib import Path
from typing import Any, Final

import maxminddb

from contracts.errors import UsageError

_CODE: Final = re.compile("[A-Z]{2}")
_AS: Final = re.compile(r"(?:AS)?(\d{1,10})", re.ASCII)


class CountryFile:
    """`contracts.tallies.Countries` of a file. Knows the layouts of MaxMind and DB-IP (country.iso_code) and of IPinfo
    (country_code, or country as text)."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError if the file cannot be read or is none."""
        try:
            self._reader = maxminddb.open_database(path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise UsageError(f"{path}: no file of countries (lists.countries): {error}") from error

    def country(self, address: str) -> str:
        """ISO 3166-1 alpha-2, empty for what the file does not have."""
        found = self._get(address)
        country = found.get("country_code") or found.get("country")
        code = country.get("iso_code") if isinstance(country, dict) else country
        return code if isinstance(code, str) and _CODE.fullmatch(code) else ""

    def number(self, address: str) -> int:
        """The autonomous system of an address, where the file has it as IPinfo (asn) or MaxMind (autonomous_system_number); else 0."""
        found = self._get(address)
        said = _AS.fullmatch(str(found.get("asn") or found.get("autonomous_system_number")))
        return int(said[1]) if said and 0 < int(said[1]) < 2**32 else 0

    def _get(self, address: str) -> dict[str, Any]:
        try:
            found: Any = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):  # no address, IPv6 in a file of IPv4, a damaged record
            return {}
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        """Let the file go."""
        self._reader.close()


def country_file(path: str) -> CountryFile | None:
    """The file that `lists.countries` names; None if it names none."""
    return CountryFile(Path(path)) if path else None
