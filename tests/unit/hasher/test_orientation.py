"""EXIF orientation (TIFF 6.0, page 36; Exif 2.32, 4.6.4), out of any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hasher.orientation import of_exif, of_jpeg
from tests.pictures import encode, picture


def exif(value: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = value
    return block.tobytes()


@pytest.mark.parametrize("value", range(1, 9))
def test_of_a_jpeg(value: int) -> None:
    assert of_jpeg(encode(picture(1, 32, 24), "JPEG", exif=exif(value))) == value


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_values_out_of_range_mean_as_stored(value: int) -> None:
    assert of_exif(exif(value)) == 1


def test_both_byte_orders_and_other_tags_before_it() -> None:
    entries = bytes.fromhex("010f0002000000040000000001120003000000010006ffff")
    assert of_exif(b"MM\0*\0\0\0\x08\0\x02" + entries) == 6
    assert of_exif(b"Exif\0\0II*\0\x08\0\0\0\x01\0" + bytes.fromhex("120103000100000003000000")) == 3


def test_a_jpeg_without_exif() -> None:
    assert of_jpeg(encode(picture(1, 32, 24), "JPEG")) == 1


def test_exif_after_the_first_scan_is_not_looked_at() -> None:
    plain = encode(picture(1, 32, 24), "JPEG")
    block = exif(6)
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2) + block
    assert of_jpeg(plain[:-2] + segment + plain[-2:]) == 1
    assert of_jpeg(plain[:2] + b"\xff" * 3 + segment[1:] + plain[2:]) == 6  # fill bytes before a marker (T.81, B.1.1.2)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert 1 <= of_jpeg(data) <= 8
    assert 1 <= of_jpeg(b"\xff\xd8\xff\xe1" + data) <= 8
    assert 1 <= of_exif(data) <= 8
    assert 1 <= of_exif(b"II*\0" + data) <= 8
