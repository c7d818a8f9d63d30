"""hasher.featureless: the shipped set is what the code draws, and it catches what resembles it and nothing else."""

import random
from importlib.resources import files

import numpy as np

from hasher import featureless, pdq
from tests.pictures import picture


def _forms(drawn: featureless.Picture) -> list[bytes]:
    height, width = drawn.shape
    return pdq.pdq(lambda low, high: drawn[low:high], width, height).forms


def _flip(digest: bytes, bits: int, seed: int) -> bytes:
    value = int.from_bytes(digest)
    for bit in random.Random(seed).sample(range(256), bits):
        value ^= 1 << bit
    return value.to_bytes(32)


def test_the_file_holds_what_is_drawn() -> None:
    shipped = [line for line in files("hasher").joinpath("featureless.dat").read_text().splitlines() if line[0] != "#"]
    drawn = list(featureless.dat_lines(_forms))
    assert [line.split()[1:] for line in drawn] == [line.split()[1:] for line in shipped]
    for one, other in zip(drawn, shipped, strict=True):
        # A processor that sums in another order may round a coefficient at the median to the other side.
        apart = (int(one.split()[0], 16) ^ int(other.split()[0], 16)).bit_count()
        assert apart <= 4, f"{one} is drawn, {other} is shipped"


# Domain, section 1: within 31 of the shipped set is quarantined.
def test_within_31_bits_of_the_set_is_suspect() -> None:
    for number, digest in enumerate(featureless.DIGESTS[::40]):
        assert featureless.suspects([_flip(digest, 31, number)]) == [0]
    chance = random.Random(5)
    unlike = [chance.randbytes(32) for _ in range(500)]
    assert featureless.suspects(unlike) == []
    assert featureless.suspects([unlike[0], bytes(32), unlike[1], b"\xff" * 32]) == [1, 3]
    assert featureless.suspects([]) == []


# Domain, section 1: "ones outside 64..192 bits set".
def test_too_few_and_too_many_bits_are_suspect() -> None:
    chance = random.Random(7)

    def with_bits(count: int) -> bytes:
        return sum(1 << bit for bit in chance.sample(range(256), count)).to_bytes(32)

    assert featureless.suspects([with_bits(63), with_bits(64), with_bits(192), with_bits(193)]) == [0, 3]


def test_pictures_with_something_on_them_are_not_suspect() -> None:
    digests: list[bytes] = []
    for seed in range(20):
        pixels = np.asarray(picture(seed).convert("L"))
        digests += _forms(pixels)
    assert featureless.suspects(digests) == []
