"""PDQ (facebook/ThreatExchange, pdq): 256 bits of what a picture looks like, here as products of banded matrices.

The published algorithm is luma, two box filters an axis, 64x64 samples, 16x16 cosine coefficients and a cut at their lower
median. All but the cut is linear and separable, so an axis of n pixels needs one 64 x n matrix, and each of its rows
touches only the 2w - 1 pixels around its sample (w = ceil(n / 128)). Turned and mirrored pictures use the same matrices
reversed, so that all eight forms are exactly those of turned pixels; the cost is one more product of bands.

Where a side has 8 or 16 pixels some coefficients are exactly equal, and rounding decides in every implementation.

Every edge of this module is plain: pixels come through `Rows`, forms go out as 32 bytes whose hex is the reference's.
"""

from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[Any]
Rows = Callable[[int, int], Pixels]
"""Rows lo..hi (exclusive) of a picture as (hi - lo, width) luma or (hi - lo, width, 3) RGB, in 0..255."""

SIDE: Final = 64
SMALLEST: Final = 5
"""Shortest side that the reference hashes; a smaller picture gets zeros and quality 0."""

FORMS: Final = 8
LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""ITU-R BT.601, as in the reference."""

_GROUP: Final = 4  # samples that share one product; measured best of 1..64 below 4 megapixels
_KEPT_SIDE: Final = (
    4096  # longer axes are worked out each time, one sample a product: less memory, and their decoding costs far more
)


class Pdq(NamedTuple):
    """Eight forms of 32 bytes in the order of `contracts.messages.FrameDigest`, and the quality (0..100) of the first."""

    forms: list[bytes]
    quality: int


class Band(NamedTuple):
    """Samples first.. need only pixels lo..hi: `weights` is (2, samples, hi - lo).

    [0] is for the axis as it is; [1] for the reversed axis, its samples counted from the far end, so that both stay close.
    """

    first: int
    lo: int
    hi: int
    weights: Floats


NOTHING: Final = Pdq([bytes(32)] * FORMS, 0)


def pdq(rows: Rows, width: int, height: int, orientation: int = 1, scale: int = 1) -> Pdq:
    """All forms of a picture of `width` x `height` pixels, as shown by EXIF `orientation` (1..8; TIFF 6.0, page 36).

    With `scale` k, `rows` gives averages of k x k pixels (ceil(n / k) a side) and the filter of the full picture is
    emulated by adding its weights in groups of k.
    """
    if width < SMALLEST or height < SMALLEST:
        return NOTHING
    return forms_of(samples(rows, width, height, scale), orientation)


def samples(rows: Rows, width: int, height: int, scale: int = 1) -> Floats:
    """(2, 2, 64, 64) luma samples: of the picture as it is, and with [1] rows, [:, 1] columns reversed."""
    across = bands(width, scale)
    columns = -(-width // scale)
    tall = np.empty((2, SIDE, columns), dtype=np.float32)
    for first, lo, hi, weights in bands(height, scale):
        strip = rows(lo, hi)
        count = weights.shape[1]
        flat = weights.reshape(2 * count, hi - lo) @ strip.reshape(hi - lo, -1).astype(np.float32, copy=False)
        if strip.ndim == 3:
            flat = flat.reshape(2 * count, columns, 3) @ LUMA
        tall[:, first : first + count] = flat.reshape(2, count, columns)
    buffers = _squeeze(tall.reshape(2 * SIDE, columns), across).reshape(2, SIDE, 2, SIDE).transpose(0, 2, 1, 3).copy()
    buffers[1] = buffers[1, :, ::-1].copy()
    buffers[:, 1] = buffers[:, 1, :, ::-1].copy()
    return buffers


def _squeeze(lines: Floats, across: list[Band]) -> Floats:
    """(n, width) lines to (n, 2, 64) samples."""
    out = np.empty((lines.shape[0], 2, SIDE), dtype=np.float32)
    for first, lo, hi, weights in across:
        count = weights.shape[1]
        product = lines[:, lo:hi] @ weights.reshape(2 * count, hi - lo).T
        out[:, :, first : first + count] = product.reshape(-1, 2, count)
    return out


def bands(n: int, scale: int = 1) -> list[Band]:
    """The filter and sampling of an axis of n pixels, as products of a few samples with the pixels that they need."""
    return _kept(n, scale) if n <= _KEPT_SIDE else _bands(n, scale)


def _bands(n: int, scale: int) -> list[Band]:
    plain = axis_weights(n)
    both = np.stack([plain, plain[::-1, ::-1]])
    if scale > 1:
        both = np.pad(both, ((0, 0), (0, 0), (0, -n % scale))).reshape(2, SIDE, -1, scale).sum(axis=3)
    group = _GROUP if n <= _KEPT_SIDE else 1
    used = both[0] + both[1]
    found = []
    for first in range(0, SIDE, group):
        touched = np.flatnonzero(used[first : first + group].sum(axis=0))
        lo, hi = int(touched[0]), int(touched[-1]) + 1
        found.append(Band(first, lo, hi, both[:, first : first + group, lo:hi].astype(np.float32)))
    return found


_kept = lru_cache(maxsize=256)(_bands)


def axis_weights(n: int) -> NDArray[np.float64]:
    """(64, n) weights of the pixels of an axis in its samples: two box filters, then the pixel at each cell's centre."""
    window = -(-n // (2 * SIDE))
    ahead = (window + 2) // 2  # pixels from the centre on, itself included; the reference leans right for even windows
    behind = window - ahead
    tent = np.convolve(np.ones(window), np.ones(window)) / window**2
    weights = np.zeros((SIDE, n))
    for sample in range(SIDE):
        centre = (2 * sample + 1) * n // (2 * SIDE)
        start, end = centre - 2 * behind, centre + 2 * ahead - 1
        if start >= 0 and end <= n:
            weights[sample, start:end] = tent
            continue
        lo, hi = max(0, centre - behind), min(n, centre + ahead)
        for at in range(lo, hi):  # a box that hangs over the edge averages what is inside
            inner_lo, inner_hi = max(0, at - behind), min(n, at + ahead)
            weights[sample, inner_lo:inner_hi] += 1 / ((hi - lo) * (inner_hi - inner_lo))
    return weights


_COSINES: Final = np.array(
    [[sqrt(2 / SIDE) * cos(pi / 2 / SIDE * (i + 1) * (2 * j + 1)) for j in range(SIDE)] for i in range(16)],
    dtype=np.float32,
)
_FLIPS: Final = ((0, 0, 0), (1, 0, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 1, 1), (1, 0, 0), (0, 0, 1))
"""Rows reversed, columns reversed, then transposed: what makes each form of the stored picture."""

_SHOWN: Final = {1: 0, 2: 4, 3: 2, 4: 6, 5: 7, 6: 1, 7: 5, 8: 3}
"""EXIF orientation to the form of the stored picture that is shown."""


def forms_of(buffers: Floats, orientation: int = 1) -> Pdq:
    """Bits and quality from the four sample buffers; each form of the shown picture is some form of the stored one."""
    coefficients = _COSINES @ buffers @ _COSINES.T
    turned = coefficients.transpose(0, 1, 3, 2)
    every = np.stack([(turned if swap else coefficients)[up, left] for up, left, swap in _FLIPS]).reshape(FORMS, 256)
    median = np.partition(every, 127, axis=1)[:, 127:128]
    packed = np.packbits((every > median)[:, ::-1], axis=1)
    stored = [packed[form].tobytes() for form in range(FORMS)]
    shown = _SHOWN.get(orientation, 0)
    up, left, _ = _FLIPS[shown]
    return Pdq([stored[then_turned(shown, form)] for form in range(FORMS)], quality_of(buffers[up, left]))


def then_turned(first: int, second: int) -> int:
    """The form that results from form `first` of a picture being turned as `second` says.

    Forms are 0..3 quarter turns clockwise, 4..7 the same after a mirroring: t^a m^b with m t = t^-1 m.
    """
    if second >= 4:
        return then_turned(_mirrored(first), second - 4)
    return first // 4 * 4 + (first + second) % 4


def _mirrored(form: int) -> int:
    return (4 - form) % 4 + 4 if form < 4 else (4 - (form - 4)) % 4


def quality_of(buffer: Floats) -> int:
    """0..100: the sum of the gradients of a 64x64 buffer that are at least 1 % of the range, as the reference counts."""
    down = np.trunc((buffer[:-1] - buffer[1:]) * np.float32(100) / np.float32(255))
    across = np.trunc((buffer[:, :-1] - buffer[:, 1:]) * np.float32(100) / np.float32(255))
    return min(100, int(np.abs(down).sum() + np.abs(across).sum()) // 90)


def distance(one: bytes, other: bytes) -> int:
    """Hamming distance of two forms, in bits."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
