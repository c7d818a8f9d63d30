"""A hotline for the synthetic web: a verified list that two people let lead to notices, whom to tell, and days that pass in seconds."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from backends.postgres.vault_accounts import VaultAccounts
from backends.postgres.vault_desk import PostgresDesk
from backends.postgres.vault_lists import PostgresLists
from backends.postgres.vault_store import open_pool
from contracts.desk import Person
from contracts.lists import ListSource
from contracts.settings import Lists, Settings
from crawlctl.lists.imports import sealing_of
from crawlctl.state import State
from hasher.sources.file import import_file
from hasher.sources.report import ImportReport
from tests.fakeweb.removal import MANNERS, abuse_of, host_of

COUNTRY = "CA"
NETWORK = "127.20.0.0/16"
HOSTING = "abuse@loopback-hosting.example"
"""Who is told of all hosts that have no manners of their own."""
LIST = "known"
PEOPLE = (("anna", "operator"), ("bert", "operator"), ("carol", "supervisor"), ("dora", "analyst"), ("emil", "analyst"))
OPERATOR = {
    "name": "Example Hotline", "country": COUNTRY, "mandate": "Designated under the Example Act, section 4",
    "contact": "hotline@hotline.example", "appeal": "appeals@hotline.example",
}  # fmt: skip


def overrides(apis: Mapping[str, str] = {}) -> str:
    """Recipients of the synthetic web, as TOML; `apis` are names of providers' APIs by manner."""
    rows = []
    for manner in MANNERS:
        channel, contact = ("webhook", apis[manner]) if manner in apis else ("email", abuse_of(manner))
        rows.append(
            f'[[host]]\nhost = "{host_of(manner)}"\nclass = "host"\nname = "{manner.capitalize()} Hosting"\nchannel = "{channel}"\n'
            f'contact = "{contact}"\ncountry = "{COUNTRY}"\nhosting = "{COUNTRY}"\n'
        )
    rows.append(
        f'[[network]]\ncidr = "{NETWORK}"\nclass = "host"\nname = "Loopback Hosting"\nchannel = "email"\ncontact = "{HOSTING}"\n'
        f'country = "{COUNTRY}"\nhosting = "{COUNTRY}"\n'
    )
    return "\n".join(rows)


def settings(folder: Path, apis: Mapping[str, str] = {}, **notices: Any) -> dict[str, dict[str, Any]]:
    """Write what settings name into a folder; the groups of settings, with days of two seconds. `notices` are laid over."""
    (folder / "overrides.toml").write_text(overrides(apis))
    writer = MMDBWriter(6, "Test-Country", ipv4_compatible=True)
    writer.insert_network(IPSet([NETWORK]), {"country": {"iso_code": COUNTRY}})
    writer.to_db_file(str(folder / "countries.mmdb"))
    return {
        "operator": dict(OPERATOR),
        "lists": {"countries": str(folder / "countries.mmdb"), "flood_sites": 10_000},
        "notices": {
            "auto": True, "overrides": str(folder / "overrides.toml"), "baseline_within": "1s", "others_within": "1s",
            "recipient_every": "2s", "remind": "4s", "entry_recipients": 1000, **notices,
        },
        "rechecks": {"every": "2s", "apart": "2s", "day": "1s", "patience": "20s", "cover": 0.0},
    }  # fmt: skip


async def begin(state: State, known: Path, folder: Path | None = None) -> ImportReport:
    """Add the list by two people and import it; with `folder`, make accounts and write their keys files there."""
    pool = await open_pool(state.vault_dsn(), most=2, serving=False)
    try:
        source = ListSource(LIST, trust="verified", uses=("match", "notify", "shield"))
        desk = PostgresDesk(pool)
        for person in (Person("anna", 1, "desk"), Person("bert", 2, "desk")):
            added = await desk.add(source, person, time.time())
        assert added.done
        report = await import_file(known, source, PostgresLists(pool, Lists()), sealing_of(state), time.time)
    finally:
        await pool.close()
    if folder is not None:
        await accounts(state, folder)
    return report


async def accounts(state: State, folder: Path) -> dict[str, Path]:
    """An account for each of `PEOPLE`, their keys files as NAME.key in a folder."""
    pool = await open_pool(state.server.dsn("vault", "pisaura_notices"), most=1, serving=False)
    files = {}
    try:
        for name, role in PEOPLE:
            account, password = await VaultAccounts(pool).add(name, role, "the owner", time.time())
            path = files[name] = folder / f"{name}.key"
            path.touch(0o600)
            path.write_text(json.dumps({"user": account.user, "password": password}))
    finally:
        await pool.close()
    return files


async def made(folder: Path, known: Path, given: Settings, keys: Path | None = None) -> None:
    """A new state with the list, and the accounts if `keys` is a folder for them."""
    async with State(folder, given, exclusive=True, create=True) as state:
        await begin(state, known, keys)
