"""Hashes as they really are: of pictures and their edits, many of them on the same few templates."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from hasher.index.kernel import KERNELS, Kernel
from hasher.index.words import Words, to_words
from hasher.pdq import pdq
from tests.pictures import edits, picture

SIZE = (128, 96)


@pytest.fixture(params=KERNELS, ids=lambda kernel: kernel.NAME)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    """Each of the kernels that there are here."""
    found: Kernel = request.param
    return found


@pytest.fixture(scope="session")
def clustered() -> Words:
    """Some 1,500 hashes: pictures, crops, blurs, borders, banners, and a template that fills most of the picture."""
    forms = [form for image in _pictures() for form in _forms(image)]
    return to_words(b"".join(dict.fromkeys(forms)))


def _forms(image: Image.Image) -> list[bytes]:
    pixels = np.asarray(image.convert("RGB"))
    return pdq(lambda lo, hi: pixels[lo:hi], *image.size).forms[:2]


def _pictures() -> Iterator[Image.Image]:
    templates = [picture(900 + number, *SIZE) for number in range(3)]
    for seed in range(40):
        image = picture(seed, *SIZE)
        yield from edits(image).values()
        yield image.filter(ImageFilter.GaussianBlur(2))
        for cut in (2, 6):
            yield image.crop((cut, cut, SIZE[0] - cut, SIZE[1] - cut))
        for width in (4, 16):
            bordered = Image.new("RGB", SIZE, "black")
            bordered.paste(image.resize((SIZE[0] - 2 * width, SIZE[1] - 2 * width)), (width, width))
            yield bordered
        for height in (24, 60):
            banner = image.copy()
            ImageDraw.Draw(banner).rectangle((0, SIZE[1] - height, *SIZE), fill="white")
            ImageDraw.Draw(banner).text((4, SIZE[1] - height), "a banner of many pictures", fill="black")
            yield banner
        for template in templates:
            yield Image.blend(template, image, 0.15)
