"""PDQ by the letter of its description, slow and plain: the yardstick for what is planted.

Luma, two passes of a box filter along each axis, 64 x 64 samples at cell centres, 16 x 16 coefficients of a
cosine transform, one bit each for above the median (facebook/ThreatExchange, pdq, "Hashing").
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.float64]


def _box(values: Array, window: int) -> Array:
    """Mean over a centred window along axis 0, cut at the edges; even windows reach one further ahead."""
    count = len(values)
    behind = window - (window + 2) // 2
    ahead = window - behind - 1
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    at = np.arange(count)
    low = np.maximum(at - behind, 0)
    high = np.minimum(at + ahead, count - 1) + 1
    mean: Array = (total[high] - total[low]) / (high - low)[:, None]
    return mean


def buffer64(image: Image.Image) -> Array:
    """The 64 x 64 luma buffer."""
    red, green, blue = np.moveaxis(np.asarray(image.convert("RGB"), dtype=np.float64), 2, 0)
    luma: Array = 0.299 * red + 0.587 * green + 0.114 * blue
    height, width = luma.shape
    for _ in range(2):
        luma = _box(luma.T, (width + 127) // 128).T
        luma = _box(luma, (height + 127) // 128)
    rows = ((np.arange(64) + 0.5) * height / 64).astype(int)
    columns = ((np.arange(64) + 0.5) * width / 64).astype(int)
    return luma[np.ix_(rows, columns)]


def pdq(image: Image.Image) -> int:
    """The 256-bit PDQ of a picture as a number (most significant bit first in hex)."""
    frequency = np.arange(1, 17)[:, None]
    basis = np.sqrt(2 / 64) * np.cos(np.pi / 2 / 64 * frequency * (2 * np.arange(64) + 1))
    coefficients = basis @ buffer64(image) @ basis.T
    median = np.sort(coefficients.ravel())[127]
    bits = (coefficients > median).ravel()
    return sum(1 << index for index in range(256) if bits[index])


def distance(one: int, other: int) -> int:
    """Differing bits."""
    return (one ^ other).bit_count()


def dihedral(image: Image.Image) -> list[Image.Image]:
    """The eight turned and mirrored forms, as shown first."""
    turn = Image.Transpose
    forms = (turn.ROTATE_270, turn.ROTATE_180, turn.ROTATE_90, turn.FLIP_LEFT_RIGHT, turn.TRANSPOSE)
    more = (turn.FLIP_TOP_BOTTOM, turn.TRANSVERSE)
    return [image, *(image.transpose(form) for form in forms + more)]
