"""What is planted is found by its entry, and near misses are not: measured with the plain PDQ of `tests.fakeweb.pdq`."""

from io import BytesIO

import pytest
from PIL import Image

from tests.fakeweb.media import FAR_ENOUGH, NEAR_ENOUGH, TURNS, Gallery
from tests.fakeweb.model import World
from tests.fakeweb.pdq import dihedral, distance, pdq


def shown(data: bytes) -> Image.Image:
    """The picture that a viewer shows."""
    return Image.open(BytesIO(data)).convert("RGB")


@pytest.mark.parametrize("edit", ["smaller", "larger", "recompressed", "cropped", "brighter", "grey", *TURNS])
def test_edits_are_near_their_entry(edit: str) -> None:
    world = World(9)
    item = Gallery(world).edited(edit)
    entry = int(item.entry, 16)
    distances = [distance(entry, pdq(form)) for form in dihedral(shown(item.data))]
    assert min(distances) <= NEAR_ENOUGH + 4
    assert item.turned == (edit in TURNS)
    assert (distances[0] > NEAR_ENOUGH) == item.turned
    assert world.truth.known[-1].algorithm == "pdq"


def test_near_misses_are_far_from_every_entry() -> None:
    world = World(9)
    gallery = Gallery(world)
    for edit in ("smaller", "mirrored"):
        gallery.edited(edit)
    item = gallery.near_miss()
    assert not item.how
    for known in world.truth.known:
        entry = int(known.digest, 16)
        assert all(distance(entry, pdq(form)) > FAR_ENOUGH - 6 for form in dihedral(shown(item.data)))


def test_innocent_pictures_match_nothing() -> None:
    world = World(9)
    gallery = Gallery(world)
    items = [gallery.innocent() for _ in range(6)]
    for edit in ("smaller", "cropped"):
        gallery.edited(edit)
    entries = [int(known.digest, 16) for known in world.truth.known]
    for item in items:
        nearest = min(distance(entry, pdq(form)) for entry in entries for form in dihedral(shown(item.data)))
        assert nearest > 60
