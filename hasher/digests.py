"""Digests of media bytes: PDQ of what a viewer shows, in all eight turns, and the cryptographic ones.

PDQ is that of the full picture. Lists made by tools that first squeeze a picture to 512x512 (the reference's own command
does) can lie up to 44 bits away on flat pictures and screenshots; see `hasher.pdq`.
"""

from collections.abc import Callable
from hashlib import md5, sha1, sha256
from typing import Any

from PIL import Image

from contracts.messages import FrameDigest, MediaDigests
from hasher.decode import views
from hasher.kinds import media_kind
from hasher.pdq import pdq
from hasher.views import NoPicture, TooManyPixels

FRAMES = 8
MAX_PIXELS = 100_000_000


def media_digests(
    data: bytes | memoryview,
    media_type: str = "",
    frames: int = FRAMES,
    max_pixels: int = MAX_PIXELS,
    enough: Callable[[], bool] = lambda: False,
) -> MediaDigests:
    """Decode and digest; never raises, and `why` never holds anything of the bytes.

    `media_type` is what the server said, kept only where the bytes are no media that is known here. Frames that look
    exactly like an earlier one are left out. A failure after the first frame leaves the frames before it.
    """
    kind = media_kind(data)
    found: dict[bytes, FrameDigest] = {}
    width = height = 0
    duration, why = 0.0, "undecodable"
    try:
        for view in views(data, kind, frames, max_pixels, enough):
            digest = pdq(view.rows, view.width, view.height, view.orientation, view.scale)
            found.setdefault(digest.forms[0], FrameDigest(digest.forms, digest.quality, round(view.at, 3)))
            duration = max(view.duration, view.at)
            if not width:
                width, height = (view.height, view.width) if view.orientation > 4 else (view.width, view.height)
    except NoPicture as reason:
        why = reason.why
    except Image.DecompressionBombError:
        why = TooManyPixels.why
    except MemoryError:
        why = "out_of_memory"
    except Exception:  # whatever a decoder makes of hostile bytes
        why = "undecodable"
    return MediaDigests(
        kind or media_type, width, height, list(found.values()), round(duration, 3), "" if found else why
    )


def digest_file_bytes(data: bytes, frames: int = FRAMES, max_pixels: int = MAX_PIXELS) -> dict[str, Any]:
    """What `crawlctl try digest` prints of one file: plain values, ready for JSON.

    `pdq` and `quality` are those of the picture or first frame (absent with a `why`); `frames` has all of them with their
    eight `forms` in hex.
    """
    media = media_digests(data, frames=frames, max_pixels=max_pixels)
    answer: dict[str, Any] = {
        "md5": md5(data, usedforsecurity=False).hexdigest(),
        "sha1": sha1(data, usedforsecurity=False).hexdigest(),
        "sha256": sha256(data).hexdigest(),
        "size": len(data),
        "media_type": media.media_type,
    }
    if not media.frames:
        return answer | {"why": media.why}
    first = media.frames[0]
    answer |= {"pdq": first.forms[0].hex(), "quality": first.quality, "width": media.width, "height": media.height}
    if media.duration:
        answer["duration"] = media.duration
    answer["frames"] = [
        {
            "at": frame.at,
            "quality": frame.quality,
            "pdq": frame.forms[0].hex(),
            "forms": [form.hex() for form in frame.forms],
        }
        for frame in media.frames
    ]
    return answer
