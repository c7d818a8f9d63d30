"""A source that answers in pages: asked, read, sealed, stored with the cursor, until its last range is drained.

What a page is for the cursor is `hasher.exchange.reading`'s business. A page that cannot be read is asked for again by the
table of `retry`, then asked for otherwise; what is left out in the end is one bad record, and asked for by the next sync.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from contracts.errors import Corrupt, PisauraError, UsageError
from contracts.lists import ListVault, NewEntry, SourceView
from contracts.ports import Clock
from contracts.refusals import Reason, Refusal, refuse
from hasher.exchange import reading as machine
from hasher.exchange.protocol import Protocol
from hasher.exchange.reading import Reading
from hasher.exchange.retry import Trouble
from hasher.formats.format import About, Page
from hasher.lists import BadLine, hold_other_kinds
from hasher.sources.client import Answer, Chance, Client, Failed, Rejected
from hasher.sources.credentials import Credentials
from hasher.sources.report import ImportReport
from hasher.sources.sealing import Sealing

Parse = Callable[[bytes, About], Page]
DAY: Final = 86_400


class Got(Struct):
    """A page that was read, and its entries as they may be stored."""

    page: Page
    entries: list[NewEntry]
    date: float
    size: int


class Pages:
    """One sync of one list. `parse` turns an answer into a page; UsageError and Corrupt say that it is none."""

    def __init__(
        self, view: SourceView, protocol: Protocol, parse: Parse, vault: ListVault, sealing: Sealing, client: Client,
        login: Credentials, clock: Clock, chance: Chance, progress: Callable[[ImportReport], None],
    ) -> None:  # fmt: skip
        self.source, self.protocol, self.parse = view.source, protocol, parse
        self.vault, self.sealing, self.client, self.login = vault, sealing, client, login
        self.clock, self.chance, self.progress = clock, chance, progress
        self.reading = machine.begin(protocol, view.source.location, view.cursor, clock())
        self.about = About(f"an answer of {self.reading.root}", view.source.name, view.source.mapping)
        self.report = ImportReport(view.source.name, 0)

    async def run(self) -> ImportReport:
        """All of it. Whatever ends it, what was stored stays, and the next sync goes on from there."""
        number = await self.vault.begin_import(self.source, self.reading.root, self.clock())
        try:
            await self._warn(number)
            while not self.reading.done:
                await self._step(number)
        except BaseException as error:
            why = str(error) if isinstance(error, PisauraError) else type(error).__name__
            await asyncio.shield(self.vault.end_import(number, self.clock(), why))
            raise
        await self.vault.end_import(number, self.clock())
        return self.report

    async def _step(self, number: int) -> None:
        """One request with all its tries, and what follows from it."""
        try:
            got = await self.client.persist(self._ask, self.chance)
        except Rejected:
            if not self.reading.kept.token:
                raise
            await self._keep(number, machine.worn_out(self.reading))
        except Failed as error:
            if error.trouble == Trouble.GARBLED:
                await self._go_round(number, error)
            elif error.status == 500 and self.reading.kept.token:  # as some sources answer a token that is no more
                await self._keep(number, machine.worn_out(self.reading))
            else:
                raise
        else:
            batch = got.page.batch
            after = machine.took(
                self.reading,
                got.page.following,
                _seconds(got.page.until),
                len(batch.entries) + len(batch.bad),
                got.date,
            )
            await self._keep(number, after, got)

    async def _ask(self) -> Got:
        answer, body = await self.client.page(machine.request(self.reading), self.login, self.protocol.word)
        return await asyncio.to_thread(self._read, answer, body)

    def _read(self, answer: Answer, body: bytes) -> Got:
        try:
            page = self.parse(body, self.about)
        except (UsageError, Corrupt) as error:
            raise Failed(Trouble.GARBLED, str(error)) from None
        hold_other_kinds(page.batch.entries, self.source.kind)
        return Got(page, [self.sealing.entry(entry) for entry in page.batch.entries], answer.date, len(body))

    async def _go_round(self, number: int, error: Failed) -> None:
        """Ask otherwise for what cannot be read; what cannot be asked for otherwise is one bad record."""
        start, until = self.reading.kept.start, self.reading.kept.until
        try:
            after, left_out = machine.unreadable(self.reading)
        except Corrupt:
            await self._keep(number, self.reading, bad=refuse(Reason.BAD_PAGE, str(error)))
            raise
        bad = refuse(Reason.BAD_PAGE, f"from {start} to {until} (unix seconds), asked for again next time: {error}")
        await self._keep(number, after, bad=bad if left_out else None)

    async def _warn(self, number: int) -> None:
        """Say it if the source has forgotten deletions that we never heard of."""
        if age := machine.forgotten(self.reading):
            why = (
                f"the last complete sync was {age // DAY} days ago; the source tells deletions for fewer days than that"
            )
            await self._keep(number, self.reading, bad=refuse(Reason.DELETIONS_FORGOTTEN, why))

    async def _keep(self, number: int, after: Reading, got: Got | None = None, bad: Refusal | None = None) -> None:
        """Store a page with the cursor that follows from it, in one transaction; only then it is followed."""
        report = self.report
        batch = got.page.batch if got is not None else None
        lines = (batch.lines or len(batch.entries) + len(batch.bad)) if batch else 0
        wrong = [BadLine(report.lines + one.line, one.column, one.refusal) for one in batch.bad] if batch else []
        if bad is not None:
            lines += 1
            wrong.append(BadLine(report.lines + lines, 0, bad))
        entries = got.entries if got is not None else []
        held = sum(1 for entry in entries if entry.held)
        step = report.step(got.size if got else 0, lines, wrong, held, machine.saved(after))
        stored = await self.vault.add_entries(number, entries, step, self.clock())
        self.reading = after
        report.add(step, stored, len(entries), wrong)
        self.progress(report)


def _seconds(word: str) -> int:
    """The source's word for a time, where it is a number of seconds; 0 for any other."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 12 else 0
