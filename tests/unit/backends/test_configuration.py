"""The text of the server's configuration; the real server reads it in tests/integration/test_supervisor.py."""

from pathlib import Path

from backends.postgres.configuration import owners, quoted, server
from contracts.options import MIB
from contracts.settings import Storage


def test_quotes_and_backslashes_stay_inside_the_value() -> None:
    """PostgreSQL documentation 19.1.1: single quotes are doubled, backslashes are escapes."""
    assert quoted("it's \\ here") == "'it''s \\\\ here'"


def test_settings_arrive() -> None:
    text = server(Storage(shared_buffers=256 * MIB, fsync=False), Path("/d"), Path("/s"), Path("/c"), "name")
    assert "\nshared_buffers = 262144kB\n" in text
    assert "\nfsync = off" in text
    assert "\nfull_page_writes = off" in text
    assert "\nlisten_addresses = ''" in text


def test_durable_by_default() -> None:
    text = server(Storage(), Path("/d"), Path("/s"), Path("/c"), "name")
    for key in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"\n{key} = on" in text


def test_owners_are_quoted_names() -> None:
    """pg_ident.conf: an unquoted name that begins with a slash would be a regular expression."""
    assert owners(["root", '/.*"', "root"]).splitlines()[1:] == ['owners "/.*""" all', 'owners "root" all']
