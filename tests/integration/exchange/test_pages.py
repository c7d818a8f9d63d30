"""hasher.sources.pages: what cannot be read is left out, counted and asked for again; what leads astray ends the sync."""

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.postgres.vault_reads import VaultReads
from contracts.errors import Corrupt, PisauraError, Unavailable, UsageError
from contracts.refusals import Reason
from tests.exchange.faults import Fault
from tests.exchange.server import SECRETS
from tests.exchange.syncs import Databases, Lab, laboratory

SOURCES = ("ncmec", "stopncii", "threatexchange")


def lonely(lab: Lab) -> str:
    """An entry that shares its second with no other."""
    times = [row.changed for row in lab.source.truth.rows.values()]
    return next(name for name, row in lab.source.truth.rows.items() if times.count(row.changed) == 1)


@pytest.mark.parametrize("kind", ["ncmec", "threatexchange"])
async def test_a_page_that_nobody_can_read_costs_itself_alone(databases: Databases, tmp_path: Path, kind: str) -> None:
    async with laboratory(databases, tmp_path, kind, 3, 0.0, 100) as lab:
        poisoned = lab.source.poison = lonely(lab)
        report = await lab.sync()
        assert 1 <= report.bad[Reason.BAD_PAGE] <= 2 and "unix seconds" in report.samples[0].refusal.evidence
        missing = await lab.missing()
        assert len(missing) == 1 and poisoned in next(iter(missing))
        view = next(view for view in await VaultReads(lab.pool).lists() if view.name == kind)
        assert view.bad == report.bad and view.error == "" and view.ended_at
        lab.time.now += 3600
        still = await lab.sync()
        assert still.bad[Reason.BAD_PAGE] == report.bad[Reason.BAD_PAGE]
        lab.source.poison = ""
        lab.time.now += 3600
        assert (await lab.sync()).bad == {}
        assert await lab.missing() == {}


async def test_without_a_way_round_nothing_of_the_range_counts_as_read(databases: Databases, tmp_path: Path) -> None:
    async with laboratory(databases, tmp_path, "stopncii", 3, 0.0, 100) as lab:
        lab.source.poison = lonely(lab)
        with pytest.raises(Corrupt, match="no way around"):
            await lab.sync()
        view = next(view for view in await VaultReads(lab.pool).lists() if view.name == "stopncii")
        assert view.bad == {Reason.BAD_PAGE: 1} and "no way around" in view.error
        assert view.entries > 40  # smaller pages brought what lies before it
        lab.source.poison = ""
        await lab.sync()
        assert await lab.missing() == {}


@pytest.mark.parametrize("kind", SOURCES)
async def test_corrupt_records_are_counted_and_stop_nothing(databases: Databases, tmp_path: Path, kind: str) -> None:
    async with laboratory(databases, tmp_path, kind, 4, 0.0, 30) as lab:
        lab.source.weather.plan = [Fault.JUNK] * 50
        report = await lab.sync()
        assert report.added == 30 and sum(report.bad.values()) >= 2
        numbers = [bad.line for bad in report.samples]
        assert numbers == sorted(set(numbers)) and max(numbers) <= report.lines
        assert await lab.missing() == {}


@pytest.mark.parametrize("kind", ["ncmec", "threatexchange"])
async def test_a_link_to_another_host_is_not_followed(databases: Databases, tmp_path: Path, kind: str) -> None:
    async with laboratory(databases, tmp_path, kind, 4, 0.0, 60) as lab:
        path = "/npo/v2/entries" if kind == "ncmec" else "/v26.0/123/threat_updates"
        make = lab.source._render
        lab.source._render = lambda entries, following, until="": make(  # type: ignore[method-assign]
            entries, following, until or "1700000000"
        ).replace(lab.source.origin.encode(), b"https://evil.example")
        if kind == "ncmec":
            lab.source.next_link = lambda link: f"https://evil.example{path}?start=20"
        with pytest.raises(Corrupt, match=r"evil\.example: refused"):
            await lab.sync()
        assert all(request.startswith(path) for request in lab.source.requests)
        lab.source.next_link, lab.source._render = (lambda link: link), make  # type: ignore[method-assign]
        await lab.sync()
        assert await lab.missing() == {}


async def test_links_that_go_round_end_with_an_error(databases: Databases, tmp_path: Path) -> None:
    async with laboratory(databases, tmp_path, "ncmec", 4, 0.0, 60) as lab:
        lab.source.next_link = lambda link: (
            "/v2/entries?from=2023-11-14T22:13:20Z&to=2026-01-01T00:00:00Z&start=20&max=0"
        )
        with pytest.raises(Corrupt, match="circles"):
            await lab.sync()
        assert len(lab.source.requests) < 60
        lab.source.next_link = lambda link: link
        await lab.sync()
        assert await lab.missing() == {}


async def test_a_source_that_is_away_is_left_for_the_next_time(databases: Databases, tmp_path: Path) -> None:
    async with laboratory(databases, tmp_path, "threatexchange", 4, 0.0, 60) as lab:
        lab.source.weather.plan = [Fault.NONE] + [Fault.DOWN] * 50
        with pytest.raises(Unavailable, match="503"):
            await lab.sync()
        lab.source.weather.plan = []
        await lab.sync()
        assert await lab.missing() == {} and len([r for r in lab.source.requests if "after=" not in r]) == 2


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any library logs, at every level."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


# Issue 5: "Basic / key / token credentials from files, never in logs". Domain, section 4: "no list digest in logs, metrics, errors".
@pytest.mark.parametrize("kind", SOURCES)
async def test_nothing_secret_is_said_anywhere(
    databases: Databases, tmp_path: Path, kind: str, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    said = []
    asyncio.get_running_loop().set_debug(True)
    async with laboratory(databases, tmp_path, kind, 9, 0.5, 100) as lab:
        for turn in range(8):
            lab.source.stop = lambda: None
            if turn == 6:
                (tmp_path / "credentials").write_text("token: another-token-secret\n")
                lab.source.weather.clear()
            try:
                said.append(repr(await lab.sync()))
            except PisauraError as error:
                said += [str(error), repr(error)]
        assert "refuses the credentials in" in said[-2]
        views = await VaultReads(lab.pool).lists()
        bad = await VaultReads(lab.pool).bad_lines(kind)
        digests = [digest.hex() for row in lab.source.truth.rows.values() for _, digest in row.entry.digests]
        cursor = (await lab.lists.source(kind)).cursor
    asyncio.get_running_loop().set_debug(False)
    everything = "".join([*said, repr(views), repr(bad), logged.getvalue(), *capfd.readouterr(), repr(cursor)])
    assert [secret for secret in SECRETS if secret in everything] == []
    assert [digest for digest in digests if digest in everything] == []


async def test_without_credentials_it_says_so(databases: Databases, tmp_path: Path) -> None:
    async with laboratory(databases, tmp_path, "ncmec", 4, 0.0, 5) as lab:
        (tmp_path / "credentials").chmod(0o644)
        with pytest.raises(UsageError, match="chmod 600"):
            await lab.sync()
        assert lab.source.requests == []
