"""Media in memory: hashed while it streams, digested in the sandbox, sealed, forgotten (design, rule 11)."""

from collections import OrderedDict

from contracts.hashes import Hashes
from contracts.location import located
from contracts.messages import DigestRecord, MediaDigests
from contracts.ports import Digester
from contracts.seal import Sealer
from fetchers.outcome import validator
from fetchers.response import Response


class Media:
    """Turns a media body into a sealed record; what was decoded before (by its SHA-256) is not decoded again.

    `remembered` bounds the frames of what was decoded, of about 1 KiB each: a video weighs as much as its frames.
    """

    def __init__(self, digester: Digester, sealer: Sealer, remembered: int = 100_000) -> None:
        self._digester = digester
        self._sealer = sealer
        self._room = remembered
        self._known: OrderedDict[bytes, MediaDigests] = OrderedDict()
        self.decoded = 0
        self.reused = 0

    def content_key(self, sha256: bytes) -> bytes:
        """Tells whether media changed, and nobody what it is (16 bytes)."""
        return self._sealer.content_key(sha256)

    async def record(
        self, url: str, url_id: bytes, media_type: str, response: Response, hashes: Hashes
    ) -> DigestRecord:
        """The sighting of a whole body."""
        sha256, sha1, md5, head = hashes.digests()
        digests = self._known.get(sha256)
        if digests is None:
            digests = await self._digester.digest(response.body, media_type)
            self.decoded += 1
            if digests.frames or digests.why not in ("crashed", "timed_out", "stopped"):
                self._remember(sha256, digests)
        else:
            self._known.move_to_end(sha256)
            self.reused += 1
        return DigestRecord(
            place=self._sealer.place(url_id),
            sealed=self._sealer.seal(located(url, response.address)),
            sha256=sha256,
            sha1=sha1,
            md5=md5,
            size=hashes.size,
            seen_at=response.ended_at,
            media=digests,
            head_sha256=head,
            etag=validator(response.headers.get("ETag")),
            last_modified=validator(response.headers.get("Last-Modified")),
        )

    def _remember(self, sha256: bytes, digests: MediaDigests) -> None:
        """What was used least lately makes room."""
        before = self._known.pop(sha256, None)
        self._room += _weight(before) - _weight(digests)
        self._known[sha256] = digests
        while self._room < 0 and len(self._known) > 1:
            self._room += _weight(self._known.popitem(last=False)[1])


def _weight(digests: MediaDigests | None) -> int:
    return 0 if digests is None else max(1, len(digests.frames))
