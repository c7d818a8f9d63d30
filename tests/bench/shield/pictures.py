"""JPEGs of one megapixel, each another file: some scenes, with other bytes after their end."""

from collections.abc import Iterator
from io import BytesIO

from tests.bench.images import DIFFERENT, SHAPE
from tests.pictures import picture

UNKNOWN = 10_000
"""Scenes that the lists of benches did not grow from: most of what providers ask is known to nobody."""


def pictures(first: int) -> Iterator[bytes]:
    """Endlessly many; `first` makes another row of them."""
    scenes = []
    for seed in range(DIFFERENT):
        file = BytesIO()
        picture(UNKNOWN + seed, *SHAPE).save(file, "JPEG", quality=85)
        scenes.append(file.getvalue())
    number = first
    while True:
        yield scenes[number % DIFFERENT] + number.to_bytes(8)
        number += 1
