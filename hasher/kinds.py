"""What media bytes are, by their first bytes alone: a server's media type and a file's name prove nothing."""

from typing import Final

PICTURES: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/vnd.microsoft.icon": "ICO",
}
"""Media type to Pillow's name of the one plugin that may read it."""

VIDEOS: Final = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
}
"""Media type to FFmpeg's name of the one demuxer that may read it."""

_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"\0\0\1\0", "image/vnd.microsoft.icon"),
)
_BARE_QUICKTIME: Final = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_NOT_VIDEO: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"crx ", b"jp2 ", b"jpx ")
_HEAD: Final = 256


def media_kind(data: bytes | bytearray | memoryview) -> str:
    """The media type of `data` if `hasher.decode` can read such media, otherwise an empty string."""
    head = bytes(data[:_HEAD])
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head else "video/x-matroska"
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    return "video/quicktime" if head[4:8] in _BARE_QUICKTIME else ""


def _iso_media(head: bytes) -> str:
    """By major and compatible brands (ISO/IEC 14496-12, 4.3); HEIC and raw photographs are none of ours."""
    size = min(max(int.from_bytes(head[:4]), 16), _HEAD)
    brands = [head[at : at + 4] for at in (8, *range(16, size - 3, 4))]
    if b"avif" in brands or b"avis" in brands:
        return "image/avif"
    if brands[0] in _NOT_VIDEO:
        return ""
    return "video/quicktime" if brands[0] == b"qt  " else "video/mp4"
