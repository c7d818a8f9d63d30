"""Issue: "Durations and sizes are written `1.5s`, `24h`, `20MiB`"."""

from argparse import ArgumentTypeError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlctl import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5s", 1.5),
        ("250ms", 0.25),
        ("10m", 600.0),
        ("24h", 86400.0),
        ("7d", 604800.0),
        ("1h30m", 5400.0),
        ("3", 3.0),
        ("0.5", 0.5),
        ("0", 0.0),
        (" 2 s ", 2.0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert units.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "1x", "s", "-1s", "1 5s x", "1.s", "1e3", "inf", "nan", "٣s", "1S", "1" * 40])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="a duration like"):
        units.seconds(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20MiB", 20 << 20),
        ("512KiB", 512 << 10),
        ("1GB", 10**9),
        ("100B", 100),
        ("7", 7),
        ("1.5kib", 1536),
        ("2 TiB", 2 << 40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert units.size(text) == size


@pytest.mark.parametrize("text", ["", "20 M", "1.5", "-1B", "1iB", "1KiB2", "²B", "1e3B"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="a size like"):
        units.size(text)


@given(st.integers(0, 10**9))
def test_written_durations_read_back(milliseconds: int) -> None:
    assert units.seconds(units.write_seconds(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=1e-6)


@given(st.integers(0, 2**53))
def test_written_sizes_read_back(size: int) -> None:
    assert units.size(units.write_size(size)) == size


@given(st.text())
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    for read in (units.seconds, units.size):
        try:
            assert read(text) >= 0
        except ValueError:
            continue


def test_arguments_say_what_they_may_be() -> None:
    assert units.duration("10m") == 600.0
    assert units.count("12") == 12
    with pytest.raises(ArgumentTypeError, match="'1x' must be a duration like"):
        units.duration("1x")
    for wrong in ("0", "-1", "x", "1.5", "9" * 20):
        with pytest.raises(ArgumentTypeError, match="whole number"):
            units.count(wrong)
