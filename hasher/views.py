"""One picture on its way from a decoder to a digest, and why there may be none."""

from typing import NamedTuple

from hasher.pdq import Rows


class View(NamedTuple):
    """A decoded picture or frame as stored: `rows` give its pixels, at 1/`scale` of `width` x `height`.

    `orientation` (EXIF, 1..8) says how it is shown, `at` is its time in seconds, `duration` that of the whole video.
    """

    rows: Rows
    width: int
    height: int
    orientation: int = 1
    scale: int = 1
    at: float = 0.0
    duration: float = 0.0


class NoPicture(Exception):
    """These bytes give no picture; `why` is its name in `MediaDigests.why`. Carries nothing of the bytes."""

    why = "undecodable"


class Undecodable(NoPicture):
    """The bytes claim a format that they do not keep to."""


class Unsupported(NoPicture):
    """No decoder here is meant for such bytes."""

    why = "unsupported"


class TooManyPixels(NoPicture):
    """Larger than the setting `matching.max_pixels`, or a side above 65,535."""

    why = "too_many_pixels"


def spaced(count: int, wanted: int) -> list[int]:
    """At most `wanted` of 0..count - 1, in order: the first, the last and evenly spaced ones between them."""
    if count <= wanted:
        return list(range(count))
    if wanted <= 1:
        return [0]
    return [round(index * (count - 1) / (wanted - 1)) for index in range(wanted)]
