"""URLs in their one canonical form, the ids made of it, and why one is refused.

Canonical is what the WHATWG URL standard's parser makes of the input (by ada), with four rules on top:

1. The fragment is dropped; an empty query is kept, since `/a?` and `/a` are two resources.
2. Percent-encoding is normalised as far as that cannot change the meaning (RFC 3986, 6.2.2.1 and 6.2.2.2): hexadecimal
   digits in upper case, unreserved characters decoded. Nothing is decoded that would make a new triplet with a stray `%`.
3. A host's final dot is kept, as browsers keep it (`example.org.` may be another virtual host); its site is the same.
4. Lone surrogates become U+FFFD, as in any string that a page hands to a browser's parser.

Parsing a canonical URL gives it back unchanged. No function here raises for any text.
"""

import re
from hashlib import blake2b
from struct import Struct as Layout
from typing import Final

from ada_url._ada_wrapper import ffi, lib  # type: ignore[import-not-found]
from msgspec import Struct

from contracts.parameters import Cleaner as Cleaner  # what is derived from a path or a host is found here as well
from contracts.refusals import Reason, Refusal, refuse
from contracts.sites import address_group as address_group
from contracts.sites import bucket_of as bucket_of
from contracts.sites import frozen_site as frozen_site
from contracts.sites import hostname as hostname
from contracts.sites import partition_of as partition_of
from contracts.sites import psl_sha256 as psl_sha256
from contracts.sites import site_of as site_of

MAX_BYTES: Final = 2048
"""Longest canonical URL in bytes, unless settings say otherwise."""

RAW_FACTOR: Final = 8
"""Raw text (without its fragment) over so many times `max_bytes` is refused unparsed: no honest URL shrinks that much."""

# fmt: off
BLOCKED_PORTS: Final = frozenset(
    (
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
        104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513,
        514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720,
        1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    )
)
# fmt: on
"""Ports that browsers block (WHATWG Fetch, "port blocking")."""

_SCHEME: Final = re.compile(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.\-\t\n\r]*):")
_UNTIDY: Final = re.compile(
    r"%(?:[a-f][0-9A-Fa-f]|[0-9A-Fa-f][a-f]|2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)"  # lower case or unreserved
)
_HEX_DIGITS: Final = frozenset("0123456789ABCDEFabcdef")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_REFERENCE: Final = Layout(">Hq16s")


class Url(Struct, frozen=True, gc=False):
    """A canonical URL. `text` is all of it (ASCII); `host` has a port if it is not the default; `path` includes the query."""

    text: str
    https: bool
    host: str
    path: str


def parse(text: str, base: str | None = None, *, max_bytes: int = MAX_BYTES) -> Url | Refusal:
    """The canonical URL of `text`, joined to `base` if one is given, or why it is refused.

    Refusals: SCHEME (not http or https), MALFORMED (no URL by the WHATWG standard, or relative without a base),
    CREDENTIALS, BLOCKED_PORT, URL_TOO_LONG (canonical text over `max_bytes`, or raw text over `RAW_FACTOR` times that).
    A base that is no URL itself counts as none.
    """
    return parse_bytes(text, None if base is None else well_formed(base).encode(), max_bytes)


def parse_bytes(text: str, base: bytes | None, max_bytes: int) -> Url | Refusal:
    """As `parse`, with the base in UTF-8: for those who join many."""
    # The fragment is cut before parsing (its sign stays, so that a blank before it is not taken for the end).
    if (cut := text.find("#")) >= 0:
        text = text[: cut + 1]
    found = _SCHEME.match(text) if ":" in text else None
    if found and (scheme := _bare(found[1])) not in ("http", "https"):
        return refuse(Reason.SCHEME, scheme)
    if len(text) > max_bytes * RAW_FACTOR:
        return refuse(Reason.URL_TOO_LONG, f"{len(text)} characters before parsing, limit {max_bytes} bytes")
    href = _href(text, base)
    if not href.startswith(("http://", "https://")):
        if href:
            return refuse(Reason.SCHEME, href.partition(":")[0])
        return refuse(Reason.MALFORMED, _excerpt(text) if found or base else f"no base for {_excerpt(text)}")
    if (cut := href.find("#")) >= 0:
        href = href[:cut]
    if "%" in href and _UNTIDY.search(href):
        href = _UNTIDY.sub(_tidy, href)
    https = href[4] == "s"
    start = 8 if https else 7
    slash = href.index("/", start)
    host = href[start:slash]
    if "@" in host:
        return refuse(Reason.CREDENTIALS, host.rpartition("@")[2])
    if ":" in host and host[-1] != "]" and int(port := host.rpartition(":")[2]) in BLOCKED_PORTS:
        return refuse(Reason.BLOCKED_PORT, port)
    if len(href) > max_bytes:
        return refuse(Reason.URL_TOO_LONG, f"{len(href)} bytes, limit {max_bytes}")
    return Url(href, https, host, href[slash:])


