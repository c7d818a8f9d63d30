"""hasher.exchange.stopncii: what is asked of StopNCII."""

import pytest

from contracts.errors import Corrupt
from hasher.exchange.stopncii import STOPNCII

ROOT = "https://api.stopncii.example/v1"


def test_records_since_a_time() -> None:
    root = STOPNCII.root(ROOT + "/FetchHashes")
    assert STOPNCII.ask(root, 0, 99, "", 800) == ROOT + "/FetchHashes?startTimestamp=10&pageSize=800"
    asked = STOPNCII.ask(root, 1_700_000_000, 99, "a+b=/c", 10)
    assert asked == ROOT + "/FetchHashes?startTimestamp=1700000000&pageSize=10&nextPageToken=a%2Bb%3D%2Fc"


def test_a_token_is_kept_as_it_is_but_not_of_any_length() -> None:
    assert STOPNCII.token(ROOT, "a+b=/c") == "a+b=/c"
    with pytest.raises(Corrupt):
        STOPNCII.token(ROOT, "x" * 10_000)
