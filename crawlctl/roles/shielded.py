"""What Shield looks things up by (`contracts.shielding.Lookup`): an index of its own, the vault's word on what it hits, the hasher's rules.

Questions that come at about the same time are looked up together. Nothing is counted, stored or matched backwards: of frames that
many videos show it is only read that they count no more.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from backends.postgres.vault_shield import Shielded, VaultShield
from contracts.messages import FrameDigest, MediaDigests
from contracts.settings import Matching
from contracts.shielding import Finding, Looked, Probe, Question
from contracts.vault import MatchRow, StoredMedia
from hasher.agreement import FORMS, whole
from hasher.decide import FrameHit
from hasher.lookup import evidence, verdicts
from hasher.service.keeper import Keeper

TOGETHER: Final = 16
"""Media looked up at a time."""
MANY: Final = 100_000
"""PDQs of an index from which it is searched in a thread."""
STALE: Final = 60.0
"""Seconds without news of the lists after which nothing is looked up."""
UNKNOWN_SIZE: Final = 2**62
"""Of a file whose size was not told: neither tiny nor equal to any."""
NO_MEDIA: Final = MediaDigests("")


class IndexLookup:
    """Looks up in what `keeper` keeps. `run` must run while anything is asked."""

    def __init__(self, vault: VaultShield, keeper: Keeper, settings: Matching) -> None:
        self._vault, self._keeper, self._settings = vault, keeper, settings
        self._queue: asyncio.Queue[tuple[Question, asyncio.Future[Looked]]] = asyncio.Queue()
        self.started = False

    def waits(self) -> str:
        """Why nothing can be looked up; empty if it can."""
        if not self.started:
            return "the known lists are being loaded"
        return "there is no news of the known lists" if self._keeper.age > STALE else ""

    async def look(self, question: Question) -> Looked:
        """Wait for one's turn, with whoever asks besides."""
        done: asyncio.Future[Looked] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((question, done))
        return await done

    async def run(self) -> None:
        """Look up what is asked, as much as has come together."""
        while True:
            asked = [await self._queue.get()]
            while len(asked) < TOGETHER and not self._queue.empty():
                asked.append(self._queue.get_nowait())
            asked = [one for one in asked if not one[1].done()]
            try:
                found = await self.look_many([question for question, _ in asked])
            except Exception as error:  # theirs to handle: whoever asks next may be luckier
                for _, done in asked:
                    if not done.done():
                        done.set_exception(error)
                continue
            for (_, done), looked in zip(asked, found, strict=True):
                if not done.done():
                    done.set_result(looked)

    async def look_many(self, questions: Sequence[Question]) -> list[Looked]:
        """What explains each of them."""
        records = [_record(question) for question in questions]
        index = self._keeper.index
        if index.pdqs >= MANY and any(record.media.frames for record in records):
            found = await asyncio.to_thread(evidence, index, records, self._settings.pdq_quality)
        else:
            found = evidence(index, records, self._settings.pdq_quality)
        return await self._decided(questions, records, found)

    async def look_pdq(self, hashes: Sequence[bytes]) -> list[Looked]:
        """What each of these is near, as it was given: nobody has its other forms."""
        index = self._keeper.index
        hits = await asyncio.to_thread(index.near, hashes) if index.pdqs >= MANY else index.near(hashes)
        found: list[list[FrameHit]] = [[] for _ in hashes]
        for hit in hits:
            found[hit.query].append(FrameHit(hit))
        frames = [[FrameDigest([pdq] * FORMS, 100)] for pdq in hashes]
        records = [StoredMedia(0, b"", b"", b"", UNKNOWN_SIZE, MediaDigests("", frames=frame)) for frame in frames]
        looked = await self._decided([Question() for _ in hashes], records, found)
        return [
            Looked(one.findings, [Probe(pdq, tuple((entry, pdq) for entry, _ in probe.near)) for probe in one.probes])
            for pdq, one in zip(hashes, looked, strict=True)
        ]

    async def _decided(
        self, questions: Sequence[Question], records: Sequence[StoredMedia], found: Sequence[Sequence[FrameHit]]
    ) -> list[Looked]:
        """By the hasher's rules, over what the vault says now. What is held, and what known-good lists have, is told to nobody."""
        facts: dict[int, Shielded] = {}
        rows: list[list[MatchRow]] = [[] for _ in questions]
        if any(found):
            facts = await self._vault.facts(sorted({one.hit.entry_id for hits in found for one in hits}))
            pairs = {
                (record.sha256, one.hit.entry_id) for record, hits in zip(records, found, strict=True) for one in hits
            }
            refused = await self._vault.suppressed(sorted(pair for pair in pairs if pair[0]))
            near = {one.hit.digest for hits in found for one in hits if one.hit.algorithm == "pdq"}
            stopped = await self._vault.stopped(sorted(near))
            plain = {entry_id: known.facts for entry_id, known in facts.items()}
            rows = [
                [row for row in verdicts([record], [hits], self._settings, plain, refused, stopped) if not row.held]
                for record, hits in zip(records, found, strict=True)
            ]
            told = [number for number, some in enumerate(rows) if some]
            for number in await self._vault.good([questions[number] for number in told]) if told else ():
                rows[told[number]] = []
        return [
            Looked([_finding(row, facts[row.entry_id]) for row in some], self._probes(record, hits, some))
            for record, hits, some in zip(records, found, rows, strict=True)
        ]

    def _probes(self, record: StoredMedia, hits: Sequence[FrameHit], rows: Sequence[MatchRow]) -> list[Probe]:
        """The pictures of a medium with the entries that they are seen to be near: in an answer, that is."""
        told = {row.entry_id for row in rows if row.near}
        nearest: dict[tuple[int, int], FrameHit] = {}
        for one in hits:
            place = one.frame, one.hit.entry_id
            if one.hit.algorithm != "pdq" or one.hit.entry_id not in told:
                continue
            if one.hit.distance <= min(self._settings.pdq_distance, nearest.get(place, one).hit.distance):
                nearest[place] = one
        probes = []
        for number, frame in enumerate(record.media.frames):
            if frame.quality >= self._settings.pdq_quality and whole(frame.forms):
                near = tuple((entry, frame.forms[one.turn]) for (at, entry), one in nearest.items() if at == number)
                probes.append(Probe(b"".join(frame.forms), near))
        return probes


def _record(question: Question) -> StoredMedia:
    size = question.size if question.size or question.media is not None else UNKNOWN_SIZE
    return StoredMedia(0, question.sha256, question.sha1, question.md5, size, question.media or NO_MEDIA)


def _finding(row: MatchRow, known: Shielded) -> Finding:
    """`at` is the first frame's: which one is nearest would tell a distance."""
    at = min((one.at for one in row.evidence), default=row.at) if row.near else 0.0
    return Finding(row.entry_id, row.near, known.kind, known.legality, at, known.sha1, known.sha256)
