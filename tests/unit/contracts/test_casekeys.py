"""One key per case."""

import pytest

from contracts.casekeys import KEY_BYTES, new_case_key, open_with, seal_for
from contracts.errors import Corrupt


def test_what_is_sealed_for_a_case_is_opened_with_its_key_alone() -> None:
    key, other = new_case_key(), new_case_key()
    sealed = seal_for(key, "http://host.example/a\n127.0.0.1")
    assert open_with(key, sealed) == "http://host.example/a\n127.0.0.1"
    with pytest.raises(Corrupt):
        open_with(other, sealed)


def test_without_its_key_a_case_is_lost() -> None:
    """ "one key per case, so that destroying it empties the backups too" """
    sealed = seal_for(new_case_key(), "http://host.example/a")
    with pytest.raises(Corrupt, match="destroyed"):
        open_with(b"", sealed)


def test_its_length_tells_little() -> None:
    key = new_case_key()
    assert len({len(seal_for(key, "x" * length)) for length in range(1, 60)}) == 1
    assert len(key) == KEY_BYTES
