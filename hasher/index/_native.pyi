from typing import Any

import numpy.typing as npt

Buffer = npt.NDArray[Any]

VERSION: int

def sort(keys: Buffer, bits: int, starts: Buffer, order: Buffer, /) -> None: ...
def brute(rows: Buffer, queries: Buffer, radius: int, /) -> bytes: ...
def search(
    rows: Buffer,
    queries: Buffer,
    radius: int,
    chunks: Buffer,
    masked: Buffer,
    masks: Buffer,
    starts: Buffer,
    order: Buffer,
    /,
) -> bytes: ...
def locate(keys: Buffer, rest: Buffer, digest: bytes, /) -> tuple[int, int]: ...
def reverse(
    stored: Buffer,
    rows: Buffer,
    radius: int,
    chunks: Buffer,
    coarse: int,
    bitmaps: Buffer,
    starts: Buffer,
    items: Buffer,
    /,
) -> bytes: ...
def trim() -> None: ...