def _href(text: str, base: bytes | None) -> str:
    """ada's href, or "" if there is no such URL. ada is called without its Python layer: half the time."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = well_formed(text).encode()
    if base is None:
        parsed = lib.ada_parse(data, len(data))
    else:
        parsed = lib.ada_parse_with_base(data, len(data), base, len(base))
    found = lib.ada_get_href(parsed)
    href: bytes = ffi.unpack(found.data, found.length) if found.length else b""
    lib.ada_free(parsed)
    if not href and base is not None and not lib.ada_can_parse(base, len(base)):
        return _href(text, None)
    return href.decode("ascii", "replace")


def well_formed(text: str) -> str:
    """Text as Unicode scalar values: surrogate pairs joined, lone surrogates replaced (Web IDL, USVString)."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _bare(scheme: str) -> str:
    return (scheme if scheme.isprintable() else re.sub("[\t\n\r]", "", scheme)).lower()


def _tidy(found: re.Match[str]) -> str:
    """One percent-encoded triplet in normal form."""
    triplet = found[0].upper()
    character = chr(int(triplet[1:], 16))
    if character not in _UNRESERVED:
        return triplet
    if character in _HEX_DIGITS:
        # "%%34%31" means a stray "%" and "41"; decoded it would read as "A".
        before = found.string[max(0, found.start() - 2) : found.start()]
        if before.endswith("%") or (before.startswith("%") and before[1] in _HEX_DIGITS):
            return triplet
    return character


def _excerpt(text: str) -> str:
    """Enough of a bad URL to find it again, without credentials."""
    return ascii(text.rpartition("@")[2][:120])


def url_id(text: str) -> bytes:
    """BLAKE2b-128 of a canonical URL (16 bytes): nobody can make a decoy that counts as seen."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def host_id(host: str) -> int:
    """BLAKE2b-64 of a canonical host as a signed 64-bit integer (big-endian): the key of Postgres rows."""
    data = blake2b(host.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(data, "big", signed=True)


def ref(bucket: int, host_id: int, url_id: bytes) -> bytes:
    """The 26-byte reference of a URL: bucket (2 bytes), host_id (8), url_id (16), big-endian."""
    return _REFERENCE.pack(bucket, host_id, url_id)


def unref(reference: bytes) -> tuple[int, int, bytes]:
    """(bucket, host_id, url_id) of a reference; `struct.error` if it does not have 26 bytes."""
    bucket, host, url = _REFERENCE.unpack(reference)
    return bucket, host, url


def origin_of(https: bool, host: str) -> str:
    """The origin as text, without a final slash: `https://host`. Also the prefix that makes a URL of a path."""
    return f"https://{host}" if https else f"http://{host}"


def robots_of(https: bool, host: str) -> str:
    """The URL of an origin's robots.txt."""
    return origin_of(https, host) + "/robots.txt"


def facts(text: str, base: str | None = None, *, max_bytes: int = MAX_BYTES) -> dict[str, str | int]:
    """All that is derived from a URL, or the reason it is refused: what `crawlctl try url` prints.

    Keys: `input`, then `url`, `host`, `site`, `url_id` (hex), `bucket`, or `refused` and `evidence`.
    """
    url = parse(text, base, max_bytes=max_bytes)
    if isinstance(url, Refusal):
        return {"input": text, "refused": str(url.reason), "evidence": url.evidence}
    return {
        "input": text,
        "url": url.text,
        "host": url.host,
        "site": site_of(url.host),
        "url_id": url_id(url.text).hex(),
        "bucket": bucket_of(url.host),
    }
