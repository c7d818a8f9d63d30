"""PDQ against the published algorithm, written out slowly here, and against hashes made by the reference's own C++."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hasher.pdq import NOTHING, Pdq, axis_weights, bands, distance, pdq, then_turned
from tests.pictures import picture

Array = NDArray[np.float64]


def box(line: Array, window: int) -> Array:
    """Mean of a window around each place of the first axis; what hangs over the edge is left out."""
    ahead = (window + 2) // 2
    size = len(line)
    sums = np.concatenate([np.zeros((1, *line.shape[1:])), np.cumsum(line, axis=0)])
    lows = [max(0, at - window + ahead) for at in range(size)]
    highs = [min(size, at + ahead) for at in range(size)]
    counts = np.subtract(highs, lows).reshape(-1, *[1] * (line.ndim - 1))
    means: Array = (sums[highs] - sums[lows]) / counts
    return means


def slow(pixels: NDArray[np.uint8]) -> tuple[str, int]:
    """PDQ as in hashing.pdf: luma, two box passes an axis, 64x64 at cell centres, DCT rows 1..16, lower median."""
    luma = pixels.astype(float)
    if luma.ndim == 3:
        luma = luma @ np.array([0.299, 0.587, 0.114])
    height, width = luma.shape
    for _ in range(2):
        luma = box(luma.T, -(-width // 128)).T
        luma = box(luma, -(-height // 128))
    rows = [int((i + 0.5) * height / 64) for i in range(64)]
    columns = [int((i + 0.5) * width / 64) for i in range(64)]
    small = luma[np.ix_(rows, columns)]
    gradients = sum(int(np.abs(np.trunc(np.diff(small, axis=axis) * 100 / 255)).sum()) for axis in (0, 1))
    dct = np.array([[np.cos(np.pi / 128 * i * (2 * j + 1)) for j in range(64)] for i in range(1, 17)])
    flat = (dct @ small @ dct.T).ravel()
    median = np.sort(flat)[127]
    bits = sum(1 << place for place in range(256) if flat[place] > median)
    return f"{bits:064x}", min(100, gradients // 90)


def fast(pixels: NDArray[np.uint8], orientation: int = 1) -> Pdq:
    height, width = pixels.shape[:2]
    return pdq(lambda lo, hi: pixels[lo:hi], width, height, orientation)


def between(pixels: NDArray[np.uint8], lo: int, hi: int) -> NDArray[np.uint8]:
    return pixels[lo:hi]


def scene(width: int, height: int) -> NDArray[np.uint8]:
    """A picture by formula, the same everywhere and for ever."""
    y, x = np.mgrid[:height, :width].astype(np.int64)
    red = (x * x * 3 // (width + 1) + y * 5) % 256
    green = ((x - width // 3) ** 2 + (y - height // 2) ** 2) * 7 // (width + height) % 256
    blue = (x * y * 11 // (width + height)) % 256
    return np.stack([red, green, blue], axis=2).astype(np.uint8)


TURNS = (lambda x: x, lambda x: np.rot90(x, -1), lambda x: np.rot90(x, 2), lambda x: np.rot90(x, 1))
"""As shown, and 90, 180, 270 degrees clockwise."""


# Made with pdqhash, the binding of facebook/ThreatExchange's C++: its hex is what lists hold.
@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (640, 480, "73f132496391cd8b1b8127136d809c636c8ee3c7240e1f0e927e43fe7bb1ff80"),
        (97, 211, "a958ea91b288e497caa9d453aa89dcd33b54eeac3991f2340cc5ea9d1c55eacc"),
        (1024, 1024, "646639e32371f7c69f9b0f0efc0e3f3e207ee8189fb100786c0e3fe093f1e800"),
        (300, 64, "a07f5ff8f00205ff5e40f0bfc7e81d0a707fc780ce0f9cfa12c1959da9384a60"),
    ],
)
def test_hex_is_that_of_the_reference(width: int, height: int, expected: str) -> None:
    found = fast(scene(width, height))
    assert found.forms[0].hex() == expected
    assert found.quality == 100


@pytest.mark.parametrize(
    "size", [(19, 23), (63, 65), (64, 64), (127, 128), (129, 257), (320, 240), (511, 700), (1365, 768)]
)
def test_no_bit_differs_from_the_published_algorithm(size: tuple[int, int]) -> None:
    for seed in range(3):
        pixels = np.asarray(picture(seed, *size))
        for shown in (pixels, pixels[:, :, 1]):
            expected, quality = slow(shown)
            found = fast(shown)
            assert found.forms[0].hex() == expected
            assert found.quality == quality


# All forms come from the samples of the stored picture, with reversed weights: not near those of turned pixels, but equal.
@pytest.mark.parametrize("size", [(33, 50), (64, 64), (320, 240), (641, 487)])
def test_every_form_is_that_of_turned_pixels(size: tuple[int, int]) -> None:
    pixels = np.asarray(picture(5, *size))
    forms = fast(pixels).forms
    for number, form in enumerate(forms):
        seen = pixels if number < 4 else pixels[:, ::-1]
        turned = np.ascontiguousarray(TURNS[number % 4](seen))
        assert slow(turned)[0] == form.hex(), number


# TIFF 6.0, page 36: where row 0 and column 0 of the stored picture are when it is shown.
UPRIGHT = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: x[::-1, ::-1].swapaxes(0, 1),
    8: lambda x: np.rot90(x, 1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_gives_the_forms_of_the_picture_as_shown(orientation: int) -> None:
    pixels = np.asarray(picture(6, 200, 131))
    shown = np.ascontiguousarray(UPRIGHT[orientation](pixels))
    assert fast(pixels, orientation) == fast(shown)


def test_turning_a_form_agrees_with_turning_pixels() -> None:
    pixels = np.asarray(picture(7, 90, 70))
    stored = fast(pixels).forms
    for first in range(8):
        seen = TURNS[first % 4](pixels if first < 4 else pixels[:, ::-1])
        forms = fast(np.ascontiguousarray(seen)).forms
        assert forms == [stored[then_turned(first, second)] for second in range(8)]


# A JPEG decoded at 1/k gives means of k x k pixels; the weights are summed in groups of k.
@pytest.mark.parametrize("scale", [2, 4])
def test_scaled_pixels_stay_close_to_the_full_picture(scale: int) -> None:
    found = []
    for seed in range(5):
        side = 512 * scale
        pixels = np.asarray(picture(seed, side + 3, side))[:, :, 0]
        padded = np.pad(pixels, ((0, -pixels.shape[0] % scale), (0, -pixels.shape[1] % scale)), mode="edge").astype(
            float
        )
        means = padded.reshape(padded.shape[0] // scale, scale, -1, scale).mean(axis=(1, 3))
        small = np.rint(means).astype(np.uint8)
        scaled = pdq(partial(between, small), side + 3, side, scale=scale)
        found.append(max(distance(*pair) for pair in zip(scaled.forms, fast(pixels).forms, strict=True)))
    assert sorted(found)[len(found) // 2] <= 2
    assert max(found) <= 8


@pytest.mark.parametrize("size", [(1, 1), (4, 300), (300, 4)])
def test_pictures_under_five_pixels_are_nothing(size: tuple[int, int]) -> None:
    assert fast(np.asarray(picture(1, *size))) == NOTHING


def test_a_blank_picture_has_no_quality() -> None:
    assert fast(np.full((240, 320), 200, dtype=np.uint8)).quality == 0


@given(st.integers(5, 3000), st.sampled_from([1, 2, 4, 8]))
@settings(max_examples=60, deadline=None)
def test_weights_of_any_axis_are_means(n: int, scale: int) -> None:
    assert np.allclose(axis_weights(n).sum(axis=1), 1)
    for band in bands(n, scale):
        assert 0 <= band.lo < band.hi <= -(-n // scale)
        assert np.allclose(band.weights.sum(axis=2), 1, atol=1e-5)


@given(st.integers(5, 200), st.integers(5, 200), st.integers(0, 2**32), st.integers(-5, 20))
@settings(max_examples=40, deadline=None)
def test_any_pixels_give_eight_forms(width: int, height: int, seed: int, orientation: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    found = fast(pixels, orientation)
    assert [len(form) for form in found.forms] == [32] * 8
    assert all(int.from_bytes(form).bit_count() <= 128 for form in found.forms)
    assert 0 <= found.quality <= 100


def test_very_long_pictures_need_little_memory() -> None:
    asked = []

    def rows(lo: int, hi: int) -> NDArray[np.uint8]:
        asked.append(hi - lo)
        return np.zeros((hi - lo, 5), dtype=np.uint8)

    assert pdq(rows, 5, 65_535).quality == 0
    assert max(asked) < 65_535 // 16


def test_distance_counts_bits() -> None:
    assert distance(bytes(32), bytes(31) + b"\x81") == 2
