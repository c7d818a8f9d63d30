"""One medium, one index, its verdicts: what live matching, retro-matching and a provider's question share."""

from collections.abc import Mapping, Sequence, Set

import numpy as np

from contracts.messages import DigestRecord, MediaDigests
from contracts.settings import Matching
from contracts.vault import EntryFacts, HashBlock, MatchRow, Pair, StoredMedia
from hasher.agreement import FORMS, whole
from hasher.decide import FrameHit, Medium, decide
from hasher.index import Index, Reverse


def evidence(index: Index, records: Sequence[DigestRecord | StoredMedia], quality: int) -> list[list[FrameHit]]:
    """The hits of each record. The forms of all frames of at least `quality` are asked together."""
    found: list[list[FrameHit]] = []
    asked: list[tuple[int, int, int]] = []  # record, frame, turn of each hash
    hashes: list[bytes] = []
    for number, record in enumerate(records):
        digests = (("sha256", record.sha256), ("sha1", record.sha1), ("md5", record.md5))
        found.append([FrameHit(hit) for name, digest in digests for hit in index.exact(name, digest)])
        for frame_number, frame in enumerate(record.media.frames):
            if frame.quality >= quality and whole(frame.forms):
                hashes += frame.forms
                asked += [(number, frame_number, turn) for turn in range(FORMS)]
    for hit in index.near(hashes):
        number, frame_number, turn = asked[hit.query]
        found[number].append(FrameHit(hit, frame_number, turn))
    return found


def verdicts(
    records: Sequence[DigestRecord | StoredMedia],
    found: Sequence[Sequence[FrameHit]],
    settings: Matching,
    facts: Mapping[int, EntryFacts],
    suppressed: Set[Pair],
    stopped: Set[bytes] = frozenset(),
) -> list[MatchRow]:
    """Decide for each record over its hits; `facts` of the entries hit, `suppressed` are pairs that people have refused,
    `stopped` the digests that count no more in videos."""
    rows: list[MatchRow] = []
    for record, hits in zip(records, found, strict=True):
        if hits:
            refused = {hit.hit.entry_id for hit in hits if (record.sha256, hit.hit.entry_id) in suppressed}
            rows += decide(
                medium(record),
                hits,
                facts,
                refused,
                stopped,
                radius=settings.pdq_distance,
                quality=settings.pdq_quality,
            )
    return rows


def resembling(entries: Reverse | Index, block: HashBlock) -> set[int]:
    """Numbers of the stored media of which some form is near an entry; what the rules make of it is still to be decided."""
    if isinstance(entries, Reverse):
        frames = set((entries.search(block.hashes)[:, 0] // FORMS).tolist())
    else:
        frames = {hit.query // FORMS for hit in entries.near_joined(block.hashes)}
    return set(np.frombuffer(block.media_ids, "<i8")[sorted(frames)].tolist())


def medium(record: DigestRecord | StoredMedia) -> Medium:
    """What `hasher.decide` needs of a record."""
    media: MediaDigests = record.media
    return Medium(record.sha256, record.size, media.width, media.height, media.duration, media.frames)
