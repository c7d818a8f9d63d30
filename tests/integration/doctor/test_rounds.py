"""All checks of a state, and of settings that name nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backends.postgres.crawl_setup import prepare
from backends.postgres.supervisor import Supervisor
from contracts.settings import Settings
from crawlctl.doctor.findings import Finding, Verdict
from crawlctl.doctor.rounds import of_cluster, of_state
from crawlctl.state import KEYS, load_keys
from tests.integration.crawls import STORAGE


async def by_check(findings: AsyncIterator[Finding]) -> dict[str, Finding]:
    return {finding.check: finding async for finding in findings}


@pytest.fixture
async def state(tmp_path: Path) -> Path:
    """A state of four partitions, which nobody uses."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    load_keys(folder, create=True)
    async with Supervisor(folder, STORAGE) as server:
        await prepare(server, 4)
    return folder


async def test_a_state(state: Path) -> None:
    found = await by_check(of_state(replace(Settings(), storage=STORAGE), state))
    assert [*found] == [
        "settings", "contact", "keys", "postgres", "crawl", "crawl user", "crawl migrations", "crawl doors",
        "crawl rights", "suffix list", "partitions", "clock of Postgres", "vault", "vault user", "vault migrations",
        "vault doors", "vault rights", "vault shut", "crawl shut", "cases", "recipients", "senders", "audit anchor", "people",
        "address guard", "core dumps", "open files", "index", "disk",
    ]  # fmt: skip
    assert {name for name, one in found.items() if one.verdict is not Verdict.OK} - {"disk"} == {
        "contact", "cases", "recipients", "senders",
    }  # fmt: skip
    assert "retention" in found["cases"].found and "operator.name" in found["senders"].found
    assert "4" in found["partitions"].found


async def test_a_state_whose_keys_others_may_read_and_whose_server_cannot_start(state: Path) -> None:
    (state / KEYS).chmod(0o644)
    (state / "postgres" / "data" / "PG_VERSION").unlink()
    found = await by_check(of_state(replace(Settings(), storage=STORAGE), state))
    assert found["keys"].verdict is found["postgres"].verdict is Verdict.FAILED
    assert "postgres.log" in found["postgres"].todo
    assert "crawl" not in found
    assert found["address guard"].verdict is Verdict.OK


async def test_settings_that_name_nothing() -> None:
    found = await by_check(of_cluster(Settings(), None, {}))
    assert [*found] == ["settings", "contact", "keys", "address guard", "core dumps", "open files", "index"]
