"""Matches as people may see them: places are opened here, on loopback plainly, elsewhere only for a stated purpose."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from backends.postgres.operator import OperatorStore
from backends.postgres.vault_reads import VaultReads
from contracts.errors import Corrupt
from contracts.location import opened_place
from contracts.seal import Opener
from contracts.sites import bucket_of
from contracts.urls import Url, host_id, parse, ref, unref, url_id
from contracts.vault import Agreement, MatchView

PAGE = 500
SEALED = "(sealed; say why you need it with --purpose)"
UNOPENED = "(cannot be opened with these keys)"
KEYLESS = "(sealed; cluster.keys names no keys that open it)"

Revealed = Callable[[int], Awaitable[None]]


async def _untold(_places: int) -> None:
    """For who reveals nothing."""


TURNS = (
    "as shown",
    "turned 90",
    "turned 180",
    "turned 270",
    "mirrored",
    "mirrored, turned 90",
    "mirrored, turned 180",
    "mirrored, turned 270",
)


async def matches(
    vault: VaultReads,
    crawl: OperatorStore,
    opener: Opener | None,
    *,
    reveal: bool,
    places: Sequence[bytes] | None = None,
    revealed: Revealed = _untold,
) -> AsyncGenerator[dict[str, Any], None]:
    """One dictionary a (place, entry), of all places or only of `places`.

    Without `opener`, places and pages are not shown at all. `reveal`: a purpose was stated, so places off loopback are shown
    too. `revealed` is told how many of them come next, before any does.
    """
    batch: list[MatchView] = []
    async for view in vault.matches(places):
        batch.append(view)
        if len(batch) >= PAGE:
            for row in await _rows(batch, crawl, opener, reveal, revealed):
                yield row
            batch = []
    for row in await _rows(batch, crawl, opener, reveal, revealed):
        yield row


async def _rows(
    views: list[MatchView], crawl: OperatorStore, opener: Opener | None, reveal: bool, revealed: Revealed
) -> list[dict[str, Any]]:
    opened = [_opened(view.sealed, opener) for view in views]
    urls = [url for url, _ in opened]
    references = {
        url.text: ref(bucket_of(url.host), host_id(url.host), url_id(url.text)) for url in urls if url is not None
    }
    found_on = await crawl.found_on([unref(reference) for reference in references.values()])
    pages = await crawl.locations(sorted({page for found in found_on.values() for page in found}))
    here = set(pages.values()) | {url.text for url in urls if url is not None}
    hosts = {text: parsed.host for text in here if isinstance(parsed := parse(text), Url)}
    loopback = await crawl.loopback(sorted(set(hosts.values())))
    open_ = {text for text, host in hosts.items() if reveal or host in loopback}
    if others := sum(1 for text in open_ if hosts[text] not in loopback):
        await revealed(others)
    return [
        _row(
            view,
            url,
            address,
            [pages[p] for p in found_on.get(url_id(url.text), []) if p in pages] if url else [],
            opener,
            open_,
        )
        for view, (url, address) in zip(views, opened, strict=True)
    ]


def _opened(sealed: bytes, opener: Opener | None) -> tuple[Url | None, str]:
    """(URL, server address) of a place, as far as it can be opened."""
    try:
        text, address = opened_place(opener.open(sealed)) if opener else ("", "")
    except Corrupt:
        return None, ""
    url = parse(text) if text else None
    return (url, address) if isinstance(url, Url) else (None, "")


def turned(turn: int) -> str:
    """A form in words."""
    return TURNS[turn] if 0 <= turn < len(TURNS) else str(turn)


def _agreement(one: Agreement) -> dict[str, Any]:
    """A frame that agrees, as --json shows it."""
    return {
        "at": one.at, "distance": one.distance, "turn": turned(one.turn), "quality": one.quality, "digest": one.digest.hex()
    }  # fmt: skip


def _row(
    view: MatchView, url: Url | None, address: str, pages: list[str], opener: Opener | None, open_: set[str]
) -> dict[str, Any]:
    series = ""
    if opener and view.series_sealed and url is not None and url.text in open_:
        try:
            series = opener.open(view.series_sealed)
        except Corrupt:
            series = view.series_id.hex()
    elif view.series_id:
        series = view.series_id.hex()
    return {
        "url": (url.text if url.text in open_ else SEALED) if url else UNOPENED if opener else KEYLESS,
        "address": address if url and url.text in open_ else "",
        "found_on": [page if page in open_ else SEALED for page in pages],
        "algorithm": view.algorithm,
        "digest": view.digest.hex(),
        "distance": view.distance,
        "quality": view.quality,
        "turn": turned(view.turn),
        "strength": "near" if view.near else "exact",
        "review": view.near,
        "band": view.band,
        "frames": view.frames,
        "at": view.at,
        "evidence": [_agreement(one) for one in view.evidence],
        "list": view.lists[0] if view.lists else "",
        "lists": view.lists,
        "entry": view.entry,
        "category": view.category,
        "series": series,
        "standing": view.standing,
        "counts": view.counts,
        "why": view.why,
        "media_type": view.media_type,
        "sha256": view.sha256.hex(),
        "first_seen": view.first_seen,
        "last_seen": view.last_seen,
    }
