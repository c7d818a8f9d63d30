"""hasher.exchange.protocol."""

from hasher.exchange.protocol import says_nothing


def test_most_sources_mean_what_their_status_says() -> None:
    assert says_nothing(500, b"anything") == ""
