"""Pictures that say nothing: gradients, default avatars, placeholders, play buttons; and who resembles them.

A list that contains one of these (by mistake or by malice) would match half the web, so entries near them are held
(domain, section 1). The pictures are drawn here; `featureless.dat` holds the PDQ of their eight dihedral forms, one a line,
and a test draws and digests them anew to prove that file: whoever adds a picture writes it with `dat_lines`.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from hasher.index.kernel import KERNEL
from hasher.index.words import to_words

Picture = npt.NDArray[np.uint8]
"""Grey levels, shape (height, width)."""
Grey = npt.NDArray[np.float64]

RADIUS: Final = 31
FEWEST_BITS: Final = 64
MOST_BITS: Final = 192
"""A PDQ is cut at its median, so about 128 of its 256 bits are set; far from that it comes from no picture."""
SIDE: Final = 256

DIGESTS: Final = tuple(
    bytes.fromhex(line.split()[0])
    for line in files(__package__).joinpath("featureless.dat").read_text("ascii").splitlines()
    if line and not line.startswith("#")
)
_KNOWN: Final = to_words(b"".join(DIGESTS))


def suspects(digests: Sequence[bytes]) -> list[int]:
    """Positions of the PDQ digests that must not cause a match: too few or too many bits, or near a shipped one."""
    if not digests:
        return []
    rows = to_words(b"".join(digests))
    bits = np.bitwise_count(rows).sum(axis=1, dtype=np.uint16)
    odd = (bits < FEWEST_BITS) | (bits > MOST_BITS)
    odd[KERNEL.brute(rows, _KNOWN, RADIUS)[:, 1]] = True
    return [int(position) for position in np.flatnonzero(odd)]


def dat_lines(forms_of: Callable[[Picture], list[bytes]]) -> Iterator[str]:
    """The lines of `featureless.dat`: digest, name and form (as in `contracts.messages.FrameDigest`) of each distinct one."""
    seen: set[bytes] = set()
    for name, picture in pictures():
        for form, digest in enumerate(forms_of(picture)):
            if digest not in seen:
                seen.add(digest)
                yield f"{digest.hex()} {name} {form}"


def pictures() -> Iterator[tuple[str, Picture]]:
    """The shipped set: (name, picture). Names are for people who change the set.

    Figures stand a little off the centre: of a symmetric picture half of the DCT is nil, and those bits mere rounding. The
    eight forms bring the other offsets.
    """
    yield from _slopes()
    yield from _avatars()
    yield from _placeholders()
    yield from _play_buttons()


def _grid(height: int = SIDE, width: int = SIDE) -> tuple[Grey, Grey]:
    """(y, x) of each pixel's centre, about -1 to 1 along the shorter side, off the centre by some pixels."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    half = min(height, width) / 2
    return (y + 0.5 - height / 2 - 2) / half, (x + 0.5 - width / 2 - 3) / half


def _picture(canvas: Grey) -> Picture:
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)


def _inked(name: str, mark: npt.NDArray[np.bool_]) -> Iterator[tuple[str, Picture]]:
    """Dark on light and light on dark: PDQ does not see how dark."""
    yield f"{name}-dark", _picture(np.where(mark, 128, 255))
    yield f"{name}-light", _picture(np.where(mark, 255, 128))


def _slopes() -> Iterator[tuple[str, Picture]]:
    """Slopes that are not along the axes. Of one grey, or a slope along an axis, all coefficients are nil: its PDQ is
    rounding, or all zeros with some tools, which `suspects` refuses by their count; its quality is 0 anyway."""
    y, x = _grid()
    far = np.hypot(x, y) / 1.45
    for name, slope in (("diagonal", (x + y) / 2), ("corner", (x + 1) * (y + 1) / 2 - 1), ("radial", 1 - 2 * far)):
        yield f"gradient-{name}-up", _picture(127.5 + 127.5 * slope)
        yield f"gradient-{name}-down", _picture(127.5 - 127.5 * slope)
    yield "vignette", _picture(255 - 255 * far**3)


def _avatars() -> Iterator[tuple[str, Picture]]:
    """A head and shoulders on a plain ground, square or in a disc."""
    y, x = _grid()
    disc = np.hypot(x, y) <= 1
    for name, head_y, head_r, body_y, body_x, body_r in (
        ("low", -0.25, 0.38, 0.95, 0.75, 0.62),
        ("high", -0.30, 0.30, 0.90, 0.60, 0.60),
        ("wide", -0.15, 0.45, 1.10, 0.95, 0.60),
    ):
        figure = np.hypot(x, y - head_y) <= head_r
        figure |= (x / body_x) ** 2 + ((y - body_y) / body_r) ** 2 <= 1
        yield from _inked(f"avatar-{name}", figure)
        yield f"avatar-{name}-disc-light", _picture(np.where(disc, np.where(figure, 255, 128), 255))
        yield f"avatar-{name}-disc-dark", _picture(np.where(disc, np.where(figure, 96, 192), 255))


def _placeholders() -> Iterator[tuple[str, Picture]]:
    """A framed cross; "no picture here": hills with a sun in a frame; a camera."""
    y, x = _grid()
    edge = np.maximum(np.abs(x), np.abs(y))
    for width in (0.03, 0.1):
        cross = np.minimum(np.abs(x - y), np.abs(x + y)) < width
        yield from _inked(f"cross-{width}", cross | (edge > 1 - width))
    for size in (0.45, 0.7, 0.9):
        px, py = x / size, y / size
        box = np.maximum(np.abs(px), np.abs(py) * 1.25)
        hills = (py > 1.3 * np.abs(px + 0.25) - 0.2) | (py > 1.3 * np.abs(px - 0.45) - 0.35)
        scene = (np.hypot(px + 0.45, py + 0.4) < 0.18) | (hills & (py < 0.7))
        yield from _inked(f"missing-{size}", ((box < 1) & scene) | ((box < 1) & (box > 0.9)))
        camera = (np.abs(px) < 0.9) & (np.abs(py) < 0.6) | (np.abs(px) < 0.3) & (py < 0) & (py > -0.8)
        yield from _inked(f"camera-{size}", camera & (np.abs(np.hypot(px, py - 0.05) - 0.34) > 0.06))


def _play_buttons() -> Iterator[tuple[str, Picture]]:
    """A triangle, bare, in a disc, ring or box, on a plain ground; square and 16:9."""
    for shape, height, width in (("square", SIDE, SIDE), ("wide", 180, 320)):
        y, x = _grid(height, width)
        for size in (0.25, 0.4, 0.6, 0.85):
            px, py = x / size, y / size
            sign = (px > -0.4) & (np.abs(py) < (0.7 - px) * 0.6)
            away = np.hypot(px, py)
            yield from _inked(f"play-{shape}-{size}", sign)
            yield from _inked(f"play-{shape}-{size}-disc", (away < 1) & ~sign)
            yield from _inked(f"play-{shape}-{size}-ring", (np.abs(away - 0.95) < 0.09) | sign)
            yield from _inked(f"play-{shape}-{size}-box", (np.maximum(np.abs(px) / 1.3, np.abs(py)) < 0.9) & ~sign)
