"""Decoding sets a limit of Pillow's for its whole process; these tests decode in ours, and give it back."""

from collections.abc import Iterator

import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def pillow_limit() -> Iterator[None]:
    """What other tests find is what they would find without us."""
    before = Image.MAX_IMAGE_PIXELS
    yield
    Image.MAX_IMAGE_PIXELS = before
